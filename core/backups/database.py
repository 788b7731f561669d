"""PostgreSQL's own programs, told which database without anybody on the machine seeing its password."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, cast

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core.backups.archive import BadBackup

# What Django hands to psycopg and libpq does not know, or must not be told here: limits of a web page are no limits of
# a backup.
NOT_LIBPQ = {"context", "cursor_factory", "prepare_threshold", "autocommit", "client_encoding", "options", "password"}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BadBackup(
            f"There is no {name} here: install PostgreSQL's client programs (apt install postgresql-client)."
        )
    return found


def _where() -> tuple[str, dict[str, str]]:
    """The connection string without its password, and the environment that has it."""
    parameters = connection.get_connection_params()
    known = {name: value for name, value in parameters.items() if name not in NOT_LIBPQ}
    password = parameters.get("password")
    return make_conninfo(**known), {**os.environ, **({"PGPASSWORD": password} if password else {})}


def _said(done: bytes) -> str:
    return " ".join(done.decode(errors="replace").split())[:600]


@contextmanager
def snapshot() -> Iterator[str]:
    """One view of the database, which a dump and counts share; its name. What is written meanwhile is in neither."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def counts() -> dict[str, int]:
    """How many rows each table of ours has."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})
    there = set(connection.introspection.table_names())
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            if table in there:
                cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
                found[table] = cursor.fetchone()[0]
    return found


@contextmanager
def dump(view: str) -> Iterator[IO[bytes]]:
    """The stream of pg_dump, of the database as `view` sees it. Raises BadBackup when it ends badly."""
    where, environment = _where()
    command = [_program("pg_dump"), "--format=custom", f"--snapshot={view}", f"--dbname={where}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        try:
            yield cast(IO[bytes], running.stdout)
        except BaseException:
            running.kill()
            raise
        errors = cast(IO[bytes], running.stderr).read()
        if running.wait():
            raise BadBackup(f"pg_dump failed: {_said(errors)}")


def restore(source: IO[bytes]) -> None:
    """Let pg_restore put a dump into the database, all of it or nothing. Raises BadBackup."""
    where, environment = _where()
    command = [_program("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    command += ["--no-comments", f"--dbname={where}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        drain = cast(IO[bytes], running.stdin)
        with suppress(BrokenPipeError):  # it says why below
            shutil.copyfileobj(source, drain, 1 << 20)
        with suppress(BrokenPipeError):
            drain.close()
        errors = cast(IO[bytes], running.stderr).read()
        if running.wait():
            raise BadBackup(f"pg_restore failed, and the database is as empty as before: {_said(errors)}")


def version() -> int:
    """Of the server, such as 150004."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        return cursor.fetchone()[0]


def is_empty() -> bool:
    """Whether there is no table in the database."""
    return not connection.introspection.table_names()
