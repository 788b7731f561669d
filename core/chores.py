"""Housekeeping: small statements that the mail worker runs once a minute (docs/decisions/0005-chores-in-the-worker.md).

An app registers its own in its `chores.py`:

    @chores.chore("expire signatures")
    def expire() -> int: ...

Each must be harmless to repeat and cheap when there is nothing to do.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import autodiscover_modules

from core.mistakes import MISTAKES

logger = logging.getLogger(__name__)

Chore = Callable[[], int]
_chores: dict[str, Chore] = {}
_every: dict[str, float] = {}
_not_before: dict[str, float] = {}

ROUNDS = 20  # of one chore in a minute; what is left then waits for the next, so that mail need not


def chore(name: str, *, every: timedelta = timedelta(0)) -> Callable[[Chore], Chore]:
    """Register a function that does at most one batch of something and returns how many rows that was; 0 when done.

    What looks at many rows may say that a process need not run it again before `every` has passed since it was done.
    """

    def register(function: Chore) -> Chore:
        _chores[name] = function
        _every[name] = every.total_seconds()
        return function

    return register


def run_all() -> dict[str, int]:
    """Run every chore that no other process runs at this moment; returns how many rows each dealt with.

    One that fails is logged and stops no other.
    """
    _load()
    done = {}
    for name in [name for name in _chores if _not_before.get(name, 0) <= time.monotonic()]:
        try:
            done[name] = _run(name)
        except (*MISTAKES, DatabaseError):
            logger.exception("chore failed: %s", name)
    return done


def _run(name: str) -> int:
    total = 0
    for _ in range(ROUNDS):
        rows = _run_batch(name)
        total += rows
        if not rows:
            _not_before[name] = time.monotonic() + _every.get(name, 0)
            break
    return total


def _run_batch(name: str) -> int:
    """One batch in a transaction of its own, under a lock that ends with it (SAFETY 2.2, rule 5)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('chore ' || %s, 0))", [name])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SET LOCAL statement_timeout = '60s'")
        return _chores[name]()


@cache
def _load() -> None:
    autodiscover_modules("chores")


@chore("destroy address keys")
def destroy_address_keys() -> int:
    """The secrets of days longer than IP_KEY_DAYS ago; what was hashed with them can be linked to nobody any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_addresskey WHERE day < (now() AT TIME ZONE 'UTC')::date - %s", [settings.IP_KEY_DAYS]
        )
        return cursor.rowcount
