"""Which program asks, and what it may do: its token's scopes, and at most what the token's owner may do at the desk."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security import HttpBearer

from api import tokens
from api.models import Scope, Token
from api.problems import Refused
from core import audit, desk
from petitions.models import Statement

CHALLENGE = {"WWW-Authenticate": "Bearer"}
_WHY = {
    "revoked": "This token was revoked. Ask an administrator of the site for another one.",
    "expired": "This token has expired. Ask an administrator of the site for another one.",
    "left": "The owner of this token works here no more. Ask an administrator of the site for another one.",
}
UNKNOWN = "This token is unknown. Send it whole, as `Authorization: Bearer us_…`."
NONE = "This needs a token: send it as `Authorization: Bearer us_…`. Administrators make one on the desk (“Tokens”)."


def sent(request: HttpRequest) -> Token | None:
    """The token that came with the request, None if none did. Raises Refused (401) for one that does not work."""
    header = request.headers.get("Authorization", "")
    if not header:
        return None
    scheme, _, secret = header.partition(" ")
    token = tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise Refused(401, UNKNOWN, headers=CHALLENGE)
    if token.state != "valid":
        raise Refused(401, _WHY[token.state], headers=CHALLENGE)
    tokens.note_use(token)
    return token


@dataclass(frozen=True)
class Caller:
    """A program with its token."""

    token: Token

    @property
    def by(self) -> Any:
        """In whose name it acts."""
        return self.token.owner

    @property
    def through(self) -> Any:
        """What it does meanwhile stands in the record as done with this token, by its owner."""
        return audit.through(f"API token {self.token.pk} “{self.token.name}”")

    def own(self, rows: QuerySet, path: str) -> QuerySet:
        """Those of `rows` that it may touch: of statements (at `path`) of its publisher that its owner looks after."""
        mine = desk.seen_by(self.by, Statement.objects.filter(publisher=self.token.publisher_id))
        return rows.filter(**{f"{path}__in": mine.values("pk")})

    def statement(self, slug: str) -> Statement:
        """One of its statements, published or not. Raises Refused (404)."""
        found = self.own(Statement.objects.filter(slug=slug), "pk").first()
        if found is None:
            raise Refused(404, "Among the statements that this token is for, none is called that.")
        return found


class Bearer(HttpBearer):
    """A token with a scope, whose owner has these permissions. Raises Refused (401, 403)."""

    def __init__(self, scope: Scope, *permissions: str) -> None:
        super().__init__()
        self.scope, self.permissions = scope, permissions

    def __call__(self, request: HttpRequest) -> Any:
        """The caller, which views find as `request.auth`."""
        token = request.__dict__.get("api_token")
        if token is None:
            raise Refused(401, NONE, headers=CHALLENGE)
        return self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: Any) -> Caller:
        """Judge the token."""
        if self.scope not in token.scopes:
            words = f"This token has not the scope {self.scope}. It has: {', '.join(token.scopes)}."
            raise Refused(403, f"{words} Ask an administrator of the site for one that has it.")
        if not token.owner.has_perms(self.permissions):
            words = f"The owner of this token may not do this at the desk ({', '.join(self.permissions)})."
            raise Refused(403, f"{words} Ask an administrator of the site for a token of somebody who may.")
        return Caller(token)


def of(request: HttpRequest) -> Caller:
    """The caller that a Bearer let in."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return caller
