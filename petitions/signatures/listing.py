"""The public names of a statement: in its order, from when on it shows them, a page at a time by an index (SAFETY F18).

A name's place from A to Z is a key (core/text/order.py) that the worker writes, and only under a statement that lists
by it: signers do not wait for it. A trigger (petitions/schema.py) marks with AGAIN what was renamed or shown later.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, Func, Q, QuerySet, Value
from django.db.models.functions import Now
from django.http import HttpRequest

from core import paging
from core.paging import Page
from core.speed.prepared import PreparedTuples
from core.text import order
from petitions.signatures.models import Signature
from petitions.signatures.models.people import AGAIN
from petitions.statements import finding
from petitions.statements.models import ClockTimestamp, Statement

BATCH = 10_000
LATE = timedelta(minutes=2)  # what was confirmed so long ago is in the database, however slow its transaction was
Order, Batch = Statement.NamesOrder, Statement.NamesBatch

# Kept pages show what has become due (petitions/statements/finding.py).
finding.changes_with(
    f"CASE st.names_batch WHEN '' THEN '' ELSE date_trunc(st.names_batch, now(), '{settings.TIME_ZONE}')::text END"
)


def _begun(batch: str) -> Func:
    """When the hour or the day began that it is now, by the clocks of the site."""
    parts = (Value(batch), Now(), Value(settings.TIME_ZONE))
    return Func(*parts, function="date_trunc", output_field=DateTimeField())


def _named(statement: int, batch: str, *, by_alphabet: bool) -> QuerySet:
    rows = Signature.objects.named().filter(statement=statement)
    if batch:
        rows = rows.filter(confirmed_at__lt=_begun(batch))
    return rows.filter(sort_key__gt=AGAIN).order_by("sort_key", "id") if by_alphabet else rows


def names(statement: Statement) -> QuerySet:
    """The names that everybody may read now, in the order of the statement."""
    return _named(statement.pk, statement.names_batch, by_alphabet=statement.lists_by_alphabet)


def page(statement: Statement, request: HttpRequest, *, columns: tuple[str, ...], size: int) -> Page:
    """One page of them, with these columns; from A to Z, the address of the next names the last row and no key."""
    rows = names(statement)
    if statement.lists_by_alphabet:
        return paging.after_row(rows.only(*columns, "sort_key"), request, column="sort_key", size=size)
    return paging.after(rows.only(*columns, "confirmed_at"), request, order=("-confirmed_at", "-id"), size=size)


class First:
    """One prepared query for each way in which a statement lists its names."""

    def __init__(self, columns: tuple[str, ...], size: int) -> None:
        self._queries = {
            (batch, by_alphabet): self._prepared(batch, by_alphabet, columns, size)
            for batch in Batch.values
            for by_alphabet in (False, True)
        }

    def __call__(self, statement: Statement) -> list[tuple]:
        """The first names under the statement."""
        return self._queries[statement.names_batch, statement.lists_by_alphabet](statement.pk)

    def _prepared(self, batch: str, by_alphabet: bool, columns: tuple[str, ...], size: int) -> PreparedTuples:
        return PreparedTuples(lambda pk: _named(pk, batch, by_alphabet=by_alphabet).values_list(*columns)[:size], int)


_PLACE = """
UPDATE petitions_signature sig SET sort_key = placed.key
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS placed (id, name, key)
WHERE sig.id = placed.id AND sig.name = placed.name AND sig.state = 'confirmed' AND sig.show_name
"""


@transaction.atomic
def put_in_order() -> int:
    """Give places to a batch of names under statements that list from A to Z; returns to how many."""
    # Who turns to the alphabet again waits again until all that came meanwhile has its place.
    Statement.objects.exclude(names_order=Order.ALPHABET).filter(names_are_placed=True).update(names_are_placed=False)
    for statement in Statement.objects.filter(names_order=Order.ALPHABET).order_by("pk"):
        if done := _place_again(statement) or _place_new(statement):
            return done
    return 0


def _place_again(statement: Statement) -> int:
    """What was renamed, or shown later than it was confirmed."""
    marked = Signature.objects.named().filter(statement=statement, sort_key=AGAIN).order_by("pk")
    return _place(statement, list(marked.values_list("pk", "name")[:BATCH]))


def _place_new(statement: Statement) -> int:
    """What was confirmed since the last time, oldest first; says so when that was all."""
    rows = Signature.objects.named().filter(statement=statement, sort_key="").order_by("confirmed_at", "id")
    if statement.names_placed_until:
        rows = rows.filter(confirmed_at__gte=statement.names_placed_until)
    found = list(rows.values_list("pk", "name", "confirmed_at")[:BATCH])
    done = _place(statement, [(pk, name) for pk, name, _ in found])
    this = Statement.objects.filter(pk=statement.pk)
    if len(found) == BATCH:
        this.update(names_placed_until=found[-1][2])
    else:
        this.update(names_placed_until=ClockTimestamp() - LATE)
        this.filter(Q(names_are_placed=False)).update(names_are_placed=True, changed_at=ClockTimestamp())
    return done


def _place(statement: Statement, found: list[tuple[int, str]]) -> int:
    if not found:
        return 0
    keys = [key_of(name, statement.language) for _, name in found]
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [[pk for pk, _ in found], [name for _, name in found], keys])
    if statement.names_are_placed:
        Statement.objects.touch(statement)
    return len(found)


def key_of(name: str, language: str) -> str:
    """Where a name stands for readers of that language; greater than AGAIN."""
    key = order.key(name, language)
    return key if key > AGAIN else f"@{key}"
