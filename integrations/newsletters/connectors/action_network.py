"""Action Network by its OSDI API (https://actionnetwork.org/docs/v2/). Its helper subscribes whom it is told of."""

from typing import Any
from urllib.parse import urlencode

from integrations.newsletters import keeping
from integrations.newsletters.connectors import ADD, Came, Connector, Page, asking, at, listed
from integrations.newsletters.models import Newsletter
from integrations.newsletters.people import Person
from mail.outbound.kinds import Request, Unusable

HEADS = {"given_name", "family_name"}  # all else that is told are custom fields
GONE = {"unsubscribed", "bouncing", "previous bounce", "spam complaint", "previous spam complaint"}


class ActionNetwork(Connector):
    """Submissions of a form. A person can't be deleted by the API, so who is forgotten is unsubscribed."""

    mapping = {"name": "given_name", "agreed_at": "consent_at", "consent": "consent_words"}

    def _ask(self, to: Newsletter, method: str, path: str, value: Any = None) -> Request:
        url = f"{to.url.rstrip('/')}/api/v2/{path}"
        return asking(method, url, {"OSDI-API-Token": keeping.key_of(to)}, value)

    def look(self, to: Newsletter) -> Request:
        return self._ask(to, "GET", f"forms/{to.list_id}")

    def looked(self, said: Any) -> str:
        return str(at(said, "title"))

    def request(self, to: Newsletter, step: str, person: Person) -> Request:
        if step == ADD:
            silent = {"autoresponse": {"enabled": False}}
            return self._ask(
                to, "POST", f"forms/{to.list_id}/submissions", {"person": _told(to, person), "triggers": silent}
            )
        if not person.remote_id:
            address = person.email.replace("'", "''")
            return self._ask(to, "GET", "people?" + urlencode({"filter": f"email_address eq '{address}'"}))
        gone = {"email_addresses": [{"status": "unsubscribed"}]}
        return self._ask(to, "PUT", f"people/{person.remote_id}", gone)

    def came(self, step: str, person: Person, said: Any) -> Came:
        if step == ADD:
            return Came(remote_id=str(at(said, "_links", "osdi:person", "href")).rpartition("/")[2])
        if person.remote_id:
            return Came()
        found = listed(said, "_embedded", "osdi:people")
        return Came(step, remote_id=_id(found[0])) if found else Came()

    def refused(self, step: str, status: int) -> Came | None:
        return Came() if step != ADD and status == 404 else None

    def left(self, to: Newsletter, at: dict[str, Any]) -> Request:
        since = at.get("since") or to.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        asked = {"filter": f"modified_date gt '{since}'", "page": at.get("page", 1)}
        return self._ask(to, "GET", f"people?{urlencode(asked)}")

    def who_left(self, where: dict[str, Any], said: Any) -> Page:
        people = listed(said, "_embedded", "osdi:people")
        gone = [_id(one) for one in people if _status(one) in GONE]
        newest = max([where.get("newest", where.get("since", "")), *(str(at(one, "modified_date")) for one in people)])
        more = "next" in at(said, "_links")
        following = {**where, "page": where.get("page", 1) + 1, "newest": newest} if more else None
        return Page(ids=gone, next=following, seen={"since": newest})


def _told(to: Newsletter, person: Person) -> dict[str, Any]:
    told = person.told(to)
    address = {"address": person.email, "primary": True, "status": "subscribed"}
    made: dict[str, Any] = {name: told.pop(name) for name in HEADS & told.keys()}
    if postcode := told.pop("postal_code", ""):
        made["postal_addresses"] = [{"postal_code": postcode}]
    return {
        **made, "email_addresses": [address], "languages_spoken": [person.language], "custom_fields": told
    }  # fmt: skip


def _id(one: Any) -> str:
    for name in listed(one, "identifiers"):
        if str(name).startswith("action_network:"):
            return str(name).partition(":")[2]
    raise Unusable("Its answer does not say what a person is called there.")


def _status(one: Any) -> str:
    addresses = listed(one, "email_addresses")
    return str(at(addresses, 0, "status")) if addresses else ""


connector = ActionNetwork()
