"""Charts as SVG, drawn on the server from the very rows of the table beneath them: no script, no style of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils.functional import Promise

from core import csv

WIDTH, HEIGHT, ROOM = 720, 180, 2
Words = str | Promise
Cell = str | int


@dataclass(frozen=True)
class Mark:
    """Something that happened, as a line in the chart with a number that the list below explains."""

    at: datetime
    words: str
    kind: Words
    url: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of a chart: what each is about, then its numbers. `name` is its name in addresses and files.

    `draws` are the columns that are drawn, from 1 on: one as bars (`is_line`: as a line), two as lines. `most` is the
    top of the scale, if it is not the greatest number, and `level` a line across. `starts` are the beginnings of rows
    that follow one another in time, by which marks find their place.
    """

    name: str
    title: Words
    head: Sequence[Words]
    rows: Sequence[Sequence[Cell]]
    draws: tuple[int, ...] = ()
    is_line: bool = False
    most: int = 0
    level: int = 0
    unit: Words = ""
    note: Words = ""
    starts: Sequence[datetime | date] = ()
    marks: Sequence[Mark] = field(default_factory=tuple)

    @property
    def top(self) -> int:
        """The top of the scale."""
        return self.most or max([self._number(row, column) for row in self.rows for column in self.draws] + [1])

    @property
    def is_in_time(self) -> bool:
        """Whether it is drawn from left to right; else each row has a bar of its own."""
        return bool(self.starts)

    @property
    def first(self) -> Cell:
        """What stands at the left end."""
        return self.rows[0][0] if self.rows else ""

    @property
    def last(self) -> Cell:
        """What stands at the right end."""
        return self.rows[-1][0] if self.rows else ""

    @property
    def bars(self) -> list[dict[str, object]]:
        """A bar for each row that has a number, with what it says."""
        if self.is_line or len(self.draws) != 1 or not self.is_in_time:
            return []
        wide = WIDTH / max(len(self.rows), 1)
        found: list[dict[str, object]] = []
        for place, row in enumerate(self.rows):
            if number := self._number(row, self.draws[0]):
                tall = self._tall(number)
                found.append({"x": round(place * wide, 1), "y": HEIGHT - tall, "height": tall,
                              "width": round(max(wide - 1.5, 0.8), 1), "says": f"{row[0]}: {number:,}"})  # fmt: skip
        return found

    @property
    def lines(self) -> list[str]:
        """The points of each line."""
        if not self.is_line or not self.is_in_time:
            return []
        wide = WIDTH / max(len(self.rows), 1)
        return [
            " ".join(
                f"{round((place + 0.5) * wide, 1)},{round(HEIGHT - self._tall(self._number(row, column)), 1)}"
                for place, row in enumerate(self.rows)
                if isinstance(row[column], int)
            )
            for column in self.draws
        ]

    @property
    def level_y(self) -> float:
        """How high the line across is."""
        return HEIGHT - self._tall(self.level)

    @property
    def marked(self) -> list[tuple[int, float, Mark]]:
        """The marks that are within, each with its number and its place."""
        wide = WIDTH / max(len(self.rows), 1)
        found: list[tuple[int, float, Mark]] = []
        for mark in sorted(self.marks, key=lambda one: one.at):
            before = [start for start in self.starts if _is_before(start, mark.at)]
            if before:
                found.append((len(found) + 1, round((len(before) - 0.5) * wide, 1), mark))
        return found

    @property
    def shares(self) -> list[tuple[Sequence[Cell], float]]:
        """The rows, each with how long its bar is, of 100."""
        columns = self.draws[:1]
        return [(row, round(100 * self._number(row, columns[0]) / self.top, 1) if columns else 0) for row in self.rows]

    @property
    def words(self) -> str:
        """The chart in a sentence, for who does not see it."""
        return f"{self.title}: {self.first} – {self.last}, 0–{self.top:,} {self.unit}".strip()

    def _number(self, row: Sequence[Cell], column: int) -> int:
        value = row[column]
        return value if isinstance(value, int) else 0

    def _tall(self, number: int) -> float:
        return round((HEIGHT - ROOM) * min(number, self.top) / self.top, 1)


def _is_before(start: datetime | date, at: datetime) -> bool:
    return start <= at if isinstance(start, datetime) else start <= at.date()


def as_csv(table: Table) -> bytes:
    """The rows as a table for spreadsheets, every cell guarded."""
    lines = [csv.line(map(str, table.head)), *(csv.line(map(str, row)) for row in table.rows)]
    return csv.BOM + b"".join(lines)


def as_svg(table: Table) -> bytes:
    """The chart as a picture of its own, with its words in it, dark on white; any size, for slides and for print."""
    shares = [] if table.is_in_time else [(row, share, 56 + 26 * n) for n, (row, share) in enumerate(table.shares)]
    tall = HEIGHT + 110 if table.is_in_time else 70 + 26 * len(shares)
    context = {"table": table, "width": WIDTH, "height": HEIGHT, "tall": tall, "shares": shares}
    return render_to_string("admin/petitions/statement/chart_alone.svg", context).encode()
