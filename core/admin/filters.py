"""Filters that every app's lists may use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList

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
