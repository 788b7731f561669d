"""When the database does not answer: who asks for it is told so at once, and is served again as soon as it answers.

Left to itself the pool lets everybody wait for ten seconds, and after a long outage asks the server only now and then.
Here one thread of the process goes on asking, a few times in a second, and nobody else waits (a circuit breaker;
M. Nygard, "Release It!"). An outage is known from what was tried, not from how long something takes: a pool that is
merely empty is waited for.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

logger = logging.getLogger(__name__)

# Seconds. An answer within 0.3 is promised: a round of waiting for the pool (settings.POOL_WAITS), this, and the page.
GRACE = 0.1
ASKS_EVERY = 0.25
# For a connection while none that was tried has failed: all are in use, or the server says nothing at all.
PATIENCE = 2.0


class Outage:
    """Whether one database is away, as this process knows it."""

    def __init__(self) -> None:
        self.is_suspected = False  # the last connection that was tried did not come about
        self.reason = ""  # of that, in libpq's words, which hold no password
        self._over = threading.Event()
        self._over.set()
        self._lock = threading.Lock()

    def refuse(self) -> None:
        """Raise OperationalError while the database is away."""
        if not self._over.is_set():
            raise psycopg.OperationalError(f"the database is away: {self.reason}")

    def begin(self, parameters: dict[str, Any], take_pool: Callable[[], ConnectionPool | None]) -> None:
        """Begin to wait for it, which ends by itself; then nobody asks the pool any more that `take_pool` takes away.

        Returns when it is over within GRACE, such as after a restart of the server; else raises OperationalError.
        """
        with self._lock:
            if self._over.is_set():
                self._over.clear()
                logger.warning("the database does not answer, and nobody waits for it until it does: %s", self.reason)
                waiter = threading.Thread(target=self._wait, args=(parameters, take_pool), name="outage", daemon=True)
                waiter.start()
        if not self._over.wait(GRACE):
            self.refuse()

    def _wait(self, parameters: dict[str, Any], take_pool: Callable[[], ConnectionPool | None]) -> None:
        began = time.monotonic()
        while not _answers(parameters):
            time.sleep(ASKS_EVERY)
        pool = take_pool()
        self.is_suspected = False
        self._over.set()
        logger.warning("the database answers again, after %.1f seconds", time.monotonic() - began)
        if pool is not None:
            pool.close()


def _answers(parameters: dict[str, Any]) -> bool:
    try:
        with psycopg.connect(**{**parameters, "connect_timeout": 2, "cursor_factory": None}) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def watched(outage: Outage) -> type[psycopg.Connection]:
    """The class of connections whose coming about `outage` hears of."""

    class Watched(psycopg.Connection):
        @classmethod
        def connect(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                made = super().connect(*args, **kwargs)
            except psycopg.Error as error:
                outage.is_suspected, outage.reason = True, str(error)
                raise
            outage.is_suspected = False
            return made

    return Watched
