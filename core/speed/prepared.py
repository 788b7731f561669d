"""One statement, one round trip, planned once per connection: for the few statements that every signer waits for."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from psycopg import sql as _sql

Values = Mapping[str, Any] | Sequence[Any]


def run(sql: str, values: Values) -> list[tuple]:
    """Run one statement that returns rows, prepared by the server the first time a connection sees it.

    Django's cursors write values into the text, so PostgreSQL reads and plans a long statement anew each time, which
    costs more than running it. Here values travel beside the text: each is of the type that its place asks for, so one
    whose place says nothing (an argument of jsonb_build_object) needs a cast. It counts as a query like any other.
    psycopg forgets nothing when a pooler such as PgBouncer (1.22 or newer) stands between. Source: psycopg 3,
    "Prepared statements". Without SPEED it is a cursor of Django's like any other.
    """
    return _run(sql, values)[0] if settings.SPEED else run_anew(sql, values)


def run_anew(sql: str, values: Values) -> list[tuple]:
    """Run one statement that returns rows, planned for these values: a plan made for one row crawls over many."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _run(sql: str, values: Values, *, named: bool = False) -> tuple[list[tuple], tuple[str, ...]]:
    """The rows, and the names of their columns where they are asked for."""
    own = connections[DEFAULT_DB_ALIAS]  # each word said to django.db.connection looks it up anew
    own.ensure_connection()
    text, order = _numbered(sql)
    raw = psycopg.RawCursor(own.connection)
    make = own.make_debug_cursor if own.queries_logged else own.make_cursor
    with make(raw) as cursor:  # type: ignore[arg-type]  # the stubs name the wrapper, not what it wraps
        cursor.execute(text, [values[key] for key in order])
        return cursor.fetchall(), tuple(column.name for column in cursor.description) if named else ()


_PLACE = re.compile(r"%(?:\((\w+)\)s|s|%)")


@lru_cache(maxsize=512)
def _numbered(sql: str) -> tuple[str, list[Any]]:
    """The statement as PostgreSQL reads it, with `$1` for the first value, and which value each of them is.

    psycopg does this too, but anew each time for a statement of more than 4,096 characters.
    """
    order: list[Any] = []

    def place(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        key = found[1] or len(order)
        if key not in order:
            order.append(key)
        return f"${order.index(key) + 1}"

    return _PLACE.sub(place, sql), order


class Prepared:
    """A query set of instances that Django puts into words once per process, and asks again with other values.

    `Prepared(lambda statement: Event.objects.filter(statement=statement), int)` is called with a statement's id and
    returns a list of what the query set would. Putting a query into words takes Django longer than PostgreSQL takes to
    answer it. Whatever else the query set says is said for ever, so it may not say what time it is. It brings instances
    of one model, less what is deferred, with what is annotated, and nothing related. Without SPEED it is the query set.
    """

    _is_named = True

    def __init__(self, make: Callable[..., QuerySet], *kinds: Any) -> None:
        self._make, self._kinds = make, kinds

    def __call__(self, *values: Any) -> list[Any]:
        """The rows, for one value of each kind. Raises what the database raises."""
        if not settings.SPEED:
            return list(self._make(*values))
        sql, order, model = self._said
        rows, columns = _run(sql, [values[place] for place in order], named=self._is_named)
        return self._made(model, columns, rows)

    @cached_property
    def _said(self) -> tuple[str, list[int], type[Model]]:
        stand_ins = [_STAND_IN[kind](place) for place, kind in enumerate(self._kinds)]
        queries = self._make(*stand_ins)
        sql, parameters = _words_of(queries)
        known = {value: place for place, value in enumerate(stand_ins)}
        first, *rest = sql.split("%s")
        words, order = [first], []
        for parameter, following in zip(parameters, rest, strict=True):
            place = known.get(parameter)
            if place is None:
                words += [_literal(parameter), following]
                continue
            order.append(place)
            words += ["%s", following]
        return "".join(words), order, queries.model

    def _made(self, model: type[Model], columns: tuple[str, ...], rows: list[tuple]) -> list[Any]:
        places, names, added = _plan(model, columns)
        made = [model.from_db(DEFAULT_DB_ALIAS, names, [row[place] for place in places]) for row in rows]
        for name, place in added:
            for instance, row in zip(made, rows, strict=True):
                setattr(instance, name, row[place])
        return made


class PreparedTuples(Prepared):
    """The same for a query set of `values_list`: it returns a list of tuples."""

    _is_named = False

    def _made(self, model: type[Model], columns: tuple[str, ...], rows: list[tuple]) -> list[Any]:
        return rows


@lru_cache(maxsize=100)
def _plan(model: type[Model], columns: tuple[str, ...]) -> tuple[list[int], list[str], list[tuple[str, int]]]:
    """Where each column of the model stands, in the order that `Model.from_db` takes them in; and what was added."""
    fields = [field for field in model._meta.concrete_fields if field.column in columns]
    if len(set(columns)) < len(columns) or model._meta.pk not in fields:
        raise TypeError(f"a prepared query of {model.__name__} says its own columns, once each, and not {columns}")
    if strange := [field.name for field in fields if hasattr(field, "from_db_value")]:
        raise TypeError(f"{', '.join(strange)} of {model.__name__} is made of what the database says; leave it out")
    own = {field.column for field in fields}
    return (
        [columns.index(field.column) for field in fields],
        [field.attname for field in fields],
        [(name, place) for place, name in enumerate(columns) if name not in own],
    )


class _Heard(Exception):
    """A statement was heard, and need not be run."""


def _words_of(queries: QuerySet) -> tuple[str, Sequence[Any]]:
    """What Django would have PostgreSQL do for this query set, and with which parameters; nothing is done.

    Django lets one listen to what it says (django.db.connection.execute_wrapper, "Database instrumentation").
    """
    said: list[Any] = []
    is_logged, connection.force_debug_cursor = connection.force_debug_cursor, False

    def listen(execute: Callable, sql: str, parameters: Sequence[Any], *rest: Any) -> None:
        said.extend([sql, parameters])
        raise _Heard

    try:
        with connection.execute_wrapper(listen):
            list(queries)
    except _Heard:
        return said[0], said[1]
    finally:
        connection.force_debug_cursor = is_logged
    raise ValueError("Django answers this query set without asking the database.")


def _literal(value: Any) -> str:
    if isinstance(value, date):
        raise ValueError(f"a prepared query would say {value} for ever; let the database say what time it is")
    connection.ensure_connection()
    return _sql.Literal(value).as_string(connection.connection).replace("%", "%%")


# Placeholder for a value while a query is compiled; no real value looks like it.
_STAND_IN: dict[Any, Callable[[int], Any]] = {
    int: lambda place: -7_301_442_919_000 - place,
    str: lambda place: f"\ue000 value {place}",
}
