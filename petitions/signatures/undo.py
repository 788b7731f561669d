"""Undoing what a moderator decided about one signature: back to exactly how it stood, if nobody has decided since."""

from typing import Any

from django.db import transaction

from core import audit
from core.audit import Staff
from mail import outbox
from petitions.signatures import counting
from petitions.signatures.models import Signature

# What a moderator's decision changes, and the mails that tell of one.
STANDS = ["state", "held_reason", "removed_reason", "removed_at", "confirmed_at", "rule_id"]
TIMES = ("removed_at", "confirmed_at")
MAILS = ["signature_released", "signature_receipt", "signature_held"]


class DecidedSince(Exception):
    """It stands otherwise than that decision left it."""


def standing(signature: Signature) -> dict[str, Any]:
    """How it stands now, as JSON can hold it; the row is locked until the caller's transaction ends."""
    row = Signature.objects.select_for_update().values(*STANDS).get(pk=signature.pk)
    return row | {name: row[name] and row[name].isoformat() for name in TIMES}


_TYPED = {name: f"{name})s::timestamptz" if name in TIMES else f"{name})s" for name in STANDS}
_AS_LEFT = " AND ".join(f"sig.{name} IS NOT DISTINCT FROM %(left_{typed}" for name, typed in _TYPED.items())
_BACK = ", ".join(f"{name} = %({typed}" for name, typed in _TYPED.items())


@transaction.atomic
def take_back(*, signature: Signature, was: dict[str, Any], left: dict[str, Any], by: Staff = None) -> None:
    """Put it back to `was`, if it still stands as `left` (both from `standing`); mail about it is stopped in time.

    Raises DecidedSince.
    """
    moved = counting.move(
        where=f"sig.id = %(id)s AND {_AS_LEFT}",
        change=_BACK,
        values={"id": signature.pk, **was, **{f"left_{name}": left[name] for name in STANDS}},
    )
    if not moved:
        raise DecidedSince
    outbox.call_back(recipient_key=signature.email_canonical, kinds=MAILS, about={"signature": signature.pk})
    audit.record(by=by, on=signature, what="Undid the last decision", label=f"Signature {signature.pk}")
