"""Housekeeping: small statements that the mail worker runs once a minute (docs/decisions/0005-chores-in-the-worker.md).

An app registers its own in its `chores.py`:

    @chores.chore("run rules")
    def run_batch() -> int: ...

Each must be harmless to repeat and cheap when there is nothing to do. What is about forgetting is a step of one of them
(core/retention.py).
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import autodiscover_modules

from core.mistakes import MISTAKES

logger = logging.getLogger(__name__)

Chore = Callable[[], int]
_chores: dict[str, Chore] = {}
_every: dict[str, timedelta] = {}
_by_themselves: set[str] = set()
_not_before: dict[str, float] = {}

ROUNDS = 20  # of one chore in a minute; what is left then waits for the next, so that mail need not


def chore(
    name: str, *, every: timedelta = timedelta(0), has_own_transactions: bool = False, is_first: bool = False
) -> Callable[[Chore], Chore]:
    """Register a function that does at most one batch of something and returns how many rows that was; 0 when done.

    What looks at many rows may say that a process need not run it again before `every` has passed since it was done.
    One that `has_own_transactions` is called once in a round, in none, and sees to batches itself. One that `is_first`
    runs before the others, such as before anything is forgotten.
    """

    def register(function: Chore) -> Chore:
        others = dict(_chores)
        if is_first:
            _chores.clear()
        _chores[name] = function
        _chores.update(others)
        _every[name] = every
        if has_own_transactions:
            _by_themselves.add(name)
        return function

    return register


def run_all() -> dict[str, int]:
    """Run every chore that no other process runs at this moment; returns how many rows each dealt with.

    One that fails is logged and stops no other.
    """
    load()
    done = {name: run(name, function, _every.get(name, timedelta(0))) for name, function in _chores.items()}
    return {name: rows for name, rows in done.items() if rows is not None}


def run(name: str, function: Chore, every: timedelta) -> int | None:
    """Call `function` in transactions of its own until it returns 0, at most ROUNDS times; returns how many rows.

    One that has its own transactions is called once. None if it was done less than `every` ago; None, and a line in
    the log, if it failed.
    """
    if time.monotonic() < _not_before.get(name, 0):
        return None
    total, is_alone = 0, name in _by_themselves
    try:
        for _ in range(1 if is_alone else ROUNDS):
            rows = function() if is_alone else _run_batch(name, function)
            total += rows
            if is_alone or not rows:
                _not_before[name] = time.monotonic() + every.total_seconds()
                break
    except (*MISTAKES, DatabaseError):
        logger.exception("chore failed: %s", name)
        return None
    return total


def _run_batch(name: str, function: Chore) -> int:
    """One batch in a transaction of its own, under a lock that ends with it (SAFETY 2.2, rule 5)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('chore ' || %s, 0))", [name])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SET LOCAL statement_timeout = '60s'")
        return function()


@cache
def load() -> None:
    """Let every app register its chores."""
    autodiscover_modules("chores")
