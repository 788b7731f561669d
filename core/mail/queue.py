"""Asking for a mail: one row in the caller's transaction, so a mail exists exactly when its reason does."""

from datetime import datetime
from typing import Any

from core.addresses import canonical
from core.models import OutgoingEmail


def queue(
    *,
    kind: str,
    recipient: str,
    lane: OutgoingEmail.Lane = OutgoingEmail.Lane.NOTICE,
    context: dict[str, Any],
    due_at: datetime | None = None,
) -> OutgoingEmail:
    """Ask for one mail of a registered `kind` to one address, in one INSERT.

    `context` holds row ids and small facts as JSON, never text to be shown. `due_at` (aware) delays it; None is now, by
    the database's clock. Raises IntegrityError when `recipient` is not exactly one address.
    """
    row = OutgoingEmail(kind=kind, recipient=recipient, recipient_key=canonical(recipient), lane=lane, context=context)
    if due_at is not None:
        row.due_at = due_at
    row.save(force_insert=True)
    return row
