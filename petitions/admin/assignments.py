"""Who looks after which statement."""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import HouseAdmin, SeenFilter
from core.staff_request import staff
from petitions.statements import assigning
from petitions.statements.team import Assignment


@admin.register(Assignment)
class AssignmentAdmin(HouseAdmin):
    """A person and a statement. Nothing to change: take it away and add another."""

    list_display = ["user", "statement", "created_at"]
    list_filter = [("statement", SeenFilter)]
    list_select_related = ["user", "statement"]
    search_fields = ["user__username", "statement__title"]
    search_help_text = _("Part of a log-in name or of a title.")
    fields = ["user", "statement"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Assignment, form: forms.ModelForm, change: bool) -> None:
        obj.pk = assigning.assign(statement=obj.statement, user=obj.user, by=staff(request).user).pk

    def delete_model(self, request: HttpRequest, obj: Assignment) -> None:
        assigning.unassign(assignment=obj, by=staff(request).user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for assignment in queryset:
            assigning.unassign(assignment=assignment, by=staff(request).user)

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> LogEntry:
        """The verb has entered it."""
        return LogEntry()

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> list[LogEntry]:
        """The verb has entered it."""
        return []
