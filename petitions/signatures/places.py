"""Where signers live: how many under a statement come from each place, counted now and then by the worker.

A public page never counts and never shows these. The desk reads a table of sums, so that it costs the same under ten
million signatures as under ten; the worker counts a statement anew ten minutes after the last time, or a hundred times
as long after it as counting took, so that it never spends more than a hundredth of its time on this. What is kept and
shown has ten people or more (the database refuses less): of fewer somebody could tell who they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from petitions.signatures import optional
from petitions.signatures.models import FEWEST, PlaceCount, SignedPlace
from petitions.statements import availability, counting
from petitions.statements.models import Statement

EVERY = timedelta(minutes=10)
SHARE = 100  # of the worker's time at most one part in so many
SHOWN = 500


@dataclass(frozen=True)
class Source:
    """Where answers that are places come from.

    `key` names it in the tables, `label` on pages; `place` is the area that an answer is counted under and `rows` are
    those with an answer that count under %(statement)s, both SQL over `sig`; `due` is SQL over `st`: whether there is
    anything to count. `said` puts a place into words.
    """

    key: str
    label: optional.Words
    place: str
    rows: str
    due: str
    said: Callable[[str], str]


def _of(field: optional.OptionalField) -> Source:
    return Source(
        key=field.name,
        label=field.label,
        place=field.place.format(column=f"sig.{field.name}"),
        rows=f"""petitions_signature sig
            WHERE sig.statement_id = %(statement)s AND sig.state = 'confirmed' AND sig.{field.name} <> ''""",
        due=f"st.{field.asked_if}",
        said=field.said,
    )


# Paper is counted apart, here as everywhere.
PAPER = Source(
    key="paper",
    label=_("Postcode, on paper"),
    place=optional.AREA.format(column="sig.postcode"),
    rows="""petitions_sheetline sig JOIN petitions_sheet sheet ON sheet.id = sig.sheet_id
            WHERE sheet.statement_id = %(statement)s AND sig.postcode <> ''""",
    due="st.paper > 0",
    said=str,
)
SOURCES = {source.key: source for source in [*(_of(field) for field in optional.FIELDS if field.place), PAPER]}

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
    SELECT {place} AS place, count(*) AS people FROM {rows} GROUP BY 1
), counted AS (
    INSERT INTO petitions_placecount AS known (statement_id, field, given, counted_at, took)
    SELECT %(statement)s, %(key)s, coalesce(sum(people), 0), statement_timestamp(),
        clock_timestamp() - statement_timestamp() FROM found
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
    """Count the places of one statement anew from one source."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT.format(place=source.place, rows=source.rows),
            {"statement": statement_id, "key": source.key, "fewest": FEWEST},
        )


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
