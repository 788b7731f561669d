"""Which comments the queue shows: a tab, and whatever has something in common with one comment."""

from typing import cast

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from comments.models import Comment
from comments.models.comments import CommentQuerySet
from core.admin.alike import AlikeFilter

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
            return cast(CommentQuerySet, queryset).reported()
        if state == State.PUBLISHED:
            return queryset.filter(state=State.PUBLISHED, hidden_at=None)
        return queryset.filter(state=state)


class SaidAlikeFilter(AlikeFilter):
    """The mailbox or the network of one comment; `thread-3` is the thread of that id itself."""

    FIELDS = {"mailbox": F("mailbox_key"), "network": F("ip_key"), "thread": F("thread")}

    def alike(self, queryset: QuerySet, kind: str, pk: int, seen: QuerySet) -> QuerySet:
        return queryset.filter(thread=pk) if kind == "thread" else super().alike(queryset, kind, pk, seen)
