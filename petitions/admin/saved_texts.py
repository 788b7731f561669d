"""Words that staff keep to begin news with, and the way from one to the other."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core import desk, query
from core.admin import HouseAdmin
from petitions.news.models import SavedText, Update

FROM, TEXT = "from", "text"
MOST = 50


@admin.register(SavedText)
class SavedTextAdmin(HouseAdmin):
    """Kept under the statement it was first written for."""

    list_display = ["name", "statement", "begin"]
    list_select_related = ["statement"]
    search_fields = ["name", "title"]
    search_help_text = _("Part of the name or of the title.")
    autocomplete_fields = ["statement"]
    fields = ["statement", "name", "title", "body"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?from=7` takes the words of that news."""
        initial = super().get_changeform_initial_data(request)
        found = desk.seen_by(request.user, Update.objects.filter(pk=query.number(request, FROM) or 0)).first()
        if found is None:
            return initial
        words = {"statement": found.statement_id, "name": found.title[:80], "title": found.title, "body": found.body}
        return {**initial, **words}

    @admin.display(description=_("News"))
    def begin(self, obj: SavedText) -> str:
        """The way to news that begins with it."""
        return format_html('<a href="{}">{}</a>', beginning(obj), _("Write news with it"))


def beginning(text: SavedText) -> str:
    """The page of new news that begins with these words."""
    return f"{reverse('admin:petitions_update_add')}?{TEXT}={text.pk}"


def initial_of(request: HttpRequest) -> dict[str, Any]:
    """The words that new news begins with; nothing when none are asked for, or somebody else's are."""
    found = desk.seen_by(request.user, SavedText.objects.filter(pk=query.number(request, TEXT) or 0)).first()
    return {"statement": found.statement_id, "title": found.title, "body": found.body} if found else {}


def offered(request: HttpRequest) -> list[tuple[str, str]]:
    """Address and name of each text that this person may begin with."""
    found = desk.seen_by(request.user, SavedText.objects.all())[:MOST]
    kept = request.GET.copy()
    listed = []
    for text in found:
        kept[TEXT] = str(text.pk)
        listed.append((f"?{kept.urlencode()}", text.name))
    return listed
