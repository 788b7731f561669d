"""Asking for a mail: one row in the caller's transaction, so a mail exists exactly when its reason does."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from mail.models import OutgoingEmail


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
    row = OutgoingEmail(kind=kind, recipient=recipient, lane=lane, context=context)
    if due_at is not None:
        row.due_at = due_at
    row.save(force_insert=True)
    return row


def call_back(
    *, recipient_key: bytes, kinds: Collection[str], about: dict[str, int], since: datetime | None = None
) -> set[str]:
    """Stop mail to one mailbox that has not left yet; returns the kinds of what was stopped.

    `about` are row ids that its context must hold, and `since` (aware) leaves out what was queued before. In the
    caller's transaction, until whose end no worker takes what is stopped here.
    """
    mails = OutgoingEmail.objects.filter(recipient_key=recipient_key, kind__in=kinds, context__contains=about)
    waiting = mails.filter(state=OutgoingEmail.State.QUEUED, claimed_until=None)
    if since is not None:
        waiting = waiting.filter(created_at__gte=since)
    found = dict(waiting.select_for_update().values_list("pk", "kind"))
    OutgoingEmail.objects.filter(pk__in=found).delete()
    return set(found.values())
