"""listmonk 4 and 5 (https://listmonk.app/docs/apis/apis/): an API user with a token."""

from typing import Any
from urllib.parse import quote, urlencode

from integrations.newsletters import keeping
from integrations.newsletters.connectors import ADD, FORGET, REMOVE, Came, Connector, Page, asking, at, listed
from integrations.newsletters.models import Newsletter
from integrations.newsletters.people import Person
from mail.outbound.kinds import Request

FIND, JOIN = "find", "join"
EACH = 50


class Listmonk(Connector):
    """A subscriber that is new is made on the list; of one that is there before we change but the list."""

    mapping = {"language": "language", "agreed_at": "agreed_at", "consent": "consent", "statement": "statement"}

    def _ask(self, to: Newsletter, method: str, path: str, value: Any = None) -> Request:
        token = {"Authorization": f"token {to.username}:{keeping.key_of(to)}"}
        return asking(method, f"{to.url.rstrip('/')}/api/{path}", token, value)

    def look(self, to: Newsletter) -> Request:
        return self._ask(to, "GET", f"lists/{to.list_id}")

    def looked(self, said: Any) -> str:
        return str(at(said, "data", "name"))

    def request(self, to: Newsletter, step: str, person: Person) -> Request:
        if step == ADD:
            attribs = {theirs: text for theirs, text in person.told(to).items() if theirs != "name"}
            made = {"email": person.email, "name": person.name, "status": "enabled", "attribs": attribs}
            return self._ask(
                to, "POST", "subscribers", {**made, "lists": [int(to.list_id)], "preconfirm_subscriptions": True}
            )
        if not person.remote_id:
            address = person.email.replace("'", "''")
            query = urlencode({"query": f"subscribers.email = lower('{address}')", "per_page": 1}, quote_via=quote)
            return self._ask(to, "GET", f"subscribers?{query}")
        if step == FORGET:
            return self._ask(to, "DELETE", f"subscribers/{person.remote_id}")
        turn = {"ids": [int(person.remote_id)], "target_list_ids": [int(to.list_id)]}
        if step == REMOVE:
            return self._ask(to, "PUT", "subscribers/lists", {**turn, "action": "unsubscribe"})
        return self._ask(to, "PUT", "subscribers/lists", {**turn, "action": "add", "status": "confirmed"})

    def came(self, step: str, person: Person, said: Any) -> Came:
        if step == ADD:
            return Came(remote_id=str(at(said, "data", "id")), is_ours=True)
        if person.remote_id:
            return Came()
        found = listed(said, "data", "results")
        if found:
            return Came(JOIN if step == FIND else step, remote_id=str(at(found, 0, "id")))
        return Came(ADD) if step in {FIND, JOIN} else Came()  # who is not there need not be taken off

    def refused(self, step: str, status: int) -> Came | None:
        if step == ADD and status == 409:
            return Came(FIND)
        # It says 400 of a subscriber that is gone.
        return Came() if step in {REMOVE, FORGET} and status in {400, 404} else None

    def left(self, to: Newsletter, at: dict[str, Any]) -> Request:
        page = {"list_id": to.list_id, "subscription_status": "unsubscribed", "order_by": "updated_at", "order": "DESC"}
        return self._ask(to, "GET", f"subscribers?{urlencode({**page, 'per_page': EACH, 'page': at.get('page', 1)})}")

    def who_left(self, where: dict[str, Any], said: Any) -> Page:
        rows = listed(said, "data", "results")
        newest = max([where.get("newest", ""), *(str(at(row, "updated_at")) for row in rows)])
        since = where.get("since", "")
        fresh = [str(at(row, "id")) for row in rows if str(at(row, "updated_at")) >= since]
        more = len(rows) == EACH and len(fresh) == EACH
        following = {"page": where.get("page", 1) + 1, "since": since, "newest": newest} if more else None
        return Page(ids=fresh, next=following, seen={"since": newest})


connector = Listmonk()
