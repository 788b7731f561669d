"""A statement on paper and on a wall: PDFs to print, and the number on a big screen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import qr as codes
from core.http import public
from petitions.signatures import public_numbers
from petitions.statements import finding, sharing
from petitions.statements.models import Statement
from petitions.travel import printing


@require_safe
@finding.with_statement
def sheet(request: HttpRequest, statement: Statement) -> HttpResponse:
    """A sheet to sign by hand."""
    return _pdf(printing.sheet(statement), f"{statement.slug}-sheet")


@require_safe
@finding.with_statement
def poster(request: HttpRequest, statement: Statement) -> HttpResponse:
    """A poster with a QR code."""
    return _pdf(printing.poster(statement), f"{statement.slug}-poster")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = public(HttpResponse(content, content_type="application/pdf"))
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
@finding.with_statement
def qr(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The QR code that the screen shows."""
    return public(HttpResponse(codes.svg(sharing.address(statement, "live")), content_type="image/svg+xml"))


@require_safe
@finding.with_statement
def live(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The number, large, for the moment it is handed in. It asks for news every 10 seconds until paused.

    Without a script the page is loaded anew every 30 seconds, unless `still` is asked for.
    """
    context = {"statement": statement, "tally": public_numbers.tally_of(statement), "still": "still" in request.GET}
    response = public(render(request, "petitions/live.jinja", context))
    response["X-Robots-Tag"] = "noindex"
    return response
