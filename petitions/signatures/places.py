"""Where signers live: how many under a statement come from each place, counted now and then by the worker.

A public page never counts and never shows these. The desk reads a table of sums, so that it costs the same under ten
million signatures as under ten; the worker counts a statement anew ten minutes after the last time, or a hundred times
as long after it as counting took, so that it never spends more than a hundredth of its time on this. What is kept and
shown has ten people or more (the database refuses less): of fewer somebody could tell who they are.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core.sealed import unseal, what_of
from petitions.signatures import optional
from petitions.signatures.models import FEWEST, PlaceCount, SheetLine, SignedPlace
from petitions.statements import availability, counting
from petitions.statements.models import Statement

EVERY = timedelta(minutes=10)
SHARE = 100  # of the worker's time at most one part in so many
SHOWN = 500
BATCH = 5000


@dataclass(frozen=True)
class Source:
    """Where answers that are places come from.

    `key` names it in the tables, `label` on pages; `area` makes of an answer what it is counted under, and `answers` is
    SQL for the answers that count under %(statement)s; `due` is SQL over `st`: whether there is anything to count.
    `what` is bound to answers that rest sealed (core/sealed.py), `said` puts a place into words.
    """

    key: str
    label: optional.Words
    area: Callable[[str], str]
    what: bytes
    answers: str
    due: str
    said: Callable[[str], str]


def _of(field: optional.OptionalField) -> Source:
    return Source(
        key=field.name,
        label=field.label,
        area=field.area or optional.as_it_is,
        what=field.what,
        answers=f"""SELECT sig.{field.name} FROM petitions_signature sig
            WHERE sig.statement_id = %(statement)s AND sig.state = 'confirmed' AND sig.{field.name} <> ''""",
        due=f"st.{field.asked_if}",
        said=field.said,
    )


# Paper is counted apart, here as everywhere.
PAPER = Source(
    key="paper",
    label=_("Postcode, on paper"),
    area=optional.area,
    what=what_of(SheetLine, "postcode"),
    answers="""SELECT sig.postcode FROM petitions_sheetline sig JOIN petitions_sheet sheet ON sheet.id = sig.sheet_id
            WHERE sheet.statement_id = %(statement)s AND sig.postcode <> ''""",
    due="st.paper > 0",
    said=str,
)
SOURCES = {source.key: source for source in [*(_of(field) for field in optional.FIELDS if field.area), PAPER]}

# Where it is asked, or was; until the names are forgotten, from when on the last count stays as it is.
_DUE = f"""
SELECT st.id FROM petitions_statement st LEFT JOIN petitions_placecount known
    ON known.statement_id = st.id AND known.field = %(key)s
WHERE ({{due}} OR known.id IS NOT NULL) AND st.published_at <= statement_timestamp()
    AND coalesce({availability.ENDED_SQL} > statement_timestamp() - %(after)s, true)
    AND coalesce(known.counted_at + greatest(%(every)s, %(share)s * known.took) < statement_timestamp(), true)
ORDER BY known.counted_at NULLS FIRST LIMIT 1
"""

_COUNT = """
WITH found AS (
    SELECT * FROM unnest(%(places)s::text[], %(numbers)s::bigint[]) AS found (place, people)
), counted AS (
    INSERT INTO petitions_placecount AS known (statement_id, field, given, counted_at, took)
    SELECT %(statement)s, %(key)s, coalesce(sum(people), 0), statement_timestamp(), %(took)s FROM found
    ON CONFLICT (statement_id, field) DO UPDATE SET given = EXCLUDED.given, counted_at = EXCLUDED.counted_at,
        took = EXCLUDED.took
), gone AS (
    DELETE FROM petitions_signedplace WHERE statement_id = %(statement)s AND field = %(key)s
        AND NOT EXISTS (SELECT FROM found WHERE found.place = petitions_signedplace.place AND people >= %(fewest)s)
)
INSERT INTO petitions_signedplace AS known (statement_id, field, place, people)
SELECT %(statement)s, %(key)s, place, people FROM found WHERE people >= %(fewest)s
ON CONFLICT (statement_id, field, place) DO UPDATE SET people = EXCLUDED.people WHERE known.people <> EXCLUDED.people
"""


def count_next() -> int:
    """Count the places of one statement that is due, from one source; returns how many that was, 0 when none is."""
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    for source in SOURCES.values():
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"after": after, "every": EVERY, "share": SHARE, "key": source.key}
            cursor.execute(_DUE.format(due=source.due), values)
            due = cursor.fetchone()
        if due:
            count(due[0], source)
            return 1
    return 0


def count(statement_id: int, source: Source) -> None:
    """Count the places of one statement anew from one source.

    Here and not in the database, which can't read what rests encrypted; a million postcodes are five seconds.
    """
    began = time.monotonic()
    found = _found(statement_id, source)
    values: dict[str, Any] = {"statement": statement_id, "key": source.key, "fewest": FEWEST, "places": list(found),
              "numbers": list(found.values()), "took": timedelta(seconds=time.monotonic() - began)}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)


@transaction.atomic
def _found(statement_id: int, source: Source) -> Counter[str]:
    """How many live in each area; read a batch at a time."""
    found: Counter[str] = Counter()
    with connection.chunked_cursor() as cursor:
        cursor.execute(source.answers, {"statement": statement_id})
        while rows := cursor.fetchmany(BATCH):
            answers = (unseal(answer, source.what) if source.what else answer for (answer,) in rows)
            found.update(map(source.area, answers))
    return found


@dataclass(frozen=True)
class Places:
    """Where signers live by the answers from one source, as it was counted last.

    `rows` are at most SHOWN places in words with how many people, the most first; `others` how many live elsewhere;
    `silent` how many of those who count now gave no answer.
    """

    label: optional.Words
    rows: list[tuple[str, int]]
    others: int
    silent: int
    counted_at: datetime


def places_of(statement: Statement) -> list[Places]:
    """Where a statement's signers live, from each source that was counted; three queries."""
    counts = {count.field: count for count in PlaceCount.objects.filter(statement=statement)}
    if not counts:
        return []
    people = counting.numbers([statement])[statement.pk].people
    found: dict[str, list[tuple[str, int]]] = {key: [] for key in counts}
    for row in SignedPlace.objects.filter(statement=statement).order_by("-people", "place"):
        found[row.field].append((row.place, row.people))
    return [
        _places(source, counts[key], found[key][:SHOWN], statement.paper if source is PAPER else people)
        for key, source in SOURCES.items()
        if key in counts
    ]


def _places(source: Source, known: PlaceCount, rows: list[tuple[str, int]], people: int) -> Places:
    return Places(
        label=source.label,
        rows=[(source.said(place), number) for place, number in rows],
        others=known.given - sum(number for _place, number in rows),
        silent=max(0, people - known.given),
        counted_at=known.counted_at,
    )
