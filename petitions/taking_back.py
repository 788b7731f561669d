"""Undoing what a moderator decided about one signature: back to exactly how it stood, if nobody has decided since."""

from typing import Any

from django.db import transaction

from core import audit
from core.audit import Staff
from core.models import OutgoingEmail
from petitions import counting
from petitions.models import Signature

# What hold, release, remove and restore change.
STANDS = ["state", "held_reason", "removed_reason", "removed_at", "rule_id"]


class DecidedSince(Exception):
    """It stands otherwise than that decision left it."""


def standing(signature: Signature) -> dict[str, Any]:
    """How it stands now, as JSON can hold it; the row is locked until the caller's transaction ends."""
    row = Signature.objects.select_for_update().values(*STANDS).get(pk=signature.pk)
    return {**row, "removed_at": row["removed_at"] and row["removed_at"].isoformat()}


_AS_LEFT = " AND ".join(f"sig.{name} IS NOT DISTINCT FROM %(left_{name})s" for name in ["held_reason", "rule_id"])
_BACK = ", ".join(f"{name} = %({name})s" for name in STANDS)


@transaction.atomic
def take_back(*, signature: Signature, was: dict[str, Any], left: dict[str, Any], by: Staff = None) -> None:
    """Put it back to `was`, if it still stands as `left` (both from `standing`); mail about it is stopped in time.

    Raises DecidedSince.
    """
    moved = counting.move(
        where=f"sig.id = %(id)s AND sig.state = %(left_state)s AND {_AS_LEFT}"
        " AND sig.removed_at IS NOT DISTINCT FROM %(left_removed_at)s::timestamptz",
        change=_BACK.replace("%(removed_at)s", "%(removed_at)s::timestamptz"),
        values={"id": signature.pk, **was, **{f"left_{name}": left[name] for name in STANDS}},
    )
    if not moved:
        raise DecidedSince
    waiting = OutgoingEmail.objects.filter(recipient_key=signature.email_canonical, kind="signature_released")
    waiting.filter(state=OutgoingEmail.State.QUEUED, claimed_until=None, context__signature=signature.pk).delete()
    audit.record(by=by, on=signature, what="Undid the last decision", label=f"Signature {signature.pk}")
