"""Meetings: a place, from when to when, and a poster whose code keeps a full hall from being held."""

from typing import TYPE_CHECKING, TypedDict

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import qr
from core.admin import HouseAdmin, SeenFilter
from core.staff_request import staff
from petitions.signatures.models import Meeting, Signature

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Numbered(TypedDict):
        """Annotation for the list: how many signed at the meeting."""

        number: int

    Counted = WithAnnotations[Meeting, Numbered]


@admin.register(Meeting)
class MeetingAdmin(HouseAdmin):
    """A hall full of people. What they sign by its code is tagged with it."""

    list_display = ["place", "statement", "starts_at", "ends_at", "signatures", "poster"]
    list_filter = [("statement", SeenFilter), "starts_at"]
    list_select_related = ["statement"]
    search_fields = ["place"]
    search_help_text = gettext_lazy("Part of the place.")
    fields = ["statement", "place", "starts_at", "ends_at", "expected", "code", "poster"]
    readonly_fields = ["code", "poster"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        same = {"statement": OuterRef("statement"), "via": OuterRef("code"), "confirmed_at__gte": OuterRef("starts_at")}
        signed = Signature.objects.confirmed().filter(**same).order_by().values("via").annotate(number=Count("pk"))
        return super().get_queryset(request).annotate(number=Coalesce(Subquery(signed.values("number")), 0))

    def save_model(self, request: HttpRequest, obj: Meeting, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.created_by = staff(request).user
        obj.save()

    @admin.display(description=gettext_lazy("Signed there"), ordering="number")
    def signatures(self, obj: "Counted") -> str:
        """Confirmed signatures that came with its code."""
        return f"{obj.number:,}"

    @admin.display(description=gettext_lazy("Poster"))
    def poster(self, obj: Meeting) -> SafeString | str:
        """A page to print or to show on a screen."""
        if obj.pk is None:
            return _("After saving")
        return format_html('<a href="{}">Poster</a>', reverse("admin:petitions_meeting_poster", args=[obj.pk]))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.show_poster))
        return [path("<int:pk>/poster/", view, name="petitions_meeting_poster"), *super().get_urls()]

    def show_poster(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The QR code, large, and the address for people without a camera."""
        meeting = self.get_object(request, str(pk))
        if meeting is None or not self.has_view_permission(request, meeting):
            raise Http404
        address = f"{meeting.statement.who.home}{reverse('sign', args=[meeting.statement.slug])}?via={meeting.code}"
        picture = qr.data_uri(address, scale=10)
        context = {**self.admin_site.each_context(request), "title": "Poster", "opts": self.opts}
        context |= {"meeting": meeting, "address": address, "picture": picture}
        return TemplateResponse(request, "admin/petitions/meeting/poster.html", context)
