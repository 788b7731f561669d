"""The database backend: Django's own in everything but how a connection from the pool is looked over.

Django's CONN_HEALTH_CHECKS sends an empty statement before each request's first one, which costs as much as half a
signature. A server that went away has closed its end of the socket, and the kernel knows that already.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        """A connection that the server has not hung up on; those that it has go back to the pool to be replaced."""
        connection = super().get_new_connection(conn_params)
        while self.pool and has_ended(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


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
