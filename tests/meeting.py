"""Two who want the same rows at once, in an order that the test decides: nothing sleeps, nothing is left to luck."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from django.db import connection, transaction

PATIENCE = 20  # seconds
_WAITED_FOR = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"


def meet(first: Callable[[], Any], second: Callable[[], Any], *, before: str = "") -> Any:
    """What `second` returns when `first` comes in between, in a transaction that is still open when `second` goes on.

    `second` runs in a thread with a connection of its own, and is held at its first statement that begins with
    `before`. The transaction of `first` ends as soon as `second` waits for it, or has ended without waiting.
    """
    arrived, go = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(_apart, second, before, arrived, go)
        assert arrived.wait(PATIENCE), f"no statement begins with {before!r}"
        with transaction.atomic():
            first()
            go.set()
            until_it_waits(coming)
        return coming.result(PATIENCE)


def _apart(work: Callable[[], Any], before: str, arrived: Event, go: Event) -> Any:
    def hold(execute: Callable, sql: str, *rest: Any) -> Any:
        if sql.startswith(before) and not arrived.is_set():
            arrived.set()
            go.wait(PATIENCE)
        return execute(sql, *rest)

    try:
        with connection.execute_wrapper(hold):
            return work()
    finally:
        connection.close()


def until_it_waits(coming: Future) -> None:
    """Until what runs in another thread waits for a lock, or has ended."""
    deadline = time.monotonic() + PATIENCE
    while not coming.done() and not _is_waited_for():
        assert time.monotonic() < deadline, "it neither waits nor ends"


def _is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR)
        return cursor.fetchone()[0]
