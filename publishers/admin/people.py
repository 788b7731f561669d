"""Who works for which publisher, on the desk: its administrator changes roles, who administers the site adds people."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.admin import HouseAdmin
from core.staff_request import staff
from publishers import staffing
from publishers.models import Membership


@admin.register(Membership)
class MembershipAdmin(HouseAdmin):
    """A person, a publisher and a role."""

    list_display = ["user", "publisher", "role", "created_at"]
    list_select_related = ["user", "publisher"]
    list_filter = ["role"]
    fields = ["user", "publisher", "role"]
    actions = None

    def _administers(self, request: HttpRequest, obj: Membership | None) -> bool:
        mine = staffing.administered_by(request.user)
        return mine.filter(pk=obj.publisher_id).exists() if obj else mine.exists()

    def has_view_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Theirs, too, who administer the publisher."""
        return super().has_view_permission(request, obj) or self._administers(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """The same."""
        return super().has_change_permission(request, obj) or self._administers(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """The same."""
        return super().has_delete_permission(request, obj) or self._administers(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return super().has_module_permission(request) or self._administers(request, None)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Who and whose stays: take it away and add another."""
        return ["user", "publisher"] if obj else []

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: bool) -> None:
        """Through the verb."""
        by = staff(request).user
        obj.pk = staffing.employ(user=obj.user, publisher=obj.publisher, role=obj.role, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Through the verb."""
        staffing.let_go(membership=obj, by=staff(request).user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Through the verb."""
        for one in queryset:
            staffing.let_go(membership=one, by=staff(request).user)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has entered it."""
        return LogEntry()

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has entered it."""
        return LogEntry()

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> list[LogEntry]:
        """The verb has entered it."""
        return []
