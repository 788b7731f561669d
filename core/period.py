"""Periods: when something takes place, by the clocks of the place or in whole days, and how it is written.

One type for pages, lists, cards, mails, calendars and data, so that none of them tells another day than the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markupsafe import Markup

NBSP = "\N{NO-BREAK SPACE}"
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
NOON, MIDNIGHT = time(12), time(0)
# Draws one part of a period: its words, and the same for machines.
Draw = Callable[[str, str], str]


@dataclass(frozen=True)
class Period:
    """From `start` to `end` (aware times; None: it is not said when it ends) by the clocks of `zone`.

    In whole days `start` is the beginning of the first day there, and `end` the beginning of the day after the last.
    """

    start: datetime
    end: datetime | None
    zone: str
    whole_days: bool = False

    @classmethod
    def of_days(cls, first: date, last: date, zone: str) -> "Period":
        """The whole days from `first` to `last`, both among them."""
        return cls(begins(first, zone), begins(last + DAY, zone), zone, whole_days=True)

    @property
    def local_start(self) -> datetime:
        """The start by the clocks of the place."""
        return self.start.astimezone(ZoneInfo(self.zone))

    @property
    def local_end(self) -> datetime | None:
        """The end by the clocks of the place, where one was given."""
        return self.end and self.end.astimezone(ZoneInfo(self.zone))

    @property
    def first_day(self) -> date:
        """The day on which it begins there."""
        return self.local_start.date()

    @property
    def last_day(self) -> date:
        """The last day with a part of it; what ends at midnight ends with the day before."""
        # In UTC, because Python adds and subtracts on the wall of a zone, where hours are missing.
        end = self.end and max(self.end.astimezone(UTC) - MOMENT, self.start)
        return end.astimezone(ZoneInfo(self.zone)).date() if end else self.first_day

    @property
    def day(self) -> str:
        """The first day, such as `17 October 2026`, in the reader's language."""
        return formats.date_format(self.first_day, pgettext("a day within a sentence, as Django's dates", "j F Y"))

    @property
    def over_at(self) -> datetime:
        """When it is over."""
        return self.end or self.start

    @property
    def iso_start(self) -> str:
        """For machines (ISO 8601): `2026-12-04` for whole days, else `2026-12-04T10:00:00+00:00`."""
        return self.first_day.isoformat() if self.whole_days else _iso(self.local_start)

    @property
    def iso_end(self) -> str | None:
        """The same of the end; of whole days it is the last one, as schema.org counts them."""
        if self.whole_days:
            return self.last_day.isoformat()
        return _iso(self.local_end) if self.local_end else None

    def __str__(self) -> str:
        """`Saturday 17 October 2026, 12 noon to 2 p.m.`; `Friday 4 to Sunday 6 December 2026`."""
        return self._said(lambda words, machine: words)

    def __html__(self) -> str:
        """The same with each end marked as a time (HTML 4.5.14)."""
        return self._said(lambda words, machine: Markup('<time datetime="{}">{}</time>').format(machine, words))

    def _said(self, draw: Draw) -> str:
        if self.whole_days:
            return self._days(draw)
        said, ends = draw(_at(self.first_day, self.local_start), self.iso_start), self.local_end
        if ends is not None:
            is_one_day = self.last_day == self.first_day
            said = _to(said, draw(clock(ends) if is_one_day else _at(self.last_day, ends), _iso(ends)))
        return (
            said if self._is_by_our_clocks else _filled(_("%(when)s, %(city)s time"), when=said, city=city(self.zone))
        )

    def _days(self, draw: Draw) -> str:
        first, last = self.first_day, self.last_day
        if first == last:
            return draw(day(first), self.iso_start)
        if first.year != last.year:
            words = day(first)
        elif first.month != last.month:
            words = formats.date_format(
                first, pgettext("the first of several days in a year, as Django's dates", "l j F")
            )
        else:
            words = formats.date_format(
                first, pgettext("the first of several days in a month, as Django's dates", "l j")
            )
        return _to(draw(words, self.iso_start), draw(day(last), last.isoformat()))

    @property
    def _is_by_our_clocks(self) -> bool:
        ours = ZoneInfo(settings.TIME_ZONE)
        return all(
            moment.astimezone(ours).utcoffset() == moment.astimezone(ZoneInfo(self.zone)).utcoffset()
            for moment in (self.start, self.over_at)
        )


