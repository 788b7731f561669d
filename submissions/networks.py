"""Mail slows for a network that asks for very much of it (limits.py): later, never never.

A network may have CEILING_NETWORK_MAILS first mails in a quarter of an hour. People at mail domains that are known here
do not count and are not slowed, so their confirmations come first (petitions/signatures/ceilings.py says why).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from mail.models import OutgoingEmail
from submissions import work
from submissions.kinds import numbered

QUARTER = timedelta(minutes=15)
SLOWLY = "later: many first mails to new domains from one network"

# Each network is looked at once, however many of its mails are in the batch, and no further than the ceiling.
_BUSY = """
WITH asked AS MATERIALIZED (
    SELECT s.id, s.ip_key FROM {table} s WHERE s.id = ANY(%(ids)s) AND s.ip_key <> ''
        AND NOT EXISTS (SELECT 1 FROM submissions_knowndomain known WHERE known.domain_key = s.domain_key)
), busy AS MATERIALIZED (
    SELECT ip_key FROM (SELECT DISTINCT ip_key FROM asked) network WHERE (SELECT count(*) FROM (
        SELECT 1 FROM {table} other WHERE other.ip_key = network.ip_key AND other.ip_key <> ''
            AND other.created_at > statement_timestamp() - interval '1 day'
            AND other.mailed_at > statement_timestamp() - %(within)s
            AND NOT EXISTS (SELECT 1 FROM submissions_knowndomain known WHERE known.domain_key = other.domain_key)
        LIMIT %(most)s
    ) lately) >= %(most)s
)
SELECT asked.id FROM asked JOIN busy USING (ip_key)
"""


def busy(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Which of these submissions would go to a new domain, from a network that has had its share for now."""
    asked: dict[int, list[int]] = {}
    for number, pk in pairs:
        asked.setdefault(number, []).append(pk)
    values: dict[str, Any] = {"within": QUARTER, "most": settings.CEILING_NETWORK_MAILS}
    found: set[tuple[int, int]] = set()
    with connection.cursor() as cursor:
        for number, ids in sorted(asked.items()):
            cursor.execute(_BUSY.format(table=numbered(number).table), {**values, "ids": ids})
            found |= {(number, pk) for (pk,) in cursor.fetchall()}
    return found


_SLOWED = """
SELECT EXISTS (SELECT 1 FROM mail_outgoingemail WHERE state = 'queued' AND lane = %(lane)s AND outcome = %(outcome)s
    AND due_at > statement_timestamp())
"""


def watch() -> int:
    """Ask for work (work.py) while a network is slowed; nothing waits to be done after that, so it returns 0."""
    values: dict[str, Any] = {"lane": OutgoingEmail.Lane.CONFIRM.value, "outcome": SLOWLY}
    with connection.cursor() as cursor:
        cursor.execute(_SLOWED, values)
        if cursor.fetchone() == (True,):
            work.flooded()
    return 0
