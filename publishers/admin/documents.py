"""“Data protection” on the desk: the documents of a publisher, to read, to print, to fill in."""

from collections.abc import Callable
from functools import wraps

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import controls, desk, query
from core.http import no_store
from publishers import bases, reading, staffing
from publishers.documents import writing
from publishers.models import Publisher

PERMISSION = "publishers.view_documents"


def _for_who_may(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Restrict the view to whoever may read the documents, and forbid caching."""

    @wraps(view)
    @require_safe
    def guarded(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if not request.user.has_perm(PERMISSION) and not staffing.administered_by(request.user).exists():
            raise PermissionDenied
        return no_store(view(request, **kwargs))

    return guarded


def publisher_of(request: HttpRequest) -> Publisher:
    """The one that `?of=` names, of those they work for; the first of these if it names none. Raises Http404."""
    named, rows = query.text(request, "of"), desk.seen_by(request.user, Publisher.objects.all())
    found = rows.filter(slug=named).first() if named else rows.first()
    if found is None:
        raise Http404
    return found


def _document(name: str) -> writing.Document:
    found = writing.named(name)
    if found is None:
        raise Http404
    return found


def _said_now() -> str:
    return _("As the site was set up on %(day)s") % {"day": date_format(timezone.localtime(), "j F Y, H:i")}


@controls.page("data-protection/", name="documents")
@_for_who_may
def documents(request: HttpRequest) -> HttpResponse:
    """All documents, with how much of each is still to be filled in."""
    publisher = publisher_of(request)
    who = reading.identity_of(publisher)
    context = {
        **site.each_context(request),
        "title": _("Data protection"),
        "publisher": publisher,
        "publishers": desk.seen_by(request.user, Publisher.objects.all()),
        "basis": bases.basis(publisher.basis),
        "documents": [(one, one.gaps(who)) for one in writing.everything()],
    }
    return TemplateResponse(request, "admin/publishers/documents.html", context)


@controls.page("data-protection/<slug:name>/", name="document")
@_for_who_may
def document(request: HttpRequest, name: str) -> HttpResponse:
    """One of them to read, as the site is set up now."""
    found, publisher = _document(name), publisher_of(request)
    context = {
        **site.each_context(request),
        "title": found.title,
        "document": found,
        "publisher": publisher,
        "parts": found.parts(reading.identity_of(publisher)),
        "made": _said_now(),
        "pdf": f"{reverse('admin:document_pdf', args=[name])}?of={publisher.slug}",
    }
    return TemplateResponse(request, "admin/publishers/document.html", context)


@controls.page("data-protection/<slug:name>.pdf", name="document_pdf")
@_for_who_may
def pdf(request: HttpRequest, name: str) -> HttpResponse:
    """The same on paper."""
    found, publisher = _document(name), publisher_of(request)
    made = found.pdf(reading.identity_of(publisher), made=_said_now())
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
