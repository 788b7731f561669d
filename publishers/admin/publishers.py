"""A publisher on the desk: its words and its look, with a preview of what is typed."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.admin import HouseAdmin
from core.http import site_facts
from core.staff_request import staff
from publishers import describing, founding, hosting, look, reading, staffing
from publishers.admin.forms import PublisherForm
from publishers.models import Publisher, picture

SCREENS = [("phone", gettext_lazy("On a phone")), ("wide", gettext_lazy("On a computer"))]
THEMES = [("light", gettext_lazy("by day")), ("dark", gettext_lazy("in the dark"))]


def accent_words(colour: str) -> list[tuple[str, str]]:
    """What becomes of an accent, a colour and a sentence for each theme."""
    names = {"light": _("By day"), "dark": _("In the dark")}
    found = []
    for theme, name in names.items():
        said = look.accent(colour, theme)
        contrast = f"{int(said.contrast * 10) / 10:.1f}"
        if said.colour == colour:
            words = _("%(name)s as it is: contrast %(contrast)s : 1.")
        else:
            words = _("%(name)s we use %(shown)s, because %(colour)s can’t be read there: contrast %(contrast)s : 1.")
        told = {"name": name, "contrast": contrast, "shown": said.colour, "colour": colour}
        found.append((said.colour, words % told))
    return found


@admin.register(Publisher)
class PublisherAdmin(HouseAdmin):
    """Who publishes, and how it looks. What is typed can be looked at before it is kept."""

    form = PublisherForm
    list_display = ["name", "legal_name", "contact_email"]
    actions = None
    save_on_top = True
    readonly_fields = ["accent_shown", "logo_shown", "header_shown"]
    fieldsets = [
        (gettext_lazy("Who you are"), {"fields": ["name", "slug", "introduction", "contact_email"]}),
        (
            gettext_lazy("Look"),
            {
                "fields": [
                    "accent", "accent_shown", "pair", "logo_shown", "logo_file", "kept_logo", "drop_logo",
                    "header_shown", "header_file", "kept_header", "header_words", "drop_header",
                ]
            },
        ),
        (gettext_lazy("Menu and foot"), {"fields": ["menu", "links", "foot_words"]}),
        (gettext_lazy("Sharing"), {"fields": ["share_words", "fediverse"]}),
        (gettext_lazy("Law and privacy"), {"fields": ["legal_name", "legal_address", "pack", "privacy_words"]}),
        (gettext_lazy("Accessibility"), {"fields": ["accessibility_words"]}),
        (gettext_lazy("Mail"), {"fields": ["mail_from", "quiet_subjects"]}),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The first one is there from the start (publishers/founding.py); who administers the site adds others."""
        return staffing.administers_site(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Publisher | None = None) -> bool:
        """Theirs, too, who administer this publisher and no other."""
        mine = staffing.administered_by(request.user)
        return super().has_change_permission(request, obj) or (mine.filter(pk=obj.pk) if obj else mine).exists()

    def get_fieldsets(self, request: HttpRequest, obj: Publisher | None = None) -> Any:
        """Where its pages are is for who also points the names here."""
        shown = list(super().get_fieldsets(request, obj))
        where = (gettext_lazy("Where its pages are"), {"fields": ["hosts"]})
        return [*shown, where] if staffing.administers_site(request.user) else shown

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Its name stands under what it has published."""
        return False

    def save_model(self, request: HttpRequest, obj: Publisher, form: forms.ModelForm, change: bool) -> None:
        """Store it through its verb."""
        logo, header = (form.logo, form.header) if isinstance(form, PublisherForm) else (None, None)
        words = {name: form.cleaned_data[name] for name in (*describing.WORDS, "drop_logo", "drop_header")}
        by = staff(request).user
        if not change:
            first = {name: words.pop(name) for name in ("name", "slug", "legal_name", "contact_email")}
            obj.pk = founding.add(**first, by=by).pk
            obj.refresh_from_db()
        describing.describe(publisher=obj, by=by, logo=logo, header=header, **words)
        typed = form.cleaned_data["hosts"] if staffing.administers_site(request.user) else []
        if staffing.administers_site(request.user) and typed != list(obj.hosts.values_list("name", flat=True)):
            hosting.serve(publisher=obj, names=typed, by=by)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has written it down."""
        return LogEntry()

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """The verb has written it down."""
        return LogEntry()

    @admin.display(description=gettext_lazy("How it is used"))
    def accent_shown(self, obj: Publisher) -> SafeString:
        """Both themes, each with its colour and its contrast."""
        return format_html(
            '<ul class="plain">{}</ul>',
            format_html_join(
                "",
                '<li><svg class="swatch" width="24" height="24" aria-hidden="true">'
                '<rect width="24" height="24" fill="{}"/></svg> {}</li>',
                accent_words(obj.accent),
            ),
        )

    @admin.display(description=gettext_lazy("Logo now"))
    def logo_shown(self, obj: Publisher) -> SafeString:
        """The picture, or that there is none."""
        return self._picture(obj.logo_id)

    @admin.display(description=gettext_lazy("Header picture now"))
    def header_shown(self, obj: Publisher) -> SafeString:
        """The picture, or that there is none."""
        return self._picture(obj.header_small_id)

    def _picture(self, name: str | None) -> SafeString:
        found = picture(name)
        if found is None:
            return format_html("{}", _("None"))
        return format_html(
            '<img class="picture-shown" src="{}" width="{}" height="{}" alt="">', found.path, found.width, found.height
        )

    def get_urls(self) -> list[URLPattern]:
        """Django's, and the preview."""
        view = require_http_methods(["GET", "HEAD", "POST"])(_framed(self.preview))
        own = path("<int:pk>/preview/", self.admin_site.admin_view(view), name="publishers_publisher_preview")
        return [own, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The home page on two screens in both themes: as it is kept, or as it is typed (POST). Nothing is stored but
        pictures that were drawn."""
        obj = self.get_object(request, str(pk))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            raise Http404
        form = None
        if request.method == "POST":
            form = PublisherForm(request.POST, request.FILES, instance=obj)
            if form.is_valid():
                obj.logo = None if form.cleaned_data["drop_logo"] else form.logo or obj.logo
                if form.cleaned_data["drop_header"]:
                    obj.header = obj.header_small = None
                elif form.header:
                    obj.header, obj.header_small = form.header
            else:
                obj = Publisher.objects.get(pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview"),
            "form": form,
            "accent": accent_words(obj.accent),
            "frames": [
                (screen, f"{words}, {by}", _home(obj, theme)) for theme, by in THEMES for screen, words in SCREENS
            ],
        }
        response = TemplateResponse(request, "admin/publishers/publisher/preview.html", context)
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response


def _framed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let our own page show it in a frame."""
    return csp_replace({"frame-ancestors": [SELF]})(view)


def _home(publisher: Publisher, theme: str) -> str:
    """A page in the publisher's look, in one theme whatever the device says."""
    who = reading.identity_of(publisher)
    sheet = look.path_in(publisher.accent, publisher.pair, theme)
    facts = {**site_facts(publisher.pk), "publisher": who, "name": who.name, "controller": who.legal_name, "off": {}}
    return render_to_string("publishers/preview.jinja", {"site": facts, "sheet": sheet, "theme": theme})
