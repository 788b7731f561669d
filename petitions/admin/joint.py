"""“Joint statements” on the desk: what other publishers asked one's own to publish together, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import controls, identity
from core.admin import AskForm, with_nonce
from core.http import no_store
from core.staff_request import staff
from core.text.boxes import TextBox
from petitions.admin.forms import rich_text
from petitions.signatures import exports, joint_figures
from petitions.signatures.joint_figures import Share
from petitions.statements import copublishing
from petitions.statements.joint import Copublisher
from petitions.statements.models import Version
from publishers import staffing


class WordsForm(forms.Form):
    """Their own headline and preface."""

    headline = TextBox(
        max_length=160, required=False, widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=Copublisher._meta.get_field("headline").help_text,
    )  # fmt: skip
    preface = rich_text(Copublisher, "preface", required=False)


@dataclass
class Shown:
    """One statement with the form of its words, and how many came by the publisher's own pages."""

    row: Copublisher
    form: WordsForm
    version: Version | None
    share: Share | None

    @property
    def address(self) -> str:
        """Its page at the publisher's own origin."""
        return identity.publisher(self.row.publisher_id).home + self.row.statement.get_absolute_url()


def _mine(request: HttpRequest) -> Any:
    rows = Copublisher.objects.filter(publisher__in=staffing.administered_by(request.user).values("pk"))
    return rows.exclude(ended__in=["declined", "withdrawn"]).select_related("statement__publisher", "publisher")


def _one(request: HttpRequest, pk: int) -> Copublisher:
    found = _mine(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _may(request: HttpRequest) -> None:
    if not staffing.administered_by(request.user).exists():
        raise PermissionDenied


@controls.page("joint/", name="joint")
@require_http_methods(["GET", "HEAD"])
def joint(request: HttpRequest) -> HttpResponse:
    """All of them: what waits for an answer first."""
    _may(request)
    rows = list(_mine(request).order_by("ended_at", "accepted_at", "pk"))
    return no_store(_page(request, "joint", title=_("Joint statements"), rows=[_shown(row) for row in rows]))


def _shown(row: Copublisher, form: WordsForm | None = None) -> Shown:
    shares = {one.publisher.pk: one for one in joint_figures.of(row.statement)} if row.accepted_at else {}
    typed = form or WordsForm(initial={"headline": row.headline, "preface": row.preface})
    version = row.statement.version or row.statement.versions.last()
    return Shown(row, typed, version, shares.get(row.publisher_id))


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    shared: dict[str, Any] = {**site.each_context(request), **context}
    return TemplateResponse(request, f"admin/petitions/joint/{name}.html", shared)


@controls.page("joint/<int:pk>/", name="joint_statement")
@require_http_methods(["GET", "HEAD", "POST"])
def joint_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: its text, the own words, and a button for each step."""
    _may(request)
    row = _one(request, pk)
    form = WordsForm(request.POST or None, initial={"headline": row.headline, "preface": row.preface})
    if request.method == "POST" and _done(request, row, form):
        stays = {"accept", "keep"} & request.POST.keys()
        return redirect("admin:joint_statement", row.pk) if stays else redirect("admin:joint")
    shown = _shown(row, form)
    page = _page(request, "statement", title=row.statement.title, one=shown, media=with_nonce(request, form.media))
    page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return no_store(page)


def _done(request: HttpRequest, row: Copublisher, form: WordsForm) -> bool:
    """Whether what was pressed is done; why not stands over the page."""
    by = staff(request).user
    without_words: dict[str, tuple[Callable[..., Any], str]] = {
        "decline": (copublishing.decline, _("Declined. They are told.")),
        "leave": (copublishing.leave, _("Left. What signers gave you stays yours; nobody new is asked.")),
    }
    with_words: dict[str, tuple[Callable[..., Any], str]] = {
        "accept": (copublishing.accept, _("It stands under your name, too. They are told.")),
        "keep": (copublishing.describe, _("Kept. Your page says it from now on.")),
    }
    for name, (verb, said) in {**without_words, **with_words}.items():
        if name not in request.POST:
            continue
        if name in with_words and not form.is_valid():
            return False
        try:
            verb(copublisher=row, by=by, **(form.cleaned_data if name in with_words else {}))
        except copublishing.CopublishingError as refused:
            messages.error(request, str(refused))
            return False
        messages.success(request, said)
        return True
    return False


@controls.page("joint/<int:pk>/contacts/", name="joint_contacts")
@require_http_methods(["GET", "HEAD", "POST"])
def joint_contacts(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The addresses of those who ticked the publisher's own box, and of nobody else; asked for as any such file."""
    _may(request)
    row = _one(request, pk)
    if row.accepted_at is None:
        raise Http404
    what = exports.contacts_of(row.publisher)
    form = AskForm(request.POST if request.method == "POST" else None, request=request, asks={"reason", "password"})
    if not form.is_valid():
        return no_store(_page(request, "contacts", title=what.label, what=what, form=form, row=row))
    by, why = staff(request).user, form.cleaned_data["reason"]
    pieces = exports.export(statement=row.statement, what=what, why=why, by=by)
    sealed = bool(settings.EXPORT_RECIPIENT)
    kind = "application/octet-stream" if sealed else "text/csv; charset=utf-8"
    response = StreamingHttpResponse(pieces, content_type=kind)
    name = f"{row.statement.slug}-{what.slug}-{timezone.localdate():%Y-%m-%d}.csv{'.age' if sealed else ''}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return no_store(response)
