"""Filters of the staff list of statements."""

from collections.abc import Callable
from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from petitions.statements.models import StatementQuerySet


class StatusFilter(admin.SimpleListFilter):
    """How a statement stands, by the database's clock."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in ("draft", "scheduled", "open", "closed", "hidden")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        rows = cast(StatementQuerySet, queryset)  # of our own manager
        rules: dict[str | None, Callable[[], QuerySet]] = {
            "draft": lambda: queryset.filter(published_at=None),
            "scheduled": lambda: queryset.filter(published_at__gt=Now(), hidden_at=None),
            "open": rows.open,
            "closed": rows.closed,
            "hidden": lambda: queryset.filter(hidden_at__isnull=False),
        }
        return rules[self.value()]() if self.value() in rules else queryset