def _at(on: date, at: datetime) -> str:
    return _("%(day)s, %(time)s") % {"day": day(on), "time": clock(at)}


def _to(start: str, end: str) -> str:
    return _filled(_("%(start)s to %(end)s"), start=start, end=end)


def _filled(sentence: str, **parts: str) -> str:
    """A sentence with its parts; HTML, and the others escaped, when one of them is."""
    is_html = any(isinstance(part, Markup) for part in parts.values())
    return (Markup(sentence) if is_html else sentence) % parts


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def day(on: date) -> str:
    """`Saturday 17 October 2026`, in the reader's language."""
    return formats.date_format(on, pgettext("a day, as Django's dates", "l j F Y"))


def clock(at: datetime) -> str:
    """`2 p.m.`, `10:30 a.m.`, `12 noon`, `midnight`, in the reader's language, on one line."""
    named = {NOON: _("12 noon"), MIDNIGHT: _("midnight")}
    return named.get(at.time(), formats.time_format(at.time(), "TIME_FORMAT")).replace(" ", NBSP)


def until(end: datetime) -> str:
    """When something closes, by the site's clocks: `30 June 2027` at the end of that day, else with its time."""
    local = timezone.localtime(end, ZoneInfo(settings.TIME_ZONE))
    last = (local - timedelta(minutes=1)).date()
    pattern = pgettext("a closing day, as Django's dates", "j F Y")
    if (local + timedelta(minutes=1)).date() != last or local.time() == MIDNIGHT:
        return formats.date_format(last, pattern)
    return _("%(time)s on %(day)s") % {"time": clock(local), "day": formats.date_format(local, pattern)}


# -- clocks --


def city(zone: str) -> str:
    """`New York` for `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def begins(on: date, zone: str) -> datetime:
    """When that day begins there: where the clocks go forward at midnight, it begins at one."""
    midnight = datetime.combine(on, MIDNIGHT, ZoneInfo(zone))
    return midnight.astimezone(UTC).astimezone(ZoneInfo(zone))


def readings(wall: datetime, zone: str) -> list[datetime]:
    """The moments that a clock on the wall there may mean: one; two in the hour that comes twice in autumn; and for an
    hour that is left out in spring the two that somebody may have meant, later first (PEP 495)."""
    both = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    return [moment.astimezone(ZoneInfo(zone)) for moment in dict.fromkeys(both)]


def is_missing(wall: datetime, zone: str) -> bool:
    """Whether no clock there ever shows this time."""
    return all(moment.replace(tzinfo=None) != wall for moment in readings(wall, zone))


def comes_twice(moment: datetime) -> bool:
    """Whether the clocks of its zone show this time twice, so that it must be written with its offset, or in UTC."""
    wall = moment.replace(tzinfo=None, fold=0)
    return len({wall.replace(tzinfo=moment.tzinfo, fold=fold).utcoffset() for fold in (0, 1)}) > 1


def is_zone(name: str) -> bool:
    """Whether clocks somewhere go by a zone of that name."""
    return name in _known()


@cache
def _known() -> set[str]:
    return available_timezones()


@cache
def zones() -> dict[str, list[str]]:
    """The time zones that people live in, by area: one for each place in the IANA database's zone.tab, and UTC."""
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text()
    known = {line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#")}
    areas: dict[str, list[str]] = {}
    for zone in sorted(known & _known()):
        areas.setdefault(zone.partition("/")[0], []).append(zone)
    return areas | {"UTC": ["UTC"]}


def choices(*first: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of time zones: the site's own and `first`, then all by area."""
    own = list(dict.fromkeys([settings.TIME_ZONE, *filter(None, first)]))
    every = [
        (area, [(zone, zone.partition("/")[2].replace("_", " ") or zone) for zone in zones])
        for area, zones in zones().items()
    ]
    return [(_("Used here"), [(zone, zone.replace("_", " ")) for zone in own]), *every]
