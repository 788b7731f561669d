"""Taking rows from the queue, and writing down what became of them.

A worker owns a row while `claimed_until` lies ahead; when it dies, the row is free again after that. `attempts` grows
with each claim and is the proof of ownership: whoever comes too late with an answer changes nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from core import switches
from core.speed import prepared
from mail import kinds, limits
from mail.models import OutgoingEmail
from mail.suppression import suppressed

LEASE = timedelta(minutes=5)
GIVE_UP = timedelta(hours=72)  # RFC 5321 4.5.4.1 wants 4 to 5 days between servers; here a person waits
TRIES_AT_LEAST = 8  # however old a row is, such as one that was written long before it was due

# Lane by lane, each by its part of the index: a lane full of mail for later costs the others nothing.
_CLAIM = """
WITH due AS (
    SELECT queued.id FROM unnest(%(lanes)s::int[]) WITH ORDINALITY AS lanes (lane, place), LATERAL (
        SELECT id FROM mail_outgoingemail
        WHERE state = 'queued' AND lane = lanes.lane AND due_at <= statement_timestamp()
            AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())
            AND NOT (lane = {bulk} AND {off})
        ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) queued LIMIT %(most)s
)
UPDATE mail_outgoingemail mail
SET claimed_until = statement_timestamp() + %(lease)s, attempts = attempts + 1, outcome = 'sending'
FROM due WHERE mail.id = due.id
RETURNING mail.*
""".format(bulk=OutgoingEmail.Lane.BULK.value, off=switches.is_off("mail"))


@dataclass(frozen=True)
class Claimed:
    """A row that this worker owns for LEASE, and why it must not be sent after all, if there is a reason."""

    row: OutgoingEmail
    refusal: str = ""


def claim(most: int) -> list[Claimed]:
    """Take up to `most` rows that are due, the most urgent lane first, and judge what recipients must be spared."""
    with transaction.atomic():
        values = {"lanes": OutgoingEmail.Lane.values, "most": most, "lease": LEASE}
        rows = list(OutgoingEmail.objects.raw(_CLAIM, values))
        rows.sort(key=lambda row: (row.lane, row.due_at, row.pk))
        if not rows:
            return []
        refusals = _refusals(rows)
        for pk, refusal in refusals.items():
            OutgoingEmail.objects.filter(pk=pk).update(outcome=refusal)  # no longer counts as being sent
    return [Claimed(row, refusals.get(row.pk, "")) for row in rows]


def _refusals(rows: list[OutgoingEmail]) -> dict[int, str]:
    silent = suppressed({row.recipient_key for row in rows})
    refusals = {row.pk: "asked for no mail" for row in rows if row.recipient_key in silent}
    names = set(kinds.capped_kinds())
    capped = [row for row in rows if row.kind in names and row.pk not in refusals]
    broken = limits.judge(capped) if capped else {}
    return refusals | {pk: f"limit reached: {limit}" for pk, limit in broken.items()}


@dataclass(frozen=True)
class Verdict:
    """What became of one try: a final state, or `queued` to try again after `delay`; `outcome` says why."""

    state: str
    outcome: str = ""
    delay: timedelta = timedelta(0)


_FINISH = """
UPDATE mail_outgoingemail
SET state = %(state)s, outcome = %(outcome)s, claimed_until = NULL, finished_at = statement_timestamp()
WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'queued' RETURNING id
"""
_TRY_AGAIN = """
UPDATE mail_outgoingemail SET outcome = %(outcome)s, claimed_until = NULL, due_at = statement_timestamp() + %(delay)s,
    state = CASE WHEN given_up THEN 'failed' ELSE 'queued' END,
    finished_at = CASE WHEN given_up THEN statement_timestamp() END
FROM (SELECT created_at < statement_timestamp() - %(give_up)s AND attempts >= %(at_least)s AS given_up
    FROM mail_outgoingemail WHERE id = %(id)s) age
WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'queued'
"""


def finish(row: OutgoingEmail, verdict: Verdict) -> bool:
    """Write down what became of a claimed row; False when it is somebody else's by now."""
    values = {"id": row.pk, "attempt": row.attempts, "outcome": verdict.outcome[:300]}
    if verdict.state == OutgoingEmail.State.QUEUED:
        return _try_again({**values, "delay": verdict.delay, "give_up": GIVE_UP, "at_least": TRIES_AT_LEAST})
    return bool(prepared.run(_FINISH, {**values, "state": verdict.state}))


def _try_again(values: dict[str, object]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TRY_AGAIN, values)
        return cursor.rowcount == 1


_RELEASE = """
UPDATE mail_outgoingemail mail SET claimed_until = NULL, attempts = mail.attempts - 1, outcome = ''
FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS own (id, attempt)
WHERE mail.id = own.id AND mail.attempts = own.attempt AND mail.state = 'queued'
"""


def release(rows: list[OutgoingEmail]) -> None:
    """Give rows back that were not tried; it does not count as a try."""
    values = {"ids": [row.pk for row in rows], "attempts": [row.attempts for row in rows]}
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, values)
