"""Newsletter programs played on this machine: they keep who is on a list, and answer as their documentation says.

`faults` are answers for the next requests, before anything is done, or a function that plays one.
"""

import hashlib
import json
import socket
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.mail.outbound.hosts import good

LATER = "2026-12-01T12:00:00Z"


@dataclass
class Asked:
    """One request as a program reads it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)

    @property
    def params(self) -> Any:
        """What CiviCRM's `params` says."""
        return json.loads(parse_qs(self.body.decode())["params"][0])


def read(heard: bytes) -> Asked:
    """A request from its bytes."""
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    method, target, _ = first.split()
    path, _, query = target.partition("?")
    headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
    flat = {name: texts[0] for name, texts in parse_qs(query).items()}
    return Asked(method, unquote(path), flat, headers, body)


@dataclass
class Member:
    """Somebody there, and what the program was told of them."""

    id: str
    email: str
    status: str = "on"
    told: Any = None
    notes: list[str] = field(default_factory=list)


class Program(ABC):
    """What all have in common."""

    key = "s3cret-us6"
    list_id = "7"

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.faults: list[bytes | Callable[[socket.socket], None]] = []
        self.asked: list[Asked] = []
        self.is_gone = False
        self.left: list[Member] = []

    def add(self, email: str, **more: Any) -> Member:
        """Somebody new."""
        member = Member(self.new_id(email), email, **more)
        self.members[member.id] = member
        return member

    def new_id(self, email: str) -> str:
        """What they are called."""
        return str(len(self.members) + 11)

    def leave(self, email: str) -> None:
        """Somebody presses “unsubscribe” there."""
        member = self.by_email(email)
        assert member
        member.status = "off"
        self.left.append(member)

    def by_email(self, email: str) -> Member | None:
        """Whoever has that address."""
        return next((one for one in self.members.values() if one.email == email), None)

    def on(self) -> dict[str, str]:
        """Who is there, and whether they are on the list."""
        return {one.email: one.status for one in self.members.values()}

    def answer(self, own: socket.socket, heard: bytes) -> None:
        """Answer one request."""
        asked = read(heard)
        self.asked.append(asked)
        if self.faults:
            fault = self.faults.pop(0)
            fault(own) if callable(fault) else own.sendall(fault)
            return
        status, said = self.act(asked) if self.knows(asked) else (403, {"message": "no"})
        body = b"" if said is None else json.dumps(said).encode()
        own.sendall(good(body, status=f"{status} X", Content_Type="application/json"))

    @abstractmethod
    def knows(self, asked: Asked) -> bool:
        """Whether the key is right."""

    @abstractmethod
    def act(self, asked: Asked) -> tuple[int, Any]:
        """Status and answer."""


class Listmonk(Program):
    """As https://listmonk.app/docs/apis/subscribers/ says."""

    def knows(self, asked: Asked) -> bool:
        return asked.headers["authorization"] == f"token api:{self.key}"

    def act(self, asked: Asked) -> tuple[int, Any]:
        match asked.method, asked.path.removeprefix("/api/").split("/"):
            case "GET", ["lists", number]:
                found = {"data": {"id": int(number), "name": "News of the library"}}
                return (200, found) if number == self.list_id and not self.is_gone else (404, {"message": "not found"})
            case "POST", ["subscribers"]:
                return self._make(asked.json)
            case "GET", ["subscribers"] if "query" in asked.query:
                address = asked.query["query"].partition("lower('")[2].removesuffix("')").replace("''", "'").lower()
                found = self.by_email(address)
                return 200, {"data": {"results": [self._said(found)] if found else []}}
            case "GET", ["subscribers"]:
                left = [self._said(one) for one in reversed(self.left)]
                first = (int(asked.query["page"]) - 1) * int(asked.query["per_page"])
                return 200, {"data": {"results": left[first : first + int(asked.query["per_page"])]}}
            case "PUT", ["subscribers", "lists"]:
                ids = [str(number) for number in asked.json["ids"]]
                for number in ids:
                    self.members[number].status = {"add": "on", "unsubscribe": "off"}[asked.json["action"]]
                return 200, {"data": True}
            case "DELETE", ["subscribers", number]:
                return (200, {"data": True}) if self.members.pop(number, None) else (400, {"message": "not found"})
        return 404, {"message": "no such page"}

    def _make(self, told: Any) -> tuple[int, Any]:
        if self.by_email(told["email"]):
            return 409, {"message": "E-mail already exists."}
        member = self.add(told["email"], told=told)
        return 200, {"data": self._said(member)}

    def _said(self, member: Member) -> dict[str, Any]:
        return {"id": int(member.id), "email": member.email, "updated_at": LATER}


