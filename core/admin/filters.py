"""Filters that every app's lists may use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from core import desk

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices as Choice
    from django_stubs_ext import StrOrPromise


class UsualFilter(admin.SimpleListFilter):
    """A filter that chooses something also when nobody has chosen: its first choice is called by what that is."""

    USUAL: "StrOrPromise"

    def choices(self, changelist: ChangeList) -> Iterator["Choice"]:
        """Django's, of which the first would be called "All"."""
        usual, *others = super().choices(changelist)
        yield {**usual, "display": str(self.USUAL)}
        yield from others


class OfFilter(admin.SimpleListFilter):
    """`?of=7`: what belongs to the thing of that number. It offers no choices: the pages around the list lead here."""

    title = "what it belongs to"
    parameter_name = desk.OF

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        """A filter without output would not be asked."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator["Choice"]:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        number = self.value()
        if number is None:
            return queryset
        return desk.belonging(queryset, int(number)) if is_number(number) else queryset.none()


LONGEST_NUMBER = 18


def is_number(text: str) -> bool:
    """Whether it can be the number of a row."""
    return text.isdecimal() and text.isascii() and len(text) <= LONGEST_NUMBER
