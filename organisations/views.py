"""Public pages about organisations: the list, one of them, the model motion, logos. Only listed ones exist."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from core.http import no_store, public
from organisations import endorsing, motion, papers, toolkit, wall
from organisations.forms import MeetingForm
from organisations.models import Endorsement, Logo, Organisation
from petitions.models import Statement
from petitions.statements import finding

SEALED_OFF = "sandbox; default-src 'none'"
FOR_EVER = "public, max-age=31536000, immutable"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@finding.with_statement
def statement_organisations(request: HttpRequest, statement: Statement) -> HttpResponse:
    """All organisations behind a statement, from A to Z, by kind or by a word."""
    context = {"statement": statement, "found": wall.search(statement, request)}
    return public(render(request, "organisations/organisation_list.jinja", context))


@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one organisation with the statements it endorses."""
    related = Organisation.objects.public().select_related("parent", "logo").defer("logo__data")
    found = related.filter(slug=slug).first()
    if found is None:
        raise Http404
    endorsements = Endorsement.objects.public().filter(organisation=found).select_related("statement")
    branches = Organisation.objects.public().filter(parent=found).select_related("logo").defer("logo__data")
    context = {
        "organisation": found,
        "parent": Organisation.objects.public().filter(pk=found.parent_id).first(),
        "branches": branches[: wall.PER_PAGE],
        "endorsements": endorsements.order_by("-listed_at", "-id")[: wall.PER_PAGE],
    }
    return public(render(request, "organisations/organisation_detail.jinja", context))


@require_safe
def logo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A listed organisation's logo, in a box that can run nothing (SAFETY 4.1, uploads)."""
    shown = Logo.objects.filter(uuid=uuid, organisations__in=Organisation.objects.public()).first()
    if shown is None:
        raise Http404
    return sealed_picture(bytes(shown.data), FOR_EVER)


def sealed_picture(data: bytes, cache: str) -> HttpResponse:
    """WebP bytes of ours that a browser will treat as a picture and nothing else."""
    response = HttpResponse(data, content_type="image/webp")
    response["Content-Security-Policy"] = SEALED_OFF
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = cache
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def motion_page(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The model motion to read, copy and download; POST asks for one reminder after the meeting."""
    if request.method != "POST":
        return public(_motion_page(request, statement, MeetingForm(statement=statement), 200))
    form = MeetingForm(request.POST, statement=statement)
    if not form.is_valid():
        return no_store(_motion_page(request, statement, form, 422))
    try:
        endorsing.remind(statement=statement, **{name: form.cleaned_data[name] for name in ("email", "meets_on")})
    except endorsing.StatementClosed:
        return no_store(_motion_page(request, statement, form, 409))
    asked_for = form.cleaned_data["meets_on"]
    return no_store(_motion_page(request, statement, MeetingForm(statement=statement), 200, asked_for))


def _motion_page(
    request: HttpRequest, statement: Statement, form: MeetingForm, status: int, asked_for: object = None
) -> HttpResponse:
    context = {
        "statement": statement,
        "motion": motion.text(statement),
        "form": form,
        "takes": status != 409 and statement.is_open and statement.takes_organisations,
        "refused": status == 409,
        "asked_for": asked_for,
    }
    return render(request, "organisations/motion.jinja", context, status=status)


_MOTIONS: dict[str, tuple[str, Callable[[motion.Text], bytes]]] = {
    "txt": ("text/plain; charset=utf-8", lambda text: text.plain.encode()),
    "docx": (DOCX, papers.docx),
    "pdf": ("application/pdf", papers.pdf),
}


@require_safe
@finding.with_statement
def motion_file(request: HttpRequest, statement: Statement, form: str) -> HttpResponse:
    """The model motion as a file: `form` is txt, docx or pdf."""
    content_type, write = _MOTIONS[form]
    response = HttpResponse(write(motion.text(statement)), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="motion-{statement.slug}.{form}"'
    return public(response)


def _listed(statement: Statement, slug: str) -> Organisation:
    listed = Endorsement.objects.listed().filter(statement=statement).values("organisation")
    return get_object_or_404(Organisation.objects.select_related("logo"), slug=slug, pk__in=listed)


@require_safe
@finding.with_statement
def endorsement_image(request: HttpRequest, statement: Statement, organisation: str) -> HttpResponse:
    """The picture that a listed organisation may post."""
    picture = toolkit.image(statement, _listed(statement, organisation))
    return public(HttpResponse(picture, content_type="image/png"))


@require_safe
@finding.with_statement
def endorsement_poster(request: HttpRequest, statement: Statement, organisation: str) -> HttpResponse:
    """The poster that a listed organisation may print; its QR code carries the organisation's source code."""
    found = _listed(statement, organisation)
    address = toolkit.sharing.address(statement, found.via)
    poster = papers.poster(organisation=found.name, statement=statement, address=address)
    response = HttpResponse(poster, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="poster-{statement.slug}.pdf"'
    return public(response)
