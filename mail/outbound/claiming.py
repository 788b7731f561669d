"""Taking requests from the queue: host by host, so that one that is slow keeps no other waiting."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from core import switches
from mail.leases import LEASE, Leases
from mail.outbound.models import OutgoingRequest

EACH = 5  # of one host at a time

# The hosts that have something queued are found by jumping along the index. Of a sequence only the first may go: what
# follows waits until that one has come to an end, whoever has claimed it.
_CLAIM = """
WITH RECURSIVE hosts AS (
    (SELECT host FROM mail_outgoingrequest WHERE state = 'queued' ORDER BY host LIMIT 1)
    UNION ALL
    SELECT (SELECT host FROM mail_outgoingrequest WHERE state = 'queued' AND host > hosts.host ORDER BY host LIMIT 1)
    FROM hosts WHERE hosts.host IS NOT NULL
), due AS (
    SELECT queued.id FROM hosts, LATERAL (
        SELECT id, due_at FROM mail_outgoingrequest waiting
        WHERE state = 'queued' AND host = hosts.host AND due_at <= statement_timestamp()
            AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())
            AND NOT {off}
            AND NOT (sequence <> '' AND EXISTS (
                SELECT 1 FROM mail_outgoingrequest earlier
                WHERE earlier.sequence = waiting.sequence AND earlier.sequence <> '' AND earlier.state = 'queued'
                    AND earlier.id < waiting.id))
        ORDER BY due_at, id LIMIT %(each)s FOR UPDATE SKIP LOCKED
    ) queued ORDER BY queued.due_at, queued.id LIMIT %(most)s
)
UPDATE mail_outgoingrequest request
SET claimed_until = statement_timestamp() + %(lease)s, attempts = attempts + 1, outcome = 'sending'
FROM due WHERE request.id = due.id
RETURNING request.*
""".format(off=switches.is_off("outbound"))

leases = Leases(OutgoingRequest)


def is_off() -> bool:
    """Whether the switch for emergencies is thrown, now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {switches.is_off('outbound')}")
        return bool(cursor.fetchone()[0])


def claim(most: int) -> list[OutgoingRequest]:
    """Take up to `most` requests that are due, at most EACH of one host; in the order in which they were asked for."""
    values: Mapping[str, Any] = {"each": EACH, "most": most, "lease": LEASE}
    with transaction.atomic():
        return sorted(OutgoingRequest.objects.raw(_CLAIM, values), key=lambda row: (row.due_at, row.pk))


_WAIT = """
UPDATE mail_outgoingrequest later SET due_at = first.due_at FROM mail_outgoingrequest first
WHERE first.id = %s AND first.state = 'queued' AND later.sequence = first.sequence AND later.sequence <> ''
    AND later.state = 'queued' AND later.id > first.id AND later.due_at < first.due_at
"""


def let_followers_wait(row: OutgoingRequest) -> None:
    """What follows a request that has to wait need not be looked at before that one is due."""
    if row.sequence:
        with connection.cursor() as cursor:
            cursor.execute(_WAIT, [row.pk])
