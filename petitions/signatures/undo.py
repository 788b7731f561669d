"""Undoing what a moderator decided about one signature: back to how it stood, if nothing has happened to it since."""

from typing import Any

from django.db import transaction

from core import audit
from core.audit import Staff
from mail import outbox
from petitions.signatures import signing
from petitions.signatures.models import Signature
from submissions import decisions

MAILS = ["signature_released", "signature_receipt", "signature_held"]


class DecidedSince(Exception):
    """The row has changed since that decision."""


def snapshot(signature: Signature) -> dict[str, Any]:
    """Snapshot as JSON: its state, when it was last agreed to, and the last decision about it."""
    decisions.lock(bytes(signature.mailbox_key))
    row = Signature.objects.get(pk=signature.pk)
    last = _history(row).values_list("pk", flat=True).first()
    return {"state": row.state, "agreed_at": row.agreed_at.isoformat(), "decision": last or 0}


def _history(signature: Signature) -> Any:
    return decisions.history(kind=signing.KIND, scope=signature.statement_id, subject=bytes(signature.mailbox_key))


@transaction.atomic
def undo_last(*, signature: Signature, was: dict[str, Any], left: dict[str, Any], by: Staff = None) -> None:
    """Undo what was decided between `was` and `left` (both from `snapshot`); mail about it is stopped in time.

    Raises DecidedSince when it stands otherwise than `left` by now.
    """
    if snapshot(signature) != left:
        raise DecidedSince
    try:
        for decision in _history(signature).filter(pk__gt=was["decision"]):
            signing.undo(decision=decision, by=by)
    except decisions.TakenBackSince as error:
        raise DecidedSince from error
    outbox.call_back(recipient_key=bytes(signature.mailbox_key), kinds=MAILS, about={"signature": signature.pk})
    audit.record(by=by, on=signature, what="Undid the last decision", label=f"Signature {signature.pk}")
