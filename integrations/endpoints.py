"""Making, changing and switching off endpoints; their secrets."""

import secrets
from base64 import b64encode
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from core import audit, tokens
from core.audit import Staff
from integrations.models import Cursor, Endpoint
from mail import outbox

PURPOSE = "webhook-secret"
OVERLAP = timedelta(hours=24)  # for which the secret before is valid beside a new one


class AlreadyDone(Exception):
    """It is on, or off, as asked for."""


def _new_secret() -> str:
    """256 random bits, as Standard Webhooks writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def save(*, endpoint: Endpoint, by: Staff = None) -> str:
    """Store a new or changed endpoint; returns the secret of a new one, which is shown this once, else ""."""
    secret = ""
    if endpoint.pk is None:
        secret = _new_secret()
        endpoint.secret, endpoint.made_by = _sealed(secret), by
    endpoint.save()
    listen(endpoint)
    return secret


def listen(endpoint: Endpoint) -> None:
    """From now on look for what it wants to hear of."""
    Cursor.objects.bulk_create([Cursor(type=kind) for kind in endpoint.events], ignore_conflicts=True)


@transaction.atomic
def rotate(*, endpoint: Endpoint, by: Staff = None) -> str:
    """A new secret, which is returned this once. For OVERLAP requests are signed with both."""
    secret = _new_secret()
    endpoint.old_secret, endpoint.secret = endpoint.secret, _sealed(secret)
    endpoint.rotated_at = Now()
    endpoint.save(update_fields=["secret", "old_secret", "rotated_at"])
    endpoint.refresh_from_db(fields=["rotated_at"])
    audit.record(by=by, on=endpoint, what="Made a new secret")
    return secret


def secrets_of(endpoint: Endpoint) -> list[str]:
    """Those that are valid now, the newest first. Raises LookupError when SECRET_KEY was changed without fallback."""
    sealed = [endpoint.secret]
    if endpoint.old_secret and endpoint.rotated_at and endpoint.rotated_at > timezone.now() - OVERLAP:
        sealed.append(endpoint.old_secret)
    try:
        return [tokens.unseal(PURPOSE, one)["secret"] for one in sealed]
    except tokens.BadToken as error:
        raise LookupError(f"the secret of webhook {endpoint.pk} was sealed with a SECRET_KEY that is gone") from error


def _sealed(secret: str) -> str:
    return tokens.seal(PURPOSE, {"secret": secret})


@transaction.atomic
def switch_off(*, endpoint: Endpoint, reason: str, by: Staff = None) -> None:
    """Tell it nothing any more. Raises AlreadyDone. When the machine does it (`by` is None), its maker gets a mail."""
    on = Endpoint.objects.filter(pk=endpoint.pk, off_at=None)
    if not on.update(off_at=Now(), off_why=reason[:300]):
        raise AlreadyDone
    audit.record(by=by, on=endpoint, what="Switched off", why=reason)
    if by is None:
        outbox.queue(kind="webhook_off", recipient=_who_hears(endpoint), context={"endpoint": endpoint.pk})


def _who_hears(endpoint: Endpoint) -> str:
    maker = endpoint.made_by
    return maker.email if maker and maker.is_active and maker.email else settings.CONTACT_EMAIL


@transaction.atomic
def switch_on(*, endpoint: Endpoint, by: Staff = None) -> None:
    """Tell it what happens from now on. Raises AlreadyDone."""
    if not Endpoint.objects.filter(pk=endpoint.pk, off_at__isnull=False).update(off_at=None, off_why=""):
        raise AlreadyDone
    listen(endpoint)
    audit.record(by=by, on=endpoint, what="Switched on again")
