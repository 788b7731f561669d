"""The database backend: Django's own in everything but what every page waits for, and what nobody should wait for.

How a connection from the pool is looked over: Django's CONN_HEALTH_CHECKS sends an empty statement before the first one
of each request, which costs as much as half a signature. A server that went away has closed its end of the socket, and
the kernel knows that already.

How a time is read: Django's loader is written in Python and takes 3.3 µs for each; psycopg's own, in C, 0.14.

How long a database that is away is waited for: not at all, once that is known (outage.py). And one that can only be
read, such as a standby, is away for whoever wants to write: that is OperationalError too, not the InternalError that
psycopg makes of it, so everybody who can wait for a database waits for this one as well.
"""

import select
import time
from datetime import UTC, datetime
from functools import cache, cached_property
from types import TracebackType
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from psycopg.abc import AdaptContext, Buffer
from psycopg.abc import Loader as LoaderProtocol
from psycopg.adapt import AdaptersMap, Loader
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.pq import Format
from psycopg_pool import ConnectionPool, PoolTimeout

from core.speed.postgresql.outage import PATIENCE, Outage, watched


def _quick_loader() -> type[LoaderProtocol]:
    """psycopg's own, in C where that is installed."""
    found = psycopg.adapters.get_loader(psycopg.adapters.types["timestamptz"].oid, Format.TEXT)
    if found is None:
        raise LookupError("psycopg knows no loader of times")
    return found


_QUICK = _quick_loader()


class UtcLoader(Loader):
    """Times as Django has them where the connection's clock shows UTC, which it asks of a loader by this name."""

    timezone = UTC

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._quick = _QUICK(oid, context)
        self.load = self._quick.load  # type: ignore[method-assign]  # what psycopg calls, without a step between

    def load(self, data: Buffer) -> datetime:
        """Read a time as the server writes it."""
        return self._quick.load(data)


@cache
def _with_fast_times(template: AdaptersMap) -> AdaptersMap:
    made = AdaptersMap(template)
    made.register_loader("timestamptz", UtcLoader)
    return made


class Errors(DatabaseErrorWrapper):
    """Django's translation of psycopg's errors, in which a database that takes no writes is one that is away."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        if isinstance(error, ReadOnlySqlTransaction):
            raise OperationalError(*error.args).with_traceback(trace) from error
        super().__exit__(kind, error, trace)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    outages: dict[str, Outage] = {}  # one for each database of the process, as Django keeps its pools

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self._outage = self.outages.setdefault(alias, Outage())
        pool = settings_dict["OPTIONS"].get("pool")
        if isinstance(pool, dict):
            pool.setdefault("connection_class", watched(self._outage))

    @cached_property
    def wrap_database_errors(self) -> Errors:
        """What turns psycopg's errors into Django's."""
        return Errors(self)

    def get_connection_params(self) -> dict[str, Any]:
        """What psycopg is called with."""
        params = super().get_connection_params()
        if self.timezone == UTC and settings.SPEED:
            params["context"] = _with_fast_times(params["context"])
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        """A connection that the server has not hung up on; those that it has go back to the pool to be replaced.

        Raises OperationalError, at once while the database is known to be away.
        """
        connection = self._one_in_time(conn_params)
        while self.pool and has_ended(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = self._one_in_time(conn_params)
        return connection

    def _one_in_time(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        until = time.monotonic() + PATIENCE
        while True:
            self._outage.refuse()
            try:
                return super().get_new_connection(conn_params)
            except PoolTimeout:
                if self._outage.is_suspected:
                    self._outage.begin(conn_params, self._take_pool)
                elif time.monotonic() > until:
                    raise

    def _take_pool(self) -> ConnectionPool | None:
        """Let the next one make another pool: this one would ask again only when its own patience is over."""
        pools: dict[str, ConnectionPool] = self._connection_pools  # type: ignore[attr-defined]  # the stubs leave it out
        return pools.pop(self.alias, None)


def has_ended(connection: psycopg.Connection) -> bool:
    """Whether the server has closed an idle connection.

    An idle connection has nothing to read but its end, or a notice; so one with something to read is asked properly.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return False
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return True
    return False
