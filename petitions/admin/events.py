"""Events and news of a statement."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from core.admin import HouseAdmin
from petitions.actions.events import save_event
from petitions.actions.models import Event
from petitions.admin.forms import EventForm, UpdateForm
from petitions.admin.mailing import MailsUpdates, TellsOfChanges
from petitions.news import updates
from petitions.news.models import Update
from petitions.statements.models import Statement


class PartAdmin(HouseAdmin):
    """Something that stands on a statement's page."""

    list_select_related = ["statement"]
    autocomplete_fields = ["statement"]

    def delete_model(self, request: HttpRequest, obj: Event | Update) -> None:
        super().delete_model(request, obj)
        Statement.objects.touch(obj.statement)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        statements = list(Statement.objects.filter(pk__in=queryset.values("statement")))
        super().delete_queryset(request, queryset)
        for statement in statements:
            Statement.objects.touch(statement)


@admin.register(Event)
class EventAdmin(TellsOfChanges, PartAdmin):
    """Something dated that readers can come to."""

    form = EventForm
    list_display = ["title", "statement", "starts_at", "venue", "status", "sequence"]
    list_filter = ["status", "starts_at"]
    search_fields = ["title", "venue"]
    search_help_text = "Part of the title or of the venue."
    date_hierarchy = "starts_at"
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["uid", "sequence"]
    fieldsets = [
        (None, {"fields": ["statement", "title", "slug", "summary", "status"]}),
        ("When", {"fields": ["starts_at", "ends_at", "timezone"]}),
        ("Where", {"fields": ["venue", "address", "online_url", "accessibility", "details_url"]}),
        ("In calendars", {"fields": ["uid", "sequence"], "classes": ["collapse"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Event, form: forms.ModelForm, change: bool) -> None:
        before = obj.sequence
        obj.has_moved = save_event(event=obj, by=request.user).sequence > before


@admin.register(Update)
class UpdateAdmin(MailsUpdates, PartAdmin):
    """News; it appears when its time has come."""

    form = UpdateForm
    list_display = ["title", "statement", "published_at", "mail_page"]
    list_filter = ["published_at"]
    search_fields = ["title"]
    search_help_text = "Part of the title."
    date_hierarchy = "published_at"
    prepopulated_fields = {"slug": ["title"]}
    fields = ["statement", "title", "slug", "body", "published_at"]

    def save_model(self, request: HttpRequest, obj: Update, form: forms.ModelForm, change: bool) -> None:
        updates.save_update(update=obj)

    @admin.display(description="Mail")
    def mail_page(self, obj: Update) -> str:
        """The way to the mail of this update."""
        return format_html('<a href="{}">Mail it</a>', reverse("admin:petitions_update_mail", args=[obj.pk]))
