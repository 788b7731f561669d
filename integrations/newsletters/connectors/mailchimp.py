"""Mailchimp by its Marketing API 3.0 (https://mailchimp.com/developer/marketing/api/); the address ends in /3.0."""

import hashlib
from base64 import b64encode
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from integrations.newsletters import keeping
from integrations.newsletters.connectors import ADD, FORGET, Came, Connector, Page, asking, at, listed
from integrations.newsletters.models import Newsletter
from integrations.newsletters.people import Person
from mail.outbound.kinds import Request

PUT, NOTE, AGAIN = "put", "note", "again"
EACH = 100


def name_of(email: str) -> str:
    """What a member is called: the MD5 of the address in small letters, which is the API's choice."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


class Mailchimp(Connector):
    """Members of an audience. Who left there and comes back gets Mailchimp's own question first (`pending`)."""

    mapping = {"name": "FNAME"}

    def _ask(self, to: Newsletter, method: str, path: str, value: Any = None) -> Request:
        key = b64encode(f"undersigned:{keeping.key_of(to)}".encode()).decode()
        return asking(
            method, f"{to.url.rstrip('/')}/lists/{to.list_id}{path}", {"Authorization": f"Basic {key}"}, value
        )

    def look(self, to: Newsletter) -> Request:
        return self._ask(to, "GET", "?fields=name")

    def looked(self, said: Any) -> str:
        return str(at(said, "name"))

    def request(self, to: Newsletter, step: str, person: Person) -> Request:
        member = f"/members/{person.remote_id or name_of(person.email)}"
        if step == ADD:
            return self._ask(to, "GET", f"{member}?fields=id")
        if step == PUT:
            return self._ask(to, "PUT", member, _member(to, person))
        if step == NOTE:
            words = f"{person.agreed_at} ({person.language}) {person.statement}: {person.consent}"
            return self._ask(to, "POST", f"{member}/notes", {"note": words[:1000]})
        if step == AGAIN:
            return self._ask(to, "PATCH", member, {"status": "pending"})
        if step == FORGET:
            return self._ask(to, "DELETE", member)
        return self._ask(to, "PATCH", member, {"status": "unsubscribed"})

    def came(self, step: str, person: Person, said: Any) -> Came:
        if step == ADD:
            return Came(PUT)
        if step == PUT:
            is_on = at(said, "status") in {"subscribed", "pending"}
            return Came(NOTE if is_on else AGAIN, remote_id=str(at(said, "id")))
        return Came(NOTE) if step == AGAIN else Came()

    def refused(self, step: str, status: int) -> Came | None:
        if step == ADD:
            return Came(PUT, is_ours=True) if status == 404 else None
        return Came() if step not in {PUT, NOTE, AGAIN} and status in {404, 405} else None

    def left(self, to: Newsletter, at: dict[str, Any]) -> Request:
        asked = {
            "status": at.get("status", "unsubscribed"),
            "since_last_changed": at.get("since") or to.made_at.isoformat(timespec="seconds"),
            "fields": "members.id,members.last_changed",
            "sort_field": "last_changed",
            "count": EACH,
            "offset": at.get("offset", 0),
        }
        return self._ask(to, "GET", f"/members?{urlencode(asked)}")

    def who_left(self, where: dict[str, Any], said: Any) -> Page:
        rows = listed(said, "members")
        newest = max([where.get("newest", where.get("since", "")), *(str(at(row, "last_changed")) for row in rows)])
        here = {**where, "newest": newest}
        following: dict[str, Any] | None = {**here, "offset": where.get("offset", 0) + EACH}
        if len(rows) < EACH:
            is_last = where.get("status") == "cleaned"
            following = None if is_last else {**here, "status": "cleaned", "offset": 0}
        return Page(ids=[str(at(row, "id")) for row in rows], next=following, seen={"since": newest})


def _member(to: Newsletter, person: Person) -> dict[str, Any]:
    agreed = datetime.fromisoformat(person.agreed_at).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return {
        "email_address": person.email,
        "status_if_new": "subscribed",
        "language": person.language,
        "timestamp_opt": agreed,
        "merge_fields": {theirs: text[:255] for theirs, text in person.told(to).items()},
    }


connector = Mailchimp()
