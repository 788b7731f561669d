"""Columns of days and times that somebody types: none is so far away that nothing can be reckoned with it.

Who means "never" types 31 December 9999, and a finger slips to the year 1: a minute, an hour's offset or a calendar's
rules added to that overflow, and then a page, or the calendar of all events, could not be made.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

FIRST, AFTER_LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
SENTENCE = _("Write a day from 1900 to 2199, or leave it empty if there is none.")


def within_reach(value: date | datetime) -> None:
    """Raises ValidationError for a day, or an aware time, before 1900 or after 2199."""
    is_near = FIRST <= value < AFTER_LAST if isinstance(value, datetime) else FIRST.date() <= value < AFTER_LAST.date()
    if not is_near:
        raise ValidationError(SENTENCE, code="out_of_reach")


class _Near(models.Field):
    """What both columns have in common; the database checks it for every writer."""

    default_validators: list[Callable[[Any], None]] = [within_reach]

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(str(self.column))
        ends = (FIRST.isoformat(), AFTER_LAST.isoformat())
        first, after = ends if isinstance(self, models.DateTimeField) else (end[:10] for end in ends)
        return f"{column} >= '{first}' AND {column} < '{after}'"


class MomentField(_Near, models.DateTimeField):
    """A time that somebody types."""


class DayField(_Near, models.DateField):
    """A day that somebody types."""
