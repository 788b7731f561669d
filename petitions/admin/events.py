"""Events and news of a statement."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from core.admin import HouseAdmin
from core.staff_request import staff
from petitions.actions.events import save_event
from petitions.actions.models import Event
from petitions.admin import saved_texts
from petitions.admin.attendances import WhoComes
from petitions.admin.forms import UpdateForm
from petitions.admin.mailing import MailsUpdates, TellsOfChanges
from petitions.admin.when import EventForm
from petitions.news import updates
from petitions.news.models import Update
from petitions.statements.models import Statement

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec


class PartAdmin(HouseAdmin):
    """Base for rows shown on a statement's page."""

    list_select_related = ["statement"]
    autocomplete_fields = ["statement"]
    copies_all_but = ("slug", "published_at", "status")

    def delete_model(self, request: HttpRequest, obj: Event | Update) -> None:
        super().delete_model(request, obj)
        Statement.objects.touch(obj.statement)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        statements = list(Statement.objects.filter(pk__in=queryset.values("statement")))
        super().delete_queryset(request, queryset)
        for statement in statements:
            Statement.objects.touch(statement)


@admin.register(Event)
class EventAdmin(WhoComes, TellsOfChanges, PartAdmin):
    """Something dated that readers can come to."""

    form = EventForm
    list_display = ["title", "statement", "when", "venue", "status", "who_comes"]
    list_filter = ["status", "starts_at"]
    search_fields = ["title", "venue"]
    search_help_text = _("Part of the title or of the venue.")
    date_hierarchy = "starts_at"
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["uid", "sequence"]
    fieldsets = [
        (None, {"fields": ["statement", "title", "slug", "summary", "status"]}),
        ("When", {"fields": ["whole_days", "starts_at", "starts_at_means", "ends_at", "ends_at_means", "timezone"]}),
        ("Where", {"fields": ["venue", "address", "online_url", "accessibility", "details_url"]}),
        (_("Who comes"), {"fields": ["takes_names", "capacity", "telling"]}),
        (_("In calendars"), {"fields": ["uid", "sequence"], "classes": ["collapse"]}),
    ]

    @admin.display(description=_("When"), ordering="starts_at")
    def when(self, obj: Event) -> str:
        """As readers see it."""
        return str(obj.period)

    @admin.display(description=_("Who comes"), ordering="coming")
    def who_comes(self, obj: Event) -> str:
        """The way to the list for the door."""
        address = reverse("admin:petitions_event_coming", args=[obj.pk])
        places = f" / {obj.capacity}" if obj.capacity else ""
        return format_html('<a href="{}">{}{}</a>', address, obj.coming, places) if obj.takes_names else "–"

    def save_model(self, request: HttpRequest, obj: Event, form: forms.ModelForm, change: bool) -> None:
        before = obj.sequence
        obj.has_moved = save_event(event=obj, by=staff(request).user).sequence > before


@admin.register(Update)
class UpdateAdmin(MailsUpdates, PartAdmin):
    """News; it appears when its time has come."""

    form = UpdateForm
    list_display = ["title", "statement", "published_at", "mail_page"]
    list_filter = ["published_at"]
    search_fields = ["title"]
    search_help_text = _("Part of the title.")
    date_hierarchy = "published_at"
    readonly_fields = ["words"]

    def get_fieldsets(self, request: HttpRequest, obj: Update | None = None) -> "_FieldsetSpec":
        """Once its mail has started, the words are for reading, with the reason why."""
        kept = obj is not None and obj.is_mailed
        fields = ("statement", "title", "slug", "words" if kept else "body", "published_at")
        return [(None, {"fields": fields, "description": str(updates.WordsKept()) if kept else ""})]

    def get_readonly_fields(self, request: HttpRequest, obj: Update | None = None) -> list[str]:
        return [*self.readonly_fields, *(["title"] if obj is not None and obj.is_mailed else [])]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?text=7` begins with that saved text, in the statement one comes from."""
        return {**saved_texts.initial_of(request), **super().get_changeform_initial_data(request)}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the saved texts that new news can begin with."""
        context["saved_texts"] = [] if context.get("original") else saved_texts.offered(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Update | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["title"]}

    def save_model(self, request: HttpRequest, obj: Update, form: forms.ModelForm, change: bool) -> None:
        """Save it; if its mail started meanwhile, say that changed words were not saved."""
        if {"title", "body"} & set(request.POST) - set(form.fields):
            self.message_user(request, str(updates.WordsKept()), messages.ERROR)
        try:
            updates.save_update(update=obj)
        except updates.WordsKept as error:
            self.message_user(request, str(error), messages.ERROR)

    @admin.display(description=_("Text"))
    def words(self, obj: Update) -> SafeString:
        """The text as it was mailed."""
        return format_html('<div class="reading">{}</div>', mark_safe(obj.body))

    @admin.display(description=_("Mail"))
    def mail_page(self, obj: Update) -> str:
        """The way to the mail of this update."""
        return format_html('<a href="{}">{}</a>', reverse("admin:petitions_update_mail", args=[obj.pk]), _("Mail it"))
