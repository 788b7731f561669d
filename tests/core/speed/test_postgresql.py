"""Connections from the pool: those that the server has ended are replaced before anybody notices."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, connections

from core.speed.postgresql import base


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def end(pid: int) -> None:
    """End one of the server's processes, as a restart of the server would, and wait until it is gone."""
    with psycopg.connect(**connections["default"].get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.fixture
def pool(transactional_db):
    connection.close()
    yield connection.pool
    connection.close()


def test_a_connection_that_the_server_ended_is_replaced(pool):
    first = backend()
    connection.close()
    end(first)
    assert backend() != first


def test_only_what_has_ended_is_said_to_have_ended(pool):
    pid = backend()
    raw = connection.connection
    assert not base.has_ended(raw)
    end(pid)
    assert base.has_ended(raw)


def test_a_time_reads_the_same_by_both_ways_into_the_loader(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT at, at::text FROM (VALUES (timestamptz '2026-03-29 02:30:00.000001+01')) row (at)")
        at, text = cursor.fetchone()
    loader = base.UtcLoader(psycopg.adapters.types["timestamptz"].oid, connection.connection)
    assert at == datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC)
    assert at == loader.load(text.encode()) == base.UtcLoader.load(loader, text.encode())
