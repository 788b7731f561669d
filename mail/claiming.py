"""Claiming mail from the queue, and storing its result (mail/leases.py)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from core import switches
from core.addresses import mailbox_key
from mail import kinds
from mail.leases import LEASE, Leases, Verdict
from mail.models import OutgoingEmail
from mail.returns import unreachable
from mail.suppression import suppressed

__all__ = ["LEASE", "Claimed", "Verdict", "claim", "finish", "lengthen", "release"]
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
RETURNING mail.*, statement_timestamp() - mail.created_at AS queued_for
""".format(bulk=OutgoingEmail.Lane.BULK.value, off=switches.is_off("mail"))


@dataclass(frozen=True)
class Claimed:
    """The rows that this worker has leased and may send, and how many rows were looked at."""

    rows: list[OutgoingEmail]
    looked_at: int


def claim(most: int, lease: timedelta = LEASE) -> Claimed:
    """Take up to `most` rows that are due, the most urgent lane first, and judge what recipients must be spared.

    They are this worker's for the `lease`.
    """
    with transaction.atomic():
        values = {"lanes": OutgoingEmail.Lane.values, "most": most, "lease": lease}
        rows = list(OutgoingEmail.objects.raw(_CLAIM, values))
        if not rows:
            return Claimed([], 0)
        rows.sort(key=lambda row: (row.lane, row.due_at, row.pk))
        verdicts = _changed(rows)
        verdicts |= _spared([row for row in rows if row.pk not in verdicts])
        verdicts |= kinds.judged([row for row in rows if row.pk not in verdicts])
        _put_aside(rows, verdicts)
    return Claimed([row for row in rows if row.pk not in verdicts], len(rows))


ASKED_FOR_NONE = "asked for no mail"
UNREACHABLE = "mail to this address came back"
CHANGED = "not sent: its recipient was changed in the database"


def _changed(rows: list[OutgoingEmail]) -> dict[int, kinds.Judged]:
    """Mail whose sealed recipient is not the mailbox that the keyed hash beside it names goes to nobody."""
    wrong = [row for row in rows if mailbox_key(row.recipient) != row.mailbox]
    return {row.pk: kinds.Judged.drop(CHANGED) for row in wrong}


def _spared(rows: list[OutgoingEmail]) -> dict[int, kinds.Judged]:
    asked = [row for row in rows if not kinds.reaches_anybody(row.kind)]
    silent = suppressed({row.mailbox for row in asked})
    spared = {row.pk: kinds.Judged.drop(ASKED_FOR_NONE) for row in asked if row.mailbox in silent}
    # What somebody waits for is tried all the same: they may have mended their mailbox a minute ago.
    bulk = [row for row in rows if row.lane == OutgoingEmail.Lane.BULK and row.pk not in spared]
    dead = unreachable({row.mailbox for row in bulk})
    return spared | {row.pk: kinds.Judged.drop(UNREACHABLE) for row in bulk if row.mailbox in dead}


_PUT_ASIDE = """
UPDATE mail_outgoingemail mail SET claimed_until = NULL, attempts = mail.attempts - 1, outcome = judged.outcome,
    due_at = CASE WHEN judged.delay IS NULL THEN mail.due_at ELSE statement_timestamp() + judged.delay END,
    state = CASE WHEN judged.delay IS NULL THEN 'skipped' ELSE 'queued' END,
    finished_at = CASE WHEN judged.delay IS NULL THEN statement_timestamp() END
FROM unnest(%(ids)s::bigint[], %(outcomes)s::text[], %(delays)s::interval[]) AS judged (id, outcome, delay)
WHERE mail.id = judged.id AND mail.state = 'queued'
"""


def _put_aside(rows: list[OutgoingEmail], verdicts: dict[int, kinds.Judged]) -> None:
    """Give back what must wait, and finish what need not go out; neither was a try."""
    if not verdicts:
        return
    judged = [(row.pk, verdicts[row.pk]) for row in rows if row.pk in verdicts]
    values: dict[str, Any] = {
        "ids": [pk for pk, _ in judged],
        "outcomes": [one.outcome[:300] for _, one in judged],
        "delays": [one.delay for _, one in judged],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT_ASIDE, values)


_leases = Leases(OutgoingEmail)


def finish(row: OutgoingEmail, verdict: Verdict) -> bool:
    """Store the result of a claimed row; False if another worker has claimed it since."""
    if verdict.state == OutgoingEmail.State.QUEUED:
        return bool(_leases.try_again(row, verdict, give_up=GIVE_UP, at_least=TRIES_AT_LEAST))
    also = kinds.accepted(row) if verdict.state == OutgoingEmail.State.SENT else ([], {})
    return bool(_leases.finish(row, verdict, also))


def release(rows: list[OutgoingEmail]) -> None:
    """Give rows back that were not tried; it does not count as a try."""
    _leases.release(rows)


def lengthen(rows: list[OutgoingEmail], lease: timedelta) -> None:
    """Let claimed rows be this worker's for `lease` from now; what was given back or taken over since is left alone."""
    _leases.lengthen(rows, lease)
