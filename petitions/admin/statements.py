"""Writing, publishing and correcting statements."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, Field, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core import redirects
from core.admin import HouseAdmin
from core.staff_request import staff
from petitions.admin import beside
from petitions.admin.calls import CallsMixin
from petitions.admin.checklist import LONG, READS_BEST, checks
from petitions.admin.exporting import ExportMixin, exports_for
from petitions.admin.filters import StatusFilter
from petitions.admin.forms import CorrectionForm, DraftForm, StatementForm
from petitions.admin.notable import NotableMixin
from petitions.admin.numbers import NumbersMixin
from petitions.admin.overview import OverviewMixin
from petitions.admin.pictures import PICTURE, PICTURED, PictureMixin
from petitions.admin.previews import PreviewMixin
from petitions.admin.steps import STEPS, Step
from petitions.admin.team import TeamMixin
from petitions.admin.together import TogetherMixin
from petitions.signatures import optional, places
from petitions.statements import assigning, featuring, history, promise, publishing
from petitions.statements.models import Statement, Version
from publishers import staffing

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldOpts, _FieldsetSpec
    from django_stubs_ext import WithAnnotations

    class Counted(TypedDict):
        """Annotations for the list and the forms: how many signed, and whether the text is locked."""

        signers: int
        locked: bool

    Known = WithAnnotations[Statement, Counted]

PROMISED = gettext_lazy(
    "Title, addressee and text are what people sign. They change only by a correction with a note that everybody reads."
)
COUNTED = {"title": READS_BEST, "summary": 200}
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _typed(request: HttpRequest) -> QueryDict | None:
    """The posted data, even if nothing was filled in; None when nothing was posted."""
    return request.POST if request.method == "POST" else None


def _is_settings(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "petitions_statement_settings"


@admin.register(Statement)
class StatementAdmin(
    OverviewMixin,
    CallsMixin,
    NotableMixin,
    NumbersMixin,
    PictureMixin,
    TeamMixin,
    TogetherMixin,
    ExportMixin,
    PreviewMixin,
    HouseAdmin,
):
    """The draft is one form, in the order people think; what happens afterwards is a button that asks first."""

    list_display = ["title", "kind", "status", "people", "published_at", "closes_at"]
    list_filter = [StatusFilter, "kind", "language"]
    search_fields = ["title", "slug"]
    search_help_text = gettext_lazy("Part of the title or of the address.")
    ordering = ["-id"]
    actions = None
    copies_all_but = ("slug", "closes_at", "image_words")
    readonly_fields = ["status", "text", "old_addresses", "happenings", "kept_elsewhere", "outcome", "picture_shown"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        text = Version.objects.filter(statement=OuterRef("pk"), published_at__isnull=False)
        return (
            super().get_queryset(request).annotate(signers=Coalesce(Sum("tallies__confirmed"), 0), locked=Exists(text))
        )

    def get_fieldsets(self, request: HttpRequest, obj: "Known | None" = None) -> "_FieldsetSpec":
        """The words first; settings are folded below them, and have a tab of their own."""
        text, is_written = "body" if self._may_write(request, obj) else "text", obj is not None
        ask = ("title", "slug", "old_addresses", "kind", "addressed_to", "summary", "language")
        words: list[tuple[str | None, _FieldOpts]] = [
            (None, {"fields": ["status"] if obj else []}),
            (_("The ask"), {"fields": ask, "description": PROMISED if obj and obj.locked else ""}),
            (_("Publisher’s headline and preface"), {"fields": ["headline", "preface"]}),
            (_("The statement"), {"fields": [text]}),
            (_("What you can do"), {"fields": ["happenings"] if obj else []}),
        ]
        outcome = ["outcome"] if obj and obj.published_at else []
        alone = _is_settings(request)
        folded: _FieldOpts = {"fields": [], "classes": ["collapse"] if is_written and not alone else []}
        options: list[tuple[str | None, _FieldOpts]] = [
            (_("Form options"), {**folded, "fields": ["signed_by", *optional.SWITCHES]}),
            (_("Goal and end"), {**folded, "fields": ["goal", "closes_at", *outcome]}),
            (_("Sharing"), {**folded, "fields": PICTURE}),
            (_("Comments and organisations"), {**folded, "fields": ["kept_elsewhere"] if obj else []}),
            (_("Privacy"), {**folded, "fields": ["names_order", "names_batch", "contact_email"]}),
        ]
        return [(title, shown) for title, shown in [*([] if alone else words), *options] if shown["fields"]]

    def get_readonly_fields(self, request: HttpRequest, obj: "Known | None" = None) -> list[str]:
        """Title and addressee are signed with the text, so only a correction changes them.

        Moving the page takes the right to correct, too.
        """
        promised = ["title", "addressed_to"] if obj and obj.locked else []
        fixed = obj and obj.published_at and not request.user.has_perm("petitions.correct_statement")
        return [*self.readonly_fields, *promised, *(["slug"] if fixed else [])]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Statement | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["title"]}

    def get_form(
        self, request: HttpRequest, obj: "Known | None" = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = DraftForm if self._may_write(request, obj) else StatementForm
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """Titles and summaries are counted while they are typed (staff.js)."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in COUNTED:
            field.widget.attrs["data-count"] = COUNTED[db_field.name]
        return field

    def _may_write(self, request: HttpRequest, obj: "Known | None") -> bool:
        if obj is None:
            return True
        return self.has_change_permission(request, obj) and not obj.locked

    def has_delete_permission(self, request: HttpRequest, obj: Statement | None = None) -> bool:
        """Only drafts; what was published is hidden, never deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """A draft is deleted with the rows made for it, such as its thread, whoever may delete those alone."""
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def view_on_site(self, obj: Statement) -> str | None:
        """The public page, when there is one."""
        return obj.get_absolute_url() if obj.status in {"open", "closed"} and not obj.hidden_at else None

    def save_model(self, request: HttpRequest, obj: Statement, form: forms.ModelForm, change: bool) -> None:
        """Store what was typed, each part through its verb; what others changed meanwhile stays as they left it."""
        slug = obj.slug
        if change:
            obj.slug = form.initial.get("slug", slug)
            names = {field.name for field in Statement._meta.concrete_fields} & set(form.changed_data)
            obj.save(update_fields=names - {"slug", *promise.PARTS, *PICTURED})
        else:
            obj.publisher = staffing.publisher_for(staff(request).user)
            obj.save()
            self._keep_hold_of(request, obj)
        Statement.objects.touch(obj)
        self._try(request, partial(publishing.rename_slug, statement=obj, slug=slug, by=staff(request).user))
        self._write(request, obj, form, change)
        self._picture(request, obj, form)
        if "first" in form.changed_data:
            featuring.feature(statement=obj, on=form.cleaned_data["first"], by=staff(request).user)

    def _write(self, request: HttpRequest, obj: Statement, form: forms.ModelForm, change: bool) -> None:
        """Save the words of a draft; if it was published meanwhile, say that they were not saved."""
        typed = {part: form.cleaned_data[part] for part in promise.PARTS if part in form.cleaned_data}
        words = {part: typed[part] for part in typed if not change or part in form.changed_data}
        if not typed and set(promise.PARTS) & set(request.POST):
            self.message_user(request, str(publishing.AlreadyPublished()), messages.ERROR)
        if words and not self._try(request, partial(publishing.write_draft, statement=obj, **words)):
            obj.refresh_from_db(fields=["title", "addressed_to"])
        if "body" in words:
            self._mind_the_length(request, obj)

    def _keep_hold_of(self, request: HttpRequest, obj: Statement) -> None:
        """Assign a statement to its author, unless they see all statements anyway."""
        if not request.user.has_perm("petitions.view_every_statement"):
            assigning.assign(statement=obj, user=staff(request).user, by=staff(request).user)

    def _mind_the_length(self, request: HttpRequest, obj: Statement) -> None:
        version = obj.versions.last()
        if version and version.words > LONG:
            text = _("The text has %(words)s words. Above %(most)s, most people stop reading.")
            self.message_user(request, text % {"words": version.words, "most": LONG}, messages.WARNING)

    def _try(self, request: HttpRequest, verb: Callable[[], Any]) -> bool:
        try:
            verb()
        except publishing.PublishingError as error:
            self.message_user(request, str(error), messages.ERROR)
            return False
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The form, with the buttons that this person may press now."""
        statement = self.get_object(request, object_id)
        extra = {}
        if statement:
            can_correct = statement.locked and request.user.has_perm("petitions.correct_statement")
            lights = checks(statement) if statement.published_at is None else []
            extra = {"can_correct": can_correct, "checks": lights, "show_save_and_add_another": False}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    @admin.display(description=gettext_lazy("People"), ordering="signers")
    def people(self, obj: "Known") -> str:
        """Confirmed signatures, as stored."""
        return f"{obj.signers:,}"

    @admin.display(description=gettext_lazy("Status"))
    def status(self, obj: Statement) -> str:
        """Its status, in a word."""
        return "Hidden" if obj.hidden_at else obj.status.capitalize()

    @admin.display(description=gettext_lazy("Text (locked)"))
    def text(self, obj: Statement) -> SafeString:
        """The version that is signed now, as it reads."""
        version = obj.version or obj.versions.last()
        if version is None:
            return mark_safe("")
        name = str(version) if version.published_at else _("Draft")
        return format_html('<div>{}</div><div class="reading">{}</div>', name, mark_safe(version.body))

    @admin.display(description=gettext_lazy("Old addresses"))
    def old_addresses(self, obj: Statement) -> str:
        """Addresses that lead here."""
        return ", ".join(redirects.to(obj.get_absolute_url()) if obj.slug else []) or _("None")

    @admin.display(description=gettext_lazy("Events and updates"))
    def happenings(self, obj: Statement) -> SafeString:
        """Events and news, with links to change them and to add more."""
        rows = [("event", event.pk, event.title) for event in obj.events.all()]
        rows += [("update", update.pk, update.title) for update in obj.updates.all()]
        links = [(reverse(f"admin:petitions_{kind}_change", args=[pk]), title) for kind, pk, title in rows]
        for kind, words in (("event", _("Add an event")), ("update", _("Add an update"))):
            links.append((reverse(f"admin:petitions_{kind}_add") + f"?statement={obj.pk}", words))
        return format_html('<ul class="plain">{}</ul>', format_html_join("", '<li><a href="{}">{}</a></li>', links))

    @admin.display(description=gettext_lazy("Kept elsewhere"))
    def kept_elsewhere(self, obj: Statement) -> SafeString:
        """Ways to what other apps keep of it."""
        return format_html(
            '<ul class="plain">{}</ul>', format_html_join("", '<li><a href="{}">{}</a></li>', beside.ways(obj))
        )

    def get_urls(self) -> list[URLPattern]:
        own: list[tuple[str, Callable[..., HttpResponseBase]]]
        own = [(step.name, read_or_post(partial(self.take_step, step=step))) for step in STEPS]
        own += [("correct", read_or_post(self.correct)), ("places", require_safe(self.places))]
        own += [*self.preview_pages(), *self.export_pages(), ("settings", read_or_post(self.settings))]
        pages = {"team": self.team, "together": self.together, "calls": self.calls, "notable": self.notable}
        own += [*((name, read_or_post(view)) for name, view in pages.items()), ("numbers", require_safe(self.numbers))]
        overview = self.admin_site.admin_view(require_safe(self.overview))
        return [
            path("<int:pk>/", overview, name="petitions_statement_overview"),
            *(
                path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"petitions_statement_{name}")
                for name, view in own
            ),
            *super().get_urls(),
        ]

    def settings(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same form, of which only what is set once is shown."""
        return self.change_view(request, str(pk), extra_context={"title": _("Settings")})

    def response_post_save_add(self, request: HttpRequest, obj: Statement) -> HttpResponseRedirect:
        """To its own place."""
        return redirect("admin:petitions_statement_overview", obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Statement) -> HttpResponseRedirect:
        """One stays at the tab that one saved."""
        return redirect(request.path)

    def take_step(self, request: HttpRequest, pk: int, step: Step) -> HttpResponse:
        """Ask whether to take the step; on POST take it."""
        statement = self._find(request, pk, step.permission)
        form = step.form(_typed(request), initial={"outcome": statement.outcome})
        if request.method == "POST" and form.is_valid():
            if self._try(request, partial(step.run, statement=statement, by=staff(request).user, **form.cleaned_data)):
                self.message_user(request, str(step.done), messages.SUCCESS)
            return self._back(statement)
        lights = checks(statement) if step.shows_checklist else []
        return self._page(request, "step", statement, title=step.label, step=step, form=form, checks=lights)

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write a new version, look at what changes, and publish it."""
        statement = self._find(request, pk, "correct_statement")
        current = statement.version
        if current is None:
            raise Http404
        form = CorrectionForm(_typed(request), initial={**promise.words(current), "replaces": current.number})
        changes, previewed = [], None
        if request.method == "POST" and form.is_valid():
            words = {part: form.cleaned_data[part] for part in promise.PARTS}
            previewed = promise.fingerprint(**words)
            if request.POST.get("previewed") == previewed and "publish" in request.POST:
                verb = partial(publishing.correct, statement=statement, by=staff(request).user, **form.cleaned_data)
                if self._try(request, verb):
                    self.message_user(request, _("Corrected. Earlier signatures keep the version they saw."))
                    return self._back(statement)
            changes = history.changes(promise.words(current), words)
        context = {"title": _("Correct the statement"), "form": form, "changes": changes, "version": current}
        return self._page(request, "correct", statement, previewed=previewed, **context)

    def places(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where signers live, in numbers."""
        statement = self._find(request, pk)
        context = {"title": _("Where signers live"), "tables": places.places_of(statement), "fewest": places.FEWEST}
        context["exports"] = exports_for(request.user, statement.publisher_id) if statement.published_at else []
        return self._page(request, "places", statement, **context)

    def _back(self, statement: Statement) -> HttpResponse:
        return redirect("admin:petitions_statement_overview", statement.pk)
