"""Sealing anew with the newest key, while people sign: the batches are small, wait for nobody and can stop anywhere.

What is sealed begins with the name of its key, so a run that was stopped goes on where it was, and one that found a row
changed under it leaves that row to whoever changed it: they have the newest key, too.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from core import sealed
from core.sealed import NAME, Sealed

_OLD = f"octet_length({{column}}) > 0 AND substring({{column}} FROM 1 FOR {NAME}) <> %s"
_COUNT = f"SELECT count(*) FROM {{table}} WHERE {_OLD}"
_READ = f"SELECT {{key}}, {{column}} FROM {{table}} WHERE {_OLD} {{beyond}} ORDER BY {{key}} LIMIT %s"
_UPDATE = """
UPDATE {table} own SET {column} = made.anew
FROM unnest(%s::{kind}[], %s::bytea[], %s::bytea[]) AS made (key, before, anew)
WHERE own.{key} = made.key AND own.{column} = made.before
"""


def columns() -> list[Sealed]:
    """Every sealed column of every table."""
    own = (model for model in apps.get_models() if model._meta.managed and not model._meta.proxy)
    return [field for model in own for field in model._meta.local_concrete_fields if isinstance(field, Sealed)]


_SAMPLE = """
(SELECT * FROM (SELECT {column} AS resting FROM {table} ORDER BY {key} {order} LIMIT 1000) few
WHERE octet_length(resting) > 0 LIMIT 1)
"""


def unread() -> list[str]:
    """What of the oldest and the newest rows can't be read, and why; one small query for each column."""
    return [why for field in columns() if (why := _unread(field))]


def _unread(field: Sealed) -> str:
    names = _names(field)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(_SAMPLE.format(**names, order=order) for order in ("ASC", "DESC")))
        rows = [bytes(resting) for (resting,) in cursor.fetchall()]
    try:
        list(map(field.unsealed, rows))
    except sealed.Unreadable as error:
        return str(error)
    return ""


def left(field: Sealed) -> int:
    """How many rows of a column rest under another key than the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(**_names(field)), [sealed.newest_key()])
        return int(cursor.fetchone()[0])


def reseal(field: Sealed) -> Iterator[int]:
    """Seal a column anew, batch by batch; gives how many rows each batch was. Raises sealed.Unreadable.

    Each batch is a transaction of its own that holds no lock longer than it takes to write it.
    """
    after = None
    while True:
        rows = _batch(field, after)
        if not rows:
            return
        yield _write(field, rows)
        after = rows[-1][0]


def _batch(field: Sealed, after: object) -> list[tuple[object, bytes]]:
    names = _names(field)
    beyond = "" if after is None else "AND {key} > %s".format(**names)
    values: list[Any] = [sealed.newest_key(), *([] if after is None else [after]), field.batch]
    with connection.cursor() as cursor:
        cursor.execute(_READ.format(**names, beyond=beyond), values)
        return [(pk, bytes(resting)) for pk, resting in cursor.fetchall()]


@transaction.atomic
def _write(field: Sealed, rows: list[tuple[object, bytes]]) -> int:
    anew = [field.resealed(resting) for _, resting in rows]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL undersigned.resealing = 'yes'")
        cursor.execute(_UPDATE.format(**_names(field)), [[pk for pk, _ in rows], [old for _, old in rows], anew])
        return int(cursor.rowcount)


def _names(field: Sealed) -> dict[str, str]:
    quoted, primary = connection.ops.quote_name, field.model._meta.pk
    return {
        "table": quoted(field.model._meta.db_table),
        "column": quoted(str(field.column)),
        "key": quoted(str(primary.column)),
        "kind": str(primary.rel_db_type(connection)),
    }
