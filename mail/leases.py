"""A queue in a table: rows that one worker owns for a while, tries again later, and gives up in the end.

A worker owns a row while `claimed_until` lies ahead; when it dies, the row is free again after that. `attempts` grows
with each claim and is the proof of ownership: whoever comes too late with an answer changes nothing. Mail
(mail/claiming.py) and requests to other hosts (mail/outbound/claiming.py) claim each in their own order and share this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from psycopg_pool import PoolTimeout

from core.speed import prepared
from core.text import fields, tidying

LEASE = timedelta(minutes=5)  # of whoever does not lengthen it (mail/keeping.py)
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class Leased(models.Model):
    """One row of such a queue."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED, db_default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    due_at = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = fields.LineField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Verdict:
    """What became of one try: a final state, or `queued` to try again after `delay`; `outcome` says why."""

    state: str
    outcome: str = ""
    delay: timedelta = timedelta(0)


def back_off(attempts: int) -> timedelta:
    """How long to wait after that many tries: 1, 2, 4 … minutes, at most 4 hours."""
    return timedelta(minutes=min(2 ** (attempts - 1), 240))


class NotFailed(Exception):
    """This row has not failed, so there is nothing to try again."""


def try_again(row: Leased) -> None:
    """Put a failed row back in its queue, due now, with all its attempts. Raises NotFailed."""
    failed = type(row)._default_manager.filter(pk=row.pk, state=Leased.State.FAILED)
    again = {"state": Leased.State.QUEUED, "attempts": 0, "due_at": Now(), "claimed_until": None}
    if not failed.update(**again, finished_at=None, outcome=""):
        raise NotFailed


_FINISH = """
UPDATE {table}
SET state = %(state)s, outcome = %(outcome)s, claimed_until = NULL, finished_at = statement_timestamp()
WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'queued' RETURNING state
"""
_TRY_AGAIN = """
UPDATE {table} SET outcome = %(outcome)s, claimed_until = NULL, due_at = statement_timestamp() + %(delay)s,
    state = CASE WHEN given_up THEN 'failed' ELSE 'queued' END,
    finished_at = CASE WHEN given_up THEN statement_timestamp() END
FROM (SELECT created_at < statement_timestamp() - %(give_up)s AND attempts >= %(at_least)s AS given_up
    FROM {table} WHERE id = %(id)s) age
WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'queued' RETURNING state
"""
_RELEASE = """
UPDATE {table} row SET claimed_until = NULL, attempts = row.attempts - 1, outcome = ''
FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS own (id, attempt)
WHERE row.id = own.id AND row.attempts = own.attempt AND row.state = 'queued'
"""
_LENGTHEN = """
UPDATE {table} row SET claimed_until = statement_timestamp() + %(lease)s
FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS own (id, attempt)
WHERE row.id = own.id AND row.attempts = own.attempt AND row.state = 'queued' AND row.claimed_until IS NOT NULL
"""
Steps = tuple[Sequence[str], dict[str, Any]]
NOTHING: Steps = ((), {})


class Leases:
    """What a worker writes down about the rows of one table that it has claimed."""

    def __init__(self, model: type[Leased]) -> None:
        words = (text.format(table=model._meta.db_table) for text in (_FINISH, _TRY_AGAIN, _RELEASE, _LENGTHEN))
        self._finish, self._try_again, self._release, self._lengthen = words

    def finish(self, row: Leased, verdict: Verdict, also: Steps = NOTHING) -> str:
        """Write down that a claimed row came to its end; the state it is in now, "" when it is somebody else's.

        `also` are further `name AS (UPDATE …)` for the same statement, and their values.
        """
        steps, more = also
        told = f"WITH {', '.join(steps)}" if steps else ""
        values = {"id": row.pk, "attempt": row.attempts, "state": verdict.state, "outcome": _told(verdict)}
        return _state(prepared.run(told + self._finish, values | more))

    def try_again(self, row: Leased, verdict: Verdict, *, give_up: timedelta, at_least: int) -> str:
        """Put a claimed row back for later, or give it up when it is older than `give_up` after so many tries.

        Returns the state it is in now, "" when it is somebody else's.
        """
        values = {"id": row.pk, "attempt": row.attempts, "outcome": _told(verdict), "delay": verdict.delay}
        return _state(prepared.run_anew(self._try_again, {**values, "give_up": give_up, "at_least": at_least}))

    def release(self, rows: Sequence[Leased]) -> None:
        """Give rows back that were not tried; it does not count as a try."""
        values = {"ids": [row.pk for row in rows], "attempts": [row.attempts for row in rows]}
        with connection.cursor() as cursor:
            cursor.execute(self._release, values)

    def lengthen(self, rows: Sequence[Leased], lease: timedelta) -> None:
        """Let claimed rows be this worker's for `lease` from now; what was given back or taken over is left alone."""
        values: dict[str, Any] = {
            "ids": [row.pk for row in rows],
            "attempts": [row.attempts for row in rows],
            "lease": lease,
        }
        with connection.cursor() as cursor:
            cursor.execute(self._lengthen, values)


def _told(verdict: Verdict) -> str:
    return tidying.line(verdict.outcome)[:300].rstrip()  # servers answer in several lines


def _state(found: list[tuple]) -> str:
    return found[0][0] if found else ""
