"""What the desk reads of a statement's numbers: sums that the worker counted (sums.py), never the signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from petitions.signatures.models import AskedDay, SignedHour, SignedSum, SumsCount
from petitions.statements import counting
from petitions.statements.models import Statement

GOOD = 75  # of a hundred who are asked, so many agree where the mail arrives and is understood


@dataclass(frozen=True)
class Way:
    """Where people came from: how many were asked by it and agreed, and how they stand now."""

    source: str
    asked: int
    agreed: int
    people: int
    brought_in: int
    held: int
    removed: int
    news: int


@dataclass(frozen=True)
class Figures:
    """How a statement stands, in numbers; `counted` is None before the worker has counted it first."""

    statement: Statement
    people: int
    counted: SumsCount | None
    all: SignedSum
    ways: Sequence[Way]
    languages: Sequence[tuple[str, int]]

    @property
    def gone(self) -> int:
        """How many were taken back or erased."""
        return self.all.withdrawn + (self.counted.gone if self.counted else 0)

    @property
    def waiting(self) -> int:
        """How many were asked and have not answered yet."""
        return self.counted.waiting if self.counted else 0

    @property
    def private(self) -> int:
        """How many keep their name to themselves."""
        return max(self.all.people + self.all.brought_in - self.all.shown, 0)


def of(statement: Statement) -> Figures:
    """All sums of one statement; four queries."""
    sums = list(SignedSum.objects.filter(statement=statement).order_by("-people", "key"))
    by_source = {one.key: one for one in sums if one.what == "source"}
    asked = AskedDay.objects.filter(statement=statement).values_list("source")
    rates = {source: (all_, agreed) for source, all_, agreed in asked.annotate(Sum("asked"), Sum("agreed"))}
    nothing = _nothing(statement)
    ways = [_way(key, by_source.get(key, nothing), *rates.get(key, (0, 0))) for key in {**by_source, **rates}]
    return Figures(
        statement=statement,
        people=counting.numbers([statement])[statement.pk].people,
        counted=SumsCount.objects.filter(statement=statement).first(),
        all=next((one for one in sums if one.what == "all"), nothing),
        ways=sorted(ways, key=lambda way: (-way.people, -way.asked, way.source)),
        languages=[(one.key, one.people + one.brought_in) for one in sums if one.what == "language"],
    )


def _nothing(statement: Statement) -> SignedSum:
    names = ("people", "brought_in", "held", "removed", "withdrawn", "shown", "news")
    return SignedSum(statement=statement, what="all", key="", **dict.fromkeys(names, 0))


def _way(source: str, one: SignedSum, asked: int, agreed: int) -> Way:
    return Way(source, asked, agreed, one.people, one.brought_in, one.held, one.removed, one.news)


_DAYS = """
SELECT (hour AT TIME ZONE %(zone)s)::date, sum(confirmed)::int FROM petitions_signedhour
WHERE statement_id = %(statement)s GROUP BY 1 ORDER BY 1
"""


def by_day(statement: Statement) -> list[tuple[date, int]]:
    """How many signed on each day, by the site's clocks, from the first day to today, with the days without any."""
    values: dict[str, Any] = {"statement": statement.pk, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, values)
        known = dict(cursor.fetchall())
    return _filled(known, _first_day(statement, known))


def _first_day(statement: Statement, known: dict[date, int]) -> date:
    published = timezone.localdate(statement.published_at) if statement.published_at else timezone.localdate()
    return min([published, *known])


def _filled(known: dict[date, int], first: date) -> list[tuple[date, int]]:
    last = max([timezone.localdate(), *known])
    return [(day, known.get(day, 0)) for day in (first + timedelta(n) for n in range((last - first).days + 1))]


def by_hour(statement: Statement, hours: int) -> list[tuple[datetime, int]]:
    """How many signed in each of the last `hours` hours, the running one among them."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = now - timedelta(hours=hours - 1)
    rows = SignedHour.objects.filter(statement=statement, hour__gte=first)
    known = dict(rows.values_list("hour", "confirmed"))
    return [(hour, known.get(hour, 0)) for hour in (first + timedelta(hours=n) for n in range(hours))]


def within(statement: Statement, start: datetime, end: datetime) -> int:
    """How many signed between two times, by whole hours."""
    rows = SignedHour.objects.filter(statement=statement, hour__gte=start, hour__lt=end)
    return rows.aggregate(all=Sum("confirmed", default=0))["all"]


def asked_by_day(statement: Statement) -> list[tuple[date, int, int]]:
    """How many were asked on each day, and how many of them have agreed."""
    rows = AskedDay.objects.filter(statement=statement).values_list("day").order_by("day")
    return list(rows.annotate(Sum("asked"), Sum("agreed")))
