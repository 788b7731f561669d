"""Events that come again: copies of one, made in one go, each with an identity, a page and a list of its own."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from core import audit, period
from core.audit import Staff
from core.period import Period
from core.text.kinds import SLUG
from petitions.actions.events import save_event
from petitions.actions.models import Event

MOST = 52
LONGEST_SLUG = 80
COPIED = (
    "statement_id", "title", "summary", "timezone", "whole_days", "venue", "address", "online_url", "details_url",
    "accessibility", "takes_names", "capacity", "telling",
)  # fmt: skip


class Every(models.TextChoices):
    """How often it comes again."""

    WEEK = "week", _("every week")
    FORTNIGHT = "fortnight", _("every two weeks")
    MONTH_DAY = "month_day", _("every month on the same weekday, such as the second Tuesday")
    MONTH_DATE = "month_date", _("every month on the same date; on the last day of shorter months")


class NothingToRepeat(Exception):
    """All these dates are there already."""


@dataclass(frozen=True)
class Copy:
    """One date at which it comes again."""

    when: Period
    slug: str
    is_there: bool = False


def dates(event: Event, every: str, times: int) -> list[Copy]:
    """The next `times` dates after the event's own, by the clocks of the place; those that are there already say so."""
    found = [_moved(event.period, _day(event.period.first_day, every, number)) for number in range(1, times + 1)]
    slugs = [_slug(event.slug, when.first_day) for when in found]
    there = set(Event.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    return [Copy(when, slug, slug in there) for when, slug in zip(found, slugs, strict=True)]


@transaction.atomic
def repeat(*, event: Event, every: str, times: int, by: Staff = None) -> list[Event]:
    """Make the copies that are not there yet; nobody who comes to one is on the list of another.

    Raises NothingToRepeat when all are there.
    """
    made = [_made(event, copy) for copy in dates(event, every, times) if not copy.is_there]
    if not made:
        raise NothingToRepeat
    for copy in made:
        save_event(event=copy, by=by)
    audit.record(by=by, on=event, what=f"Repeated it {len(made)} times")
    return made


def _made(event: Event, copy: Copy) -> Event:
    same = {name: getattr(event, name) for name in COPIED}
    return Event(slug=copy.slug, starts_at=copy.when.start, ends_at=copy.when.end, **same)


def _slug(slug: str, on: date) -> str:
    """The slug with its day, in place of one that it ends with already."""
    stem = slug[: -len("-2026-10-17")] if slug[-10:].replace("-", "").isdecimal() and slug[-11:-10] == "-" else slug
    return SLUG.tidy(f"{stem[: LONGEST_SLUG - 11]}-{on.isoformat()}")


def _day(first: date, every: str, number: int) -> date:
    if every in {Every.WEEK, Every.FORTNIGHT}:
        return first + timedelta(weeks=number * (2 if every == Every.FORTNIGHT else 1))
    months = first.month - 1 + number
    year, month = first.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if every == Every.MONTH_DATE:
        return date(year, month, min(first.day, last))
    begins = date(year, month, 1)
    days = (first.weekday() - begins.weekday()) % 7 + (first.day - 1) // 7 * 7
    return begins + timedelta(days=days if days < last else days - 7)  # a fifth one that is not there: the last


def _moved(when: Period, first: date) -> Period:
    """The same on another day: by the clocks on the wall, so that 7 p.m. stays 7 p.m. when they change."""
    moved = first - when.first_day
    if when.whole_days:
        return Period.of_days(first, when.last_day + moved, when.zone)
    ends = when.local_end and _on_the_wall(when.local_end, moved, when.zone)
    return Period(_on_the_wall(when.local_start, moved, when.zone), ends, when.zone)


def _on_the_wall(at: datetime, moved: timedelta, zone: str) -> datetime:
    return period.readings(at.replace(tzinfo=None, fold=0) + moved, zone)[0]
