"""Signatures by the hour: rolled up once a minute, so that the home page costs the same under ten million of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from petitions.signatures import sums
from petitions.signatures.models import SignedHour
from petitions.statements import availability, counting
from petitions.statements.models import Statement

FIRST_HOURS = 72
MOST_BARS = 120
WIDTH, HEIGHT = 640, 120

# What came since the statement was counted last (sums.py), by whole hours; all of one that never was.
_ROLL_UP = f"""
INSERT INTO petitions_signedhour AS known (statement_id, hour, confirmed)
SELECT st.id, hour, people FROM petitions_statement st
    LEFT JOIN petitions_sumscount counted ON counted.statement_id = st.id
    CROSS JOIN LATERAL (
        SELECT date_trunc('hour', sig.confirmed_at, 'UTC') AS hour, count(*) FILTER (WHERE {sums.COUNTS}) AS people
        FROM petitions_signature sig WHERE sig.statement_id = st.id AND sig.import_id IS NULL
            AND sig.confirmed_at >=
                coalesce(date_trunc('hour', counted.counted_at - interval '5 minutes', 'UTC'), '-infinity')
        GROUP BY 1
    ) new
WHERE {availability.PUBLIC_SQL}
ON CONFLICT (statement_id, hour) DO UPDATE SET confirmed = EXCLUDED.confirmed
WHERE known.confirmed <> EXCLUDED.confirmed
"""


def roll_up() -> int:
    """Bring the hours up to date; returns how many changed. Harmless however long ago it was done last."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP)
        return cursor.rowcount


def rebuild(statement: Statement) -> None:
    """Count all anew, after signatures came in with dates in the past."""
    sums.count(statement.pk)


@dataclass(frozen=True)
class Bar:
    """One bar of a plot: its time in words, its number, and its position in the drawing."""

    when: str
    number: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plot:
    """Signatures of a statement over time: per hour in its first 72 hours, then per day (or so many days)."""

    statement: Statement
    people: int
    today: int
    unit: str
    bars: list[Bar]
    most: int
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"
    height: int = HEIGHT
    width: int = WIDTH

    @property
    def words(self) -> str:
        """The plot in a sentence."""
        words = _("Signatures per %(unit)s: at most %(most)s, %(newest)s in the newest.")
        return words % {"unit": self.unit, "most": f"{self.most:,}", "newest": f"{self.bars[-1].number:,}"}


def plots(statements: list[Statement]) -> list[Plot]:
    """A plot of each statement; two queries however many there are."""
    known: dict[int, list[SignedHour]] = defaultdict(list)
    for row in SignedHour.objects.filter(statement__in=statements).order_by("hour"):
        known[row.statement_id].append(row)
    numbers = counting.numbers(statements)
    return [_plot(statement, known[statement.pk], numbers[statement.pk].people) for statement in statements]


def _plot(statement: Statement, rows: list[SignedHour], people: int) -> Plot:
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = timezone.localtime(min([statement.published_at or now, *(row.hour for row in rows)]))
    step, unit, first = _steps(start, now)
    sums = [0] * max(1, ceil((now - first) / step))
    for row in rows:
        sums[min(len(sums) - 1, int((row.hour - first) / step))] += row.confirmed
    return Plot(
        statement=statement,
        people=people,
        today=sum(row.confirmed for row in rows if row.hour >= midnight),
        unit=unit,
        bars=_bars(sums, first, step),
        most=max(sums),
    )


def _steps(start: datetime, now: datetime) -> tuple[timedelta, str, datetime]:
    if now - start <= timedelta(hours=FIRST_HOURS):
        return timedelta(hours=1), _("hour"), start.replace(minute=0, second=0, microsecond=0)
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = ceil((now - first) / timedelta(days=MOST_BARS))
    unit = ngettext("day", "%(number)s days", days) % {"number": days}
    return timedelta(days=days), unit, first


def _bars(sums: list[int], first: datetime, step: timedelta) -> list[Bar]:
    wide, most = WIDTH / len(sums), max(*sums, 1)
    form = "%-d %b, %H:00" if step < timedelta(days=1) else "%-d %b %Y"
    bars = []
    for place, number in enumerate(sums):
        tall = round((HEIGHT - 2) * number / most, 1)
        when = timezone.localtime(first + place * step).strftime(form)
        bars.append(Bar(when, number, round(place * wide, 1), HEIGHT - tall, round(max(wide - 1.5, 0.8), 1), tall))
    return bars