class CiviCRM(Program):
    """As the API explorer of CiviCRM says of version 4."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[dict[str, Any]] = []

    def leave(self, email: str) -> None:
        super().leave(email)
        self.history.append({"id": len(self.history) + 1, "contact_id": int(self.left[-1].id)})

    def knows(self, asked: Asked) -> bool:
        return asked.headers["x-civi-auth"] == f"Bearer {self.key}"

    def act(self, asked: Asked) -> tuple[int, Any]:
        values = self._values(asked.path.removeprefix("/civicrm/ajax/api4/"), asked.params)
        if values is None:
            return 500, {"error_code": 0, "error_message": "no such entity"}
        return 200, {"values": values, "count": len(values)}

    def _values(self, action: str, told: Any) -> list[Any] | None:
        where = {(one[0], one[1]): one[2] for one in told.get("where", [])}
        match action:
            case "Group/get":
                return [] if self.is_gone or where["id", "="] != int(self.list_id) else [{"title": "News"}]
            case "Email/get":
                found = self.by_email(where["email", "="])
                return [{"contact_id": int(found.id)}] if found else []
            case "Contact/create":
                made = self.add(told["chain"]["email"][2]["values"]["email"], told=told["values"])
                made.notes.append(told["chain"]["note"][2]["values"]["note"])
                return [{"id": int(made.id)}]
            case "GroupContact/save":
                record = told["records"][0]
                member = self.members[str(record["contact_id"])]
                member.status = {"Added": "on", "Removed": "off"}[record["status"]]
                member.notes += [told["chain"]["note"][2]["values"]["note"]] if "chain" in told else []
                return [record]
            case "Contact/delete":
                gone = self.members.pop(str(where["id", "="]), None)
                return [{"id": int(gone.id)}] if gone else []
            case "SubscriptionHistory/get":
                return [one for one in self.history if one["id"] > where["id", ">"]][: told["limit"]]
            case "GroupContact/get":
                out = [one for one in self.members.values() if one.status == "opted out"]
                return [{"id": int(one.id), "contact_id": int(one.id)} for one in out if int(one.id) > where["id", ">"]]
        return None


class ActionNetwork(Program):
    """As https://actionnetwork.org/docs/v2/ says of forms, submissions and people."""

    list_id = "0f1e-form"

    def new_id(self, email: str) -> str:
        return f"c945d6fe-{len(self.members)}"

    def knows(self, asked: Asked) -> bool:
        return asked.headers["osdi-api-token"] == self.key

    def act(self, asked: Asked) -> tuple[int, Any]:
        match asked.method, asked.path.removeprefix("/api/v2/").split("/"):
            case "GET", ["forms", number]:
                is_there = number == self.list_id and not self.is_gone
                return (200, {"title": "Stay in touch"}) if is_there else (404, {"error": "not found"})
            case "POST", ["forms", _, "submissions"]:
                told = asked.json["person"]
                address = told["email_addresses"][0]
                member = self.by_email(address["address"]) or self.add(address["address"])
                member.status, member.told = {"subscribed": "on"}[address["status"]], told
                href = f"https://actionnetwork.org/api/v2/people/{member.id}"
                return 200, {"_links": {"osdi:person": {"href": href}}}
            case "GET", ["people"]:
                return 200, self._people(asked.query)
            case "PUT", ["people", number]:
                if number not in self.members:
                    return 404, {"error": "not found"}
                self.members[number].status = {"unsubscribed": "off"}[asked.json["email_addresses"][0]["status"]]
                return 200, self._said(self.members[number])
        return 404, {"error": "no such page"}

    def _people(self, query: dict[str, str]) -> dict[str, Any]:
        asked = query["filter"]
        if asked.startswith("email_address eq"):
            found = self.by_email(asked.partition("'")[2].removesuffix("'").replace("''", "'"))
            return {"_links": {}, "_embedded": {"osdi:people": [self._said(found)] if found else []}}
        page, everybody = int(query.get("page", 1)), list(self.members.values())
        since = asked.partition("'")[2].removesuffix("'")
        some = everybody[(page - 1) * 25 : page * 25] if since < LATER else []
        links = {"next": {"href": "…"}} if since < LATER and len(everybody) > page * 25 else {}
        return {"_links": links, "_embedded": {"osdi:people": [self._said(one) for one in some]}}

    def _said(self, member: Member) -> dict[str, Any]:
        status = {"on": "subscribed", "off": "unsubscribed"}[member.status]
        return {
            "identifiers": [f"action_network:{member.id}"],
            "email_addresses": [{"address": member.email, "status": status}],
            "modified_date": LATER,
        }


class Mailchimp(Program):
    """As https://mailchimp.com/developer/marketing/api/list-members/ says."""

    list_id = "a1b2c3"

    def new_id(self, email: str) -> str:
        return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()

    def knows(self, asked: Asked) -> bool:
        return b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode().endswith(f":{self.key}")

    def act(self, asked: Asked) -> tuple[int, Any]:  # noqa: C901, PLR0911 - a program has many pages
        if self.is_gone or f"/lists/{self.list_id}" not in asked.path:
            return 404, {"title": "Resource Not Found", "status": 404}
        match asked.method, [part for part in asked.path.partition(self.list_id)[2].split("/") if part]:
            case "GET", []:
                return 200, {"name": "Eastside"}
            case "GET", ["members"]:
                return 200, {"members": self._left(asked.query)}
            case "GET", ["members", number] if number in self.members:
                return 200, {"id": number}
            case "PUT", ["members", number]:
                told = asked.json
                member = self.members.get(number) or self.add(told["email_address"])
                member.told = told
                return 200, {"id": number, "status": {"on": "subscribed", "off": "unsubscribed"}[member.status]}
            case "PATCH", ["members", number] if number in self.members:
                status = asked.json["status"]
                self.members[number].status = {"unsubscribed": "off", "pending": "pending"}[status]
                return 200, {"id": number, "status": status}
            case "POST", ["members", number, "notes"]:
                self.members[number].notes.append(asked.json["note"])
                return 200, {"id": 1}
            case "DELETE", ["members", number] if self.members.pop(number, None):
                return 204, None
        return 404, {"title": "Resource Not Found", "status": 404}

    def _left(self, query: dict[str, str]) -> list[dict[str, str]]:
        of = self.left if query["status"] == "unsubscribed" else []
        since = [one for one in of if query["since_last_changed"] <= LATER]
        first = int(query["offset"])
        return [{"id": one.id, "last_changed": LATER} for one in since[first : first + int(query["count"])]]


PLAYED: dict[str, type[Program]] = {
    "listmonk": Listmonk,
    "civicrm": CiviCRM,
    "action_network": ActionNetwork,
    "mailchimp": Mailchimp,
}
