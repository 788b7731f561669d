"""Making, revoking and recognising tokens."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from api.models import Token
from core import audit
from core.audit import Staff

PREFIX = "us_"  # by which people and secret scanners know one
LONGEST = timedelta(days=366)
USE_IS_NOTED_EVERY = timedelta(hours=1)


class AlreadyRevoked(Exception):
    """It works no more."""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make(*, token: Token, by: Staff = None) -> str:
    """Store a new token; returns what the program sends, which nobody can see again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token.digest, token.hint, token.made_by = _digest(secret), secret[-4:], by
    token.save()
    token.refresh_from_db()
    audit.record(by=by, on=token, what=f"Made a token for {', '.join(token.scopes)}", why=token.reason)
    return secret


@transaction.atomic
def revoke(*, token: Token, reason: str, by: Staff = None) -> None:
    """Let it do nothing any more. Raises AlreadyRevoked."""
    if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now()):
        raise AlreadyRevoked
    audit.record(by=by, on=token, what="Revoked", why=reason)


def find(secret: str) -> Token | None:
    """The token that a program sent, valid or not, with its owner and publisher."""
    if not secret.startswith(PREFIX):
        return None
    return Token.objects.select_related("owner", "publisher").filter(digest=_digest(secret)).first()


def note_use(token: Token) -> None:
    """Remember that it was used, at most once in USE_IS_NOTED_EVERY; who comes meanwhile waits for nobody."""
    due = Token.objects.filter(pk=token.pk).exclude(last_used_at__gt=Now() - USE_IS_NOTED_EVERY)
    free = due.select_for_update(skip_locked=True, of=("self",))
    with transaction.atomic():
        Token.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(last_used_at=Now())
