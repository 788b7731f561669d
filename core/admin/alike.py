"""Finding what rows have in common, without anybody's address in the address bar and the logs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from core import desk
from core.admin.base import LIKE

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices as Choice

LONGEST_ID = 18


class AlikeFilter(admin.SimpleListFilter):
    """`?like=network-12`: rows with the same network as row 12. A subclass lists in FIELDS what rows can share."""

    title = "in common"
    parameter_name = LIKE
    FIELDS: Mapping[str, Any]  # expressions by the words of the address

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        """A filter without output would not be asked."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator["Choice"]:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        kind, _, pk = (self.value() or "").partition("-")
        if kind not in self.FIELDS or not pk.isdecimal() or len(pk) > LONGEST_ID:
            return queryset
        return self.alike(queryset, kind, int(pk), desk.seen_by(request.user, queryset.model.objects.all()))

    def alike(self, queryset: QuerySet, kind: str, pk: int, seen: QuerySet) -> QuerySet:
        """The rows that have the same `kind` as row `pk` of `seen`; none when it has nothing there."""
        same = seen.filter(pk=pk).values_list(self.FIELDS[kind], flat=True).first()
        return queryset.alias(shared=self.FIELDS[kind]).filter(shared=same) if same else queryset.none()
