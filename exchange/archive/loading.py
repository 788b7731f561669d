"""Loading the files of an archive into tables: each is staged unchanged, then inserted in one statement."""

import csv as python_csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection
from django.db.models import NOT_PROVIDED

from core import addresses, csv
from core.sealed import Sealed
from exchange.archive.layout import KEYS, Table
from exchange.archive.opening import Opened
from exchange.files import Unreadable
from exchange.readers.tables import LONG_CELL

LONGEST_CELL = 10 * 1024**2  # of a text that somebody wrote here
HEAD = "The columns of “%(path)s” are not those of this version: %(names)s."
MAKE = {"address_key": addresses.address_key, "mailbox_key": addresses.mailbox_key, "domain_key": addresses.domain_key}


def rows(opened: Opened, path: str) -> Iterator[dict[str, str]]:
    """The rows of a file by the names of its columns, as they were before cells were guarded."""
    python_csv.field_size_limit(LONGEST_CELL)
    with opened.zip.open(path) as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            for row in python_csv.DictReader(lines):
                yield {name: csv.plain(cell or "") for name, cell in row.items() if name}
        except (python_csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(LONG_CELL, line="?") from error


def stage(
    opened: Opened, path: str, names: list[str], *, email: str = "", sealed: Mapping[str, Sealed] | None = None
) -> int:
    """Put the rows of a file into the temporary table `staged`, with a number, and the keys of its addresses."""
    sealed = sealed or {}
    columns = ", ".join(f'"{name}" {"bytea" if name in sealed else "text"}' for name in names)
    keys = [f"{key} bytea" for key in sorted(KEYS)] if email else []
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged")
        cursor.execute(f"CREATE TEMPORARY TABLE staged (place bigint, {', '.join([columns, *keys])}) ON COMMIT DROP")
        into = ", ".join(["place", *(f'"{name}"' for name in names), *(sorted(KEYS) if email else [])])
        number = 0
        with cursor.copy(f"COPY staged ({into}) FROM STDIN") as copy:
            for number, row in enumerate(rows(opened, path), 1):
                if missing := [name for name in names if name not in row]:
                    raise Unreadable(HEAD, path=path, names=", ".join(missing))
                cells = (sealed[name].sealed(row[name]) if name in sealed else row[name] for name in names)
                copy.write_row([number, *cells, *_keys(row.get(email, ""), bool(email))])
    return number


def _keys(address: str, wanted: bool) -> list[bytes]:
    if not wanted:
        return []
    return [MAKE[key](address) if address else b"" for key in sorted(KEYS)]


def load(opened: Opened, path: str, table: Table, values: dict[str, Any], *, also: dict[str, str] | None = None) -> int:
    """Insert the rows of a file; `also` are further columns, each with its SQL. Returns how many were new."""
    stage(opened, path, list(table.columns), email=table.email, sealed=table.sealed)
    into = {str(one.column): table.into(one) for one in table.fields}
    if table.email:
        own = {one.column for one in table.model._meta.local_concrete_fields}
        into |= {key: f"s.{key}" for key in sorted(KEYS) if key in own}
        if table.file == "signatures.csv":  # who is forgotten keeps a key of their own, so that nobody is two
            into["mailbox_key"] = (
                "CASE WHEN s.mailbox_key = '' THEN uuid_send(gen_random_uuid()) ELSE s.mailbox_key END"
            )
    into |= also or {}
    empty = _left_empty(table, into)
    into |= {column: f"%({column})s" for column in empty}
    columns = ", ".join(f'"{name}"' for name in into)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table.model._meta.db_table} ({columns}) SELECT {', '.join(into.values())} FROM staged s"
            f" ORDER BY s.place {table.conflict}",
            {**values, **empty},
        )
        return int(cursor.rowcount)


def _left_empty(table: Table, known: Mapping[str, str]) -> dict[str, Any]:
    """Values for columns that an archive leaves out and that the database neither fills nor lets be NULL."""
    own = table.model._meta.local_concrete_fields
    left = [one for one in own if str(one.column) not in known and not one.primary_key and not one.null]
    return {str(one.column): one.get_default() for one in left if one.db_default is NOT_PROVIDED}
