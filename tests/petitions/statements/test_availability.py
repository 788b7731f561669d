"""Public, open, over, in grace: as a Q, as SQL and in Python it is one definition, whatever the times."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from petitions.models import Statement
from petitions.statements import availability, finding
from submissions import status
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db

# Hours from now. Whatever is compared is hours apart, so a slow machine changes nothing.
PUBLISHED = [None, -200, -2, 1]
CLOSES = [None, -30, -20, -1, 5]
CLOSED = [None, -40, -25, -23, -1]
HIDDEN = [None, -1]
SIGNED_BY = ["both", "people", "organisations"]
MAILED = [None, -50, -25, -23, -1]

Times = tuple[int | None, int | None, int | None, int | None]


def can_be(published: int | None, closes: int | None) -> bool:
    """What the database lets stand: it closes after it opens."""
    return published is None or closes is None or closes > published


GRID: list[Times] = [
    (published, closes, closed, hidden)
    for published, closes, closed, hidden in product(PUBLISHED, CLOSES, CLOSED, HIDDEN)
    if can_be(published, closes)
]


def at(hours: int | None, now: datetime) -> datetime | None:
    return None if hours is None else now + timedelta(hours=hours)


@pytest.fixture
def grid() -> dict[int, Statement]:
    """One statement for each cell, by its id."""
    now = timezone.now()
    rows = [
        Statement(
            title="T", slug=f"s-{number}", published_at=at(times[0], now), closes_at=at(times[1], now),
            closed_at=at(times[2], now), hidden_at=at(times[3], now), signed_by=SIGNED_BY[number % 3],
        )
        for number, times in enumerate(GRID)
    ]  # fmt: skip
    return {row.pk: row for row in Statement.objects.bulk_create(rows)}


def by_sql(condition: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT st.id FROM petitions_statement st WHERE {condition}", status.times())
        return {pk for (pk,) in cursor.fetchall()}


def by_q(condition) -> set[int]:
    return set(Statement.objects.filter(condition).values_list("pk", flat=True))


def test_the_three_agree_everywhere(grid):
    a = availability
    over = a.PUBLIC & a.OVER
    ways = {
        "public": (a.PUBLIC, a.PUBLIC_SQL, a.is_public),
        "open": (a.OPEN, a.OPEN_SQL, a.is_open),
        "over": (a.OVER, a.OVER_SQL, lambda row: a.ended_at(row) is not None),
        "closed": (over, f"{a.PUBLIC_SQL} AND {a.OVER_SQL}", lambda row: a.is_public(row) and row.ended_at is not None),
        "people": (~Q(signed_by="organisations"), a.TAKES_PEOPLE_SQL, lambda row: row.takes_people),
        "organisations": (a.TAKES_ORGANISATIONS, a.TAKES_ORGANISATIONS_SQL, lambda row: row.takes_organisations),
    }
    for name, (q, sql, python) in ways.items():
        found = by_q(q)
        assert (name, by_sql(sql)) == (name, found)
        assert (name, {pk for pk, row in grid.items() if python(row)}) == (name, found)
        assert 0 < len(found) < len(grid), name


def test_the_words_of_the_query_set_and_of_the_model_are_the_same(grid):
    def of(rows) -> set[int]:
        return set(rows.values_list("pk", flat=True))

    public = of(Statement.objects.public())
    assert of(Statement.objects.open()) == {pk for pk, row in grid.items() if row.is_open}
    assert of(Statement.objects.closed()) | of(Statement.objects.open()) == public
    assert of(Statement.objects.closed()) & of(Statement.objects.open()) == set()
    assert {pk for pk, row in grid.items() if row.status in {"open", "closed"} and not row.hidden_at} == public
    assert {pk for pk, row in grid.items() if row.status == "closed" and not row.hidden_at} == of(
        Statement.objects.closed()
    )


def test_pages_are_found_exactly_where_they_are_public(grid):
    for row in grid.values():
        try:
            finding.stamp(row.slug)
            found = True
        except finding.Http404:
            found = False
        assert (row.slug, found) == (row.slug, availability.is_public(row))


def is_in_grace(statement, mailed_at, now=None) -> bool:
    """What SQL says of a submission to `statement` that was first mailed at `mailed_at`, in Python."""
    now = now or timezone.now()
    over = availability.ended_at(statement, now)
    if over is None or mailed_at is None:
        return True
    return max(over, mailed_at) > now - timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS)


@pytest.mark.parametrize("mailed", MAILED)
def test_the_grace_is_the_same_in_sql_and_in_python(grid, mailed):
    now = timezone.now()
    mailed_at = at(mailed, now)
    literal = "NULL::timestamptz" if mailed_at is None else f"'{mailed_at.isoformat()}'::timestamptz"
    found = by_sql(availability.in_grace_sql(literal))
    assert found == {pk for pk, row in grid.items() if is_in_grace(row, mailed_at)}
    assert len(found) == len(grid) if mailed in {None, -23, -1} else 0 < len(found) < len(grid)


# By hand, so that three that agree are not wrong together.
@pytest.mark.parametrize(
    ("times", "public", "is_open", "ended", "status"),
    [
        ((None, None, None, None), False, False, None, "draft"),
        ((1, None, None, None), False, False, None, "scheduled"),
        ((-2, None, None, None), True, True, None, "open"),
        ((-2, 5, None, None), True, True, None, "open"),
        ((-2, -1, None, None), True, False, -1, "closed"),
        ((-200, 5, -1, None), True, False, -1, "closed"),
        ((-200, -30, -25, None), True, False, -30, "closed"),
        ((-200, -20, -25, None), True, False, -25, "closed"),
        ((-2, None, None, -1), False, False, None, "open"),
        ((-200, None, -23, -1), False, False, -23, "closed"),
    ],
)
def test_what_is_right(times, public, is_open, ended, status):
    now = timezone.now()
    published, closes, closed, hidden = (at(hours, now) for hours in times)
    row = StatementFactory(published_at=published, closes_at=closes, closed_at=closed, hidden_at=hidden)
    assert (availability.is_public(row), row.is_open, row.ended_at, row.status) == (
        public, is_open, at(ended, now), status
    )  # fmt: skip
    assert by_sql(availability.OPEN_SQL) == ({row.pk} if is_open else set())


@pytest.mark.parametrize(
    ("closed", "mailed", "expected"),
    [(-23, -50, True), (-25, -50, False), (-25, -23, True), (-25, -25, False), (-99, None, True), (None, -99, True)],
)
def test_grace_runs_from_the_later_of_end_and_first_mail(settings, closed, mailed, expected):
    assert settings.GRACE_AFTER_CLOSING_HOURS == 24
    now = timezone.now()
    row = StatementFactory(published_at=at(-200, now), closed_at=at(closed, now))
    assert is_in_grace(row, at(mailed, now)) is expected
