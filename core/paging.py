"""Paging by key: page one thousand costs as much as page one, and nothing is skipped when rows arrive."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Field, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from core import query


@dataclass(frozen=True)
class Page:
    """Some rows, and the addresses of the next page and the first (None when this is the last, or the first)."""

    rows: list[Any]
    next_url: str | None
    first_url: str | None


def after(rows: QuerySet, request: HttpRequest, *, order: tuple[str, str], size: int) -> Page:
    """The page of `rows` that starts after the key in `?after=`.

    `order` is a column and the id, both with the same direction, such as ("-confirmed_at", "-id"); an index should
    carry both. A garbled key shows the first page.
    """
    column, backwards = order[0].lstrip("-"), order[0].startswith("-")
    key = _read_key(query.text(request, "after"), rows.model._meta.get_field(column))
    found = rows.order_by(*order)
    if key is not None:
        side = "lt" if backwards else "gt"
        value, pk = key
        # The first condition alone lets the index do the work; the second one breaks ties.
        found = found.filter(**{f"{column}__{side}e": value}).filter(
            Q(**{f"{column}__{side}": value}) | Q(**{f"id__{side}": pk})
        )
    return _cut(list(found[: size + 1]), request, column, size, is_first=key is None)


def first(found: list[Any], request: HttpRequest, *, order: tuple[str, str], size: int) -> Page:
    """The first page, of up to `size` + 1 rows that were found in this order already."""
    return _cut(found, request, order[0].lstrip("-"), size, is_first=True)


def after_row(rows: QuerySet, request: HttpRequest, *, column: str, size: int) -> Page:
    """The page of `rows`, ordered by `column` and id, that starts after the row whose id is in `?after=`.

    For columns whose values are nothing for an address. One that is no longer among the rows shows the first page.
    """
    pk = query.number(request, "after")
    last = rows.filter(pk=pk).first() if pk is not None else None
    found = rows
    if last is not None:
        value = getattr(last, column)
        # As above.
        found = found.filter(**{f"{column}__gte": value}).filter(Q(**{f"{column}__gt": value}) | Q(id__gt=last.pk))
    listed = list(found[: size + 1])
    return Page(
        rows=listed[:size],
        next_url=_url(request, str(listed[size - 1].pk)) if len(listed) > size else None,
        first_url=None if last is None else _url(request, None),
    )


def _cut(found: list[Any], request: HttpRequest, column: str, size: int, *, is_first: bool) -> Page:
    listed = found[:size]
    return Page(
        rows=listed,
        next_url=_url(request, _key_of(listed[-1], column)) if len(found) > size else None,
        first_url=None if is_first else _url(request, None),
    )


def _key_of(row: Any, column: str) -> str:
    value = getattr(row, column)
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{row.pk}"


def _read_key(key: str, column: Field) -> tuple[Any, int] | None:
    value, separator, pk = key.rpartition("~")
    number = query.digits(pk)
    if not separator or number is None:
        return None
    try:
        read = parse_datetime(value) if isinstance(column, DateTimeField) else column.to_python(value)
        if isinstance(read, datetime):
            if read.tzinfo is None:
                return None
            # Further from Greenwich than anybody lives, PostgreSQL refuses it; outside of all years, Python does.
            read = read.astimezone(UTC)
    except (ValueError, OverflowError, ValidationError):
        return None
    return None if read is None else (read, number)


def _url(request: HttpRequest, key: str | None) -> str:
    asked = {name: value for name, value in request.GET.items() if name != "after"}
    if key:
        asked["after"] = key
    return f"{request.path}?{urlencode(asked)}" if asked else request.path
