"""One statement, one round trip, planned once per connection: for the few statements that every signer waits for."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection


def run(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple]:
    """Run one statement that returns rows, prepared by the server the first time a connection sees it.

    Django's cursors write values into the text, so PostgreSQL reads and plans a long statement anew each time, which
    costs more than running it. Here values travel beside the text: each is of the type that its place asks for, so one
    whose place says nothing (an argument of jsonb_build_object) needs a cast. It counts as a query like any other.
    psycopg forgets nothing when a pooler such as PgBouncer (1.22 or newer) stands between. Source: psycopg 3,
    "Prepared statements".
    """
    connection.ensure_connection()
    raw = psycopg.Cursor(connection.connection)
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with make(raw) as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def run_anew(sql: str, values: Mapping[str, Any]) -> list[tuple]:
    """Run one statement that returns rows, planned for these values: a plan made for one row crawls over many."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
