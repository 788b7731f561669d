"""What a publisher brings to every page: its stylesheet, its pictures; and the pages that it wrote."""

import re
from http import HTTPStatus
from urllib.parse import quote

from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core import identity
from core.http import no_store, public
from publishers import look, reading, typefaces
from publishers.models import Page, Picture

FOR_EVER = "public, max-age=31536000, immutable"
_NAME = re.compile(r"([0-9a-f]{6})-([a-z]+)-([0-9a-f]{8})(?:-(light|dark))?\Z")


@require_safe
def look_sheet(request: HttpRequest, name: str) -> HttpResponse:
    """The stylesheet of an accent and a pair of typefaces. An old page's hash finds what they make now."""
    found = _NAME.match(name)
    pair = "" if found is None or found[2] == "own" else found[2]
    if found is None or (pair and pair not in typefaces.PAIRS):
        raise Http404
    response = HttpResponse(look.sheet(f"#{found[1]}", pair, found[4] or ""), content_type="text/css; charset=utf-8")
    is_current = found[3] == look.digest(f"#{found[1]}", pair)
    # Cards in a sandbox have no origin to be the same as.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not is_current:
        return public(response)
    response["Cache-Control"] = FOR_EVER
    return response


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A publisher's picture, in a box that can run nothing (SAFETY 4.1, uploads)."""
    found = get_object_or_404(Picture, pk=name)
    response = HttpResponse(bytes(found.data), content_type="image/webp")
    response["Cache-Control"] = FOR_EVER
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def write(request: HttpRequest) -> HttpResponse:
    """To a mail to the publisher: a link that people can press, and that shows no address to who only reads it."""
    response = HttpResponse(status=HTTPStatus.FOUND)
    response["Location"] = f"mailto:{quote(identity.publisher().contact_email, safe='@')}"
    response["X-Robots-Tag"] = "noindex"
    return no_store(response)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page that the publisher wrote."""
    rows = Page.objects.filter(published_at__lte=Now(), publisher__in=reading.at_home())
    found = get_object_or_404(rows.select_related("publisher"), slug=slug)
    identity.speak_for(None if found.publisher.position == 0 else found.publisher_id)
    return public(render(request, "publishers/page.jinja", {"page": found, "text": found.body}))
