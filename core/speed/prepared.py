"""One statement, one round trip, planned once per connection: for the few statements that every signer waits for."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql as _sql


def run(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple]:
    """Run one statement that returns rows, prepared by the server the first time a connection sees it.

    Django's cursors write values into the text, so PostgreSQL reads and plans a long statement anew each time, which
    costs more than running it. Here values travel beside the text: each is of the type that its place asks for, so one
    whose place says nothing (an argument of jsonb_build_object) needs a cast. It counts as a query like any other.
    psycopg forgets nothing when a pooler such as PgBouncer (1.22 or newer) stands between. Source: psycopg 3,
    "Prepared statements".
    """
    own = connections[DEFAULT_DB_ALIAS]  # each word said to django.db.connection looks it up anew
    own.ensure_connection()
    text, order = _numbered(sql)
    raw = psycopg.RawCursor(own.connection)
    make = own.make_debug_cursor if own.queries_logged else own.make_cursor
    with make(raw) as cursor:
        cursor.execute(text, [values[key] for key in order])
        return cursor.fetchall()


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


def run_anew(sql: str, values: Mapping[str, Any]) -> list[tuple]:
    """Run one statement that returns rows, planned for these values: a plan made for one row crawls over many."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


class Prepared:
    """A query set that Django puts into words once per process, and asks again with other values.

    `Prepared(lambda statement: Event.objects.filter(statement=statement), int)` is called with a statement's id and
    returns a list of what the query set would: instances, or tuples of `values_list`. Putting a query into words takes
    Django longer than PostgreSQL takes to answer it. A kind of `list[int]` stands behind `__in`. Whatever else the
    query set says is said for ever, so it may not say what time it is.
    """

    def __init__(self, make: Callable[..., QuerySet], *kinds: Any) -> None:
        self._make, self._kinds = make, kinds

    def __call__(self, *values: Any) -> list[Any]:
        """The rows, for one value of each kind. Raises what the database raises."""
        sql, order, read = self._said
        return read(run(sql, [values[place] for place in order]))

    @property
    def sql(self) -> str:
        """The statement, with `%s` where a value goes."""
        return self._said[0]

    @cached_property
    def _said(self) -> tuple[str, list[int], Callable[[list[tuple]], list[Any]]]:
        stand_ins = [_STAND_IN[kind](place) for place, kind in enumerate(self._kinds)]
        queries = self._make(*stand_ins)
        compiler = queries.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        known = {value[0] if isinstance(value, list) else value: place for place, value in enumerate(stand_ins)}
        first, *rest = sql.split("%s")
        words, order = [first], []
        for parameter, following in zip(parameters, rest, strict=True):
            place = known.get(parameter)
            if place is None:
                words += [_literal(parameter), following]
                continue
            order.append(place)
            if isinstance(stand_ins[place], list):
                words[-1] = words[-1].removesuffix("IN (") + "= ANY("
            words += ["%s", following]
        return "".join(words), order, _reader(queries, compiler)


def _reader(queries: QuerySet, compiler: SQLCompiler) -> Callable[[list[tuple]], list[Any]]:
    """What makes of rows that which iterating over the query set would (django.db.models.query.ModelIterable)."""
    converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])

    def converted(rows: list[tuple]) -> Iterable[Sequence[Any]]:
        return compiler.apply_converters(rows, converters) if converters else rows

    if queries._iterable_class is ValuesListIterable:
        return lambda rows: [tuple(row) for row in converted(rows)]
    own = compiler.klass_info["select_fields"]
    begin, end = own[0], own[-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[begin:end]]
    populators = get_related_populators(compiler.klass_info, compiler.select, compiler.using)
    added = compiler.annotation_col_map or {}

    def instance(row: Sequence[Any]) -> Model:
        made = queries.model.from_db(compiler.using, names, row[begin:end])
        for populator in populators:
            populator.populate(row, made)
        for name, place in added.items():
            setattr(made, name, row[place])
        return made

    return lambda rows: [instance(row) for row in converted(rows)]


def _literal(value: Any) -> str:
    if isinstance(value, date):
        raise ValueError(f"a prepared query would say {value} for ever; let the database say what time it is")
    connection.ensure_connection()
    return _sql.Literal(value).as_string(connection.connection).replace("%", "%%")


# What stands for a value while a query is put into words; nothing that anybody means is like it.
_STAND_IN: dict[Any, Callable[[int], Any]] = {
    int: lambda place: -7_301_442_919_000 - place,
    str: lambda place: f"\ue000 value {place}",
    list[int]: lambda place: [-7_301_442_919_000 - place],
}
