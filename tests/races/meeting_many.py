"""Many who want the same rows at once, each in a thread with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

PATIENCE = 60  # seconds
MOST_CONNECTIONS = 4  # that the pool has for sure; who are more must wait for one after the start


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returns, or the exception it raised; all begin at the same moment."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            if len(works) < MOST_CONNECTIONS:
                connection.ensure_connection()
            gate.wait(PATIENCE)
            return work()
        except Exception as error:  # noqa: BLE001 - the test says which it expects
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [coming.result(PATIENCE) for coming in [pool.submit(run, work) for work in works]]
