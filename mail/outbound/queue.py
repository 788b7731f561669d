"""Asking for a request: one row in the caller's transaction."""

from typing import Any

from mail.outbound.models import OutgoingRequest


def queue(*, kind: str, host: str, context: dict[str, Any], sequence: str = "", once: str = "") -> None:
    """Ask for one request of a registered `kind`, in one INSERT.

    `host` is that of its URL (guard.host_of). `context` holds row ids and small facts as JSON. Of one `sequence` each
    waits until those before it have come to an end. What was asked for with the same `once` is not asked for again.
    """
    row = OutgoingRequest(kind=kind, host=host, context=context, sequence=sequence, once=once)
    OutgoingRequest.objects.bulk_create([row], ignore_conflicts=True)
