"""Which comments the queue shows: a tab, and whatever has something in common with one comment."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from comments.models import Comment

State = Comment.State


class TabFilter(admin.SimpleListFilter):
    """The tabs above the queue; what waits comes first."""

    title = "state"
    parameter_name = "state"
    TABS = [
        ("waiting", "Waiting"),
        ("reported", "Reported"),
        ("published", "Published"),
        ("spam", "Spam"),
        ("binned", "Bin"),
        ("all", "All"),
    ]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        self.default = "all" if request.GET.get("like") else State.WAITING
        return self.TABS

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value() or self.default
        if state == "all":
            return queryset
        if state == "reported":
            return queryset.filter(state=State.PUBLISHED, hidden_at__isnull=False)
        if state == State.PUBLISHED:
            return queryset.filter(state=State.PUBLISHED, hidden_at=None)
        return queryset.filter(state=state)


class AlikeFilter(admin.SimpleListFilter):
    """`?like=mailbox-12`: what came from the same mailbox as comment 12; also `network`, and `thread-3` by itself.

    The address bar and the logs thus hold no address of anybody.
    """

    title = "in common"
    parameter_name = "like"
    FIELDS = {"mailbox": "email_canonical", "network": "ip_key", "thread": "thread_id"}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        """A filter without output would not be asked."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        kind, _, pk = (self.value() or "").partition("-")
        if kind not in self.FIELDS or not pk.isdecimal() or len(pk) > 18:
            return queryset
        if kind == "thread":
            return queryset.filter(thread=int(pk))
        field = self.FIELDS[kind]
        value = Comment.objects.filter(pk=int(pk)).values_list(field, flat=True).first()
        return queryset.filter(**{field: value}) if value else queryset.none()
