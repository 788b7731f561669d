"""CiviCRM 5.47 or newer by API v4 (https://docs.civicrm.org/dev/en/latest/api/v4/rest/), with AuthX and an API key."""

import json
from typing import Any
from urllib.parse import urlencode

from integrations.newsletters import keeping
from integrations.newsletters.connectors import ADD, FORGET, Came, Connector, Page, at, listed
from integrations.newsletters.models import Newsletter
from integrations.newsletters.people import Person
from mail.outbound.kinds import Request

MAKE, JOIN = "make", "join"
EACH = 100


class CiviCRM(Connector):
    """Contacts in a group. The words of the consent stand in a note of the contact."""

    mapping = {"name": "first_name"}

    def _ask(self, to: Newsletter, entity: str, action: str, params: dict[str, Any]) -> Request:
        headers = {
            "X-Civi-Auth": f"Bearer {keeping.key_of(to)}",
            "X-Requested-With": "XMLHttpRequest",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{to.url.rstrip('/')}/civicrm/ajax/api4/{entity}/{action}"
        return Request(url, body=urlencode({"params": json.dumps(params)}).encode(), headers=headers)

    def look(self, to: Newsletter) -> Request:
        return self._ask(to, "Group", "get", {"select": ["title"], "where": [["id", "=", int(to.list_id)]]})

    def looked(self, said: Any) -> str:
        found = listed(said, "values")
        return str(at(found, 0, "title")) if found else ""

    def request(self, to: Newsletter, step: str, person: Person) -> Request:
        if step == ADD or (step != MAKE and not person.remote_id):
            where = [["email", "=", person.email], ["contact_id.is_deleted", "=", False]]
            found = {
                "select": ["contact_id"],
                "where": where,
                "orderBy": {"is_primary": "DESC", "id": "ASC"},
                "limit": 1,
            }
            return self._ask(to, "Email", "get", found)
        if step == MAKE:
            return self._ask(to, "Contact", "create", self._new(to, person))
        if step == JOIN:
            return self._ask(to, "GroupContact", "save", self._member(to, person.remote_id, "Added", person))
        if step == FORGET:
            return self._ask(
                to, "Contact", "delete", {"where": [["id", "=", int(person.remote_id)]], "useTrash": False}
            )
        return self._ask(to, "GroupContact", "save", self._member(to, person.remote_id, "Removed"))

    def _new(self, to: Newsletter, person: Person) -> dict[str, Any]:
        email = {"values": {"contact_id": "$id", "email": person.email, "is_primary": True}}
        chain = {
            "email": ["Email", "create", email],
            "group": ["GroupContact", "create", {"values": {"contact_id": "$id", "group_id": int(to.list_id)}}],
            "note": ["Note", "create", {"values": _note(person, "$id")}],
        }
        return {"values": {"contact_type": "Individual", **person.told(to)}, "chain": chain}

    def _member(self, to: Newsletter, contact: str, status: str, person: Person | None = None) -> dict[str, Any]:
        record = {"contact_id": int(contact), "group_id": int(to.list_id), "status": status}
        params: dict[str, Any] = {"records": [record], "match": ["contact_id", "group_id"]}
        if person is not None:
            params["chain"] = {"note": ["Note", "create", {"values": _note(person, int(contact))}]}
        return params

    def came(self, step: str, person: Person, said: Any) -> Came:
        values = listed(said, "values")
        if step == ADD:
            return Came(JOIN, remote_id=str(at(values, 0, "contact_id"))) if values else Came(MAKE)
        if step == MAKE:
            return Came(remote_id=str(at(values, 0, "id")), is_ours=True)
        if not person.remote_id:
            return Came(step, remote_id=str(at(values, 0, "contact_id"))) if values else Came()
        return Came()

    def left(self, to: Newsletter, at: dict[str, Any]) -> Request:
        group = ["group_id", "=", int(to.list_id)]
        if at.get("what") == "opted out":
            out = [group, ["status", "=", "Added"], ["contact_id.is_opt_out", "=", True], ["id", ">", at["after"]]]
            return self._ask(to, "GroupContact", "get", _page(["id", "contact_id"], out))
        gone = [group, ["status", "IN", ["Removed", "Deleted"]], ["id", ">", at.get("history", 0)]]
        return self._ask(to, "SubscriptionHistory", "get", _page(["id", "contact_id"], gone))

    def who_left(self, where: dict[str, Any], said: Any) -> Page:
        rows = listed(said, "values")
        ids = [str(at(row, "contact_id")) for row in rows]
        last = max((int(at(row, "id")) for row in rows), default=0)
        seen = {"history": max(where.get("history", 0), 0 if where.get("what") else last)}
        if where.get("what"):
            return Page(ids=ids, next={**where, "after": last} if len(rows) == EACH else None, seen=seen)
        return Page(ids=ids, next=seen if len(rows) == EACH else {**seen, "what": "opted out", "after": 0}, seen=seen)


def _note(person: Person, contact: str | int) -> dict[str, Any]:
    words = f"{person.consent}\n{person.agreed_at} ({person.language})\n{person.statement}"
    return {"entity_table": "civicrm_contact", "entity_id": contact, "subject": "Agreed to mail", "note": words}


def _page(select: list[str], where: list[Any]) -> dict[str, Any]:
    return {"select": select, "where": where, "orderBy": {"id": "ASC"}, "limit": EACH}


connector = CiviCRM()
