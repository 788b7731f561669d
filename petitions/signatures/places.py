"""Where signers live: how many under a statement come from each place, counted now and then by the worker.

A public page never counts and never shows these. The desk reads a table of sums, so that it costs the same under ten
million signatures as under ten; the worker counts a statement anew ten minutes after the last time, or a hundred times
as long after it as counting took, so that it never spends more than a hundredth of its time on this. What is kept and
shown has ten people or more (the database refuses less): of fewer somebody could tell who they are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from petitions.signatures import optional
from petitions.signatures.models import FEWEST, PlaceCount, SignedPlace
from petitions.statements import availability, counting
from petitions.statements.models import Statement

EVERY = timedelta(minutes=10)
SHARE = 100  # of the worker's time at most one part in so many
SHOWN = 500

FIELDS = tuple(field for field in optional.FIELDS if field.place)

# Where it is asked, or was; until the names are forgotten, from when on the last count stays as it is.
_DUE = f"""
SELECT st.id FROM petitions_statement st LEFT JOIN petitions_placecount known
    ON known.statement_id = st.id AND known.field = %(field)s
WHERE (st.{{asked_if}} OR known.id IS NOT NULL) AND st.published_at <= statement_timestamp()
    AND coalesce({availability.ENDED_SQL} > statement_timestamp() - %(after)s, true)
    AND coalesce(known.counted_at + greatest(%(every)s, %(share)s * known.took) < statement_timestamp(), true)
ORDER BY known.counted_at NULLS FIRST LIMIT 1
"""

_COUNT = """
WITH found AS (
    SELECT {place} AS place, count(*) AS people FROM petitions_signature sig
    WHERE sig.statement_id = %(statement)s AND sig.state = 'confirmed' AND sig.{name} <> '' GROUP BY 1
), counted AS (
    INSERT INTO petitions_placecount AS known (statement_id, field, given, counted_at, took)
    SELECT %(statement)s, %(field)s, coalesce(sum(people), 0), statement_timestamp(),
        clock_timestamp() - statement_timestamp() FROM found
    ON CONFLICT (statement_id, field) DO UPDATE SET given = EXCLUDED.given, counted_at = EXCLUDED.counted_at,
        took = EXCLUDED.took
), gone AS (
    DELETE FROM petitions_signedplace WHERE statement_id = %(statement)s AND field = %(field)s
        AND NOT EXISTS (SELECT FROM found WHERE found.place = petitions_signedplace.place AND people >= %(fewest)s)
)
INSERT INTO petitions_signedplace AS known (statement_id, field, place, people)
SELECT %(statement)s, %(field)s, place, people FROM found WHERE people >= %(fewest)s
ON CONFLICT (statement_id, field, place) DO UPDATE SET people = EXCLUDED.people WHERE known.people <> EXCLUDED.people
"""


def count_next() -> int:
    """Count the places of one statement that is due, for one question; returns how many that was, 0 when none is."""
    values = {
        "after": timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS), "every": EVERY, "share": SHARE,
    }  # fmt: skip
    for field in FIELDS:
        with connection.cursor() as cursor:
            cursor.execute(_DUE.format(asked_if=field.asked_if), {**values, "field": field.name})
            due = cursor.fetchone()
        if due:
            count(due[0], field)
            return 1
    return 0


def count(statement_id: int, field: optional.OptionalField) -> None:
    """Count the places of one statement anew by the answers to one question."""
    place = field.place.format(column=f"sig.{field.name}")
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT.format(place=place, name=field.name),
            {"statement": statement_id, "field": field.name, "fewest": FEWEST},
        )


@dataclass(frozen=True)
class Places:
    """Where signers live by the answers to one question, as it was counted last.

    `rows` are at most SHOWN places in words with how many people, the most first; `others` how many live elsewhere;
    `silent` how many of those who count now gave no answer.
    """

    label: optional.Words
    rows: list[tuple[str, int]]
    others: int
    silent: int
    counted_at: datetime


def places_of(statement: Statement) -> list[Places]:
    """What is known of where a statement's signers live, for each question that was counted; three queries."""
    counts = {count.field: count for count in PlaceCount.objects.filter(statement=statement)}
    if not counts:
        return []
    people = counting.numbers([statement])[statement.pk].people
    found = SignedPlace.objects.filter(statement=statement).order_by("-people", "place")
    by_field: dict[str, list[tuple[str, int]]] = {}
    for row in found:
        by_field.setdefault(row.field, []).append((row.place, row.people))
    return [
        _places(field, counts[field.name], by_field.get(field.name, [])[:SHOWN], people)
        for field in FIELDS
        if field.name in counts
    ]


def _places(field: optional.OptionalField, known: PlaceCount, rows: list[tuple[str, int]], people: int) -> Places:
    return Places(
        label=field.label,
        rows=[(field.said(place), number) for place, number in rows],
        others=known.given - sum(number for _, number in rows),
        silent=max(0, people - known.given),
        counted_at=known.counted_at,
    )
