"""A statement on other websites: oEmbed, a card, the full form in a frame, a badge, and the codes to copy (UX 2.2)."""

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import identity, query, resolver
from core.http import framed, public
from petitions.signatures import public_numbers
from petitions.signatures.forms import clean_via
from petitions.statements import finding, sharing
from petitions.statements.models import Statement
from petitions.travel import card
from petitions.travel.card_views import readable_picture
from petitions.travel.feeds import readable_everywhere

WIDTH, HEIGHT = 600, 320
SMALLEST = (200, 200)
BACKGROUNDS = {"light", "dark"}
VIA_SECONDS = 300


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """The oEmbed answer for the statement at `url` (oembed.com 1.0, type rich)."""
    if (query.text(request, "format") or "json") != "json":
        return public(HttpResponse("Only JSON is written here.", status=501, content_type="text/plain"))
    statement, via = _statement_at(query.text(request, "url", longest=resolver.LONGEST))
    number = public_numbers.public_number(public_numbers.tally_of(statement))
    width = _clamped(request, "maxwidth", WIDTH, SMALLEST[0])
    height = _clamped(request, "maxheight", HEIGHT, SMALLEST[1])
    data = {
        "version": "1.0",
        "type": "rich",
        "title": statement.title,
        "author_name": statement.who.name,
        "author_url": identity.origin() + (statement.who.page or "/"),
        "provider_name": identity.publisher().name,
        "provider_url": identity.origin() + "/",
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": card_code(statement, via, width=width, height=height),
        "thumbnail_url": card.address(card.of_statement(statement, number)),
        "thumbnail_width": card.SIZE[0],
        "thumbnail_height": card.SIZE[1],
    }
    return readable_everywhere(JsonResponse(data))


def _statement_at(address: str) -> tuple[Statement, str]:
    """The public statement whose page has this whole address, old or garbled or not, and its source code.

    Raises Http404 for anything else.
    """
    for match, asked in resolver.at(address):
        found = Statement.objects.at_home().filter(slug=match.kwargs["slug"]) if match.url_name == "statement" else ()
        for statement in found:
            finding.speaking(statement)
            return statement, clean_via(QueryDict(asked).get("via", ""))
    raise Http404


def _clamped(request: HttpRequest, name: str, usual: int, least: int) -> int:
    """The usual size, or the smaller one that was asked for; nonsense counts as not asked."""
    asked = query.number(request, name)
    return usual if asked is None else max(least, min(usual, asked))


def _card_address(statement: Statement, via: str = "") -> str:
    query = f"?via={via}" if via else ""
    return identity.origin() + reverse("embed", args=[statement.slug]) + query


def card_code(statement: Statement, via: str = "", *, width: int = WIDTH, height: int = HEIGHT) -> str:
    """A quotation that is useful by itself, and the frame that replaces it where frames are allowed."""
    who = statement.who
    return format_html(
        '<blockquote><a href="{}">{}: {} – {}</a></blockquote>'
        '<iframe src="{}" width="{}" height="{}" title="{}" frameborder="0" marginwidth="0" marginheight="0"'
        ' scrolling="no"></iframe>',
        *(sharing.address(statement, via or "embed"), statement.sign_label, statement.title, who.name),
        *(_card_address(statement, via), width, height, f"{statement.title} – {who.name}"),
    )


@require_safe
@finding.with_statement
def embed(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The card. Its link is a message to the page around it where links are not allowed to lead out."""
    via = clean_via(query.text(request, "via")) or "embed"
    on = query.text(request, "on")
    context = {
        "statement": statement,
        "tally": public_numbers.tally_of(statement),
        "address": sharing.address(statement, via),
        "on": on if on in BACKGROUNDS else "",
    }
    return framed(public(render(request, "petitions/embed/card.jinja", context)))


def _signed(number: int) -> str:
    return ngettext("%(number)s has signed", "%(number)s have signed", number) % {"number": f"{number:,}"}


def _signed_with_us(number: int) -> str:
    words = ngettext("%(number)s has signed with us", "%(number)s have signed with us", number)
    return words % {"number": f"{number:,}"}


@require_safe
@finding.with_statement
def badge(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The number as a small picture, for pages that allow nothing but pictures; with `?via=`, who signed by that."""
    via = clean_via(query.text(request, "via"))
    if via:
        brought = _brought(statement, via)
        words = _signed_with_us(brought.people) if brought.is_shown else statement.sign_label
    else:
        number = public_numbers.public_number(public_numbers.tally_of(statement))
        words = statement.sign_label if number is None else _signed(number)
    width = 24 + 8 * len(words)
    context = {"statement": statement, "words": words, "width": width, "room": width - 24}
    response = HttpResponse(render_to_string("petitions/embed/badge.jinja", context), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=300"
    return readable_picture(response)


@require_safe
@finding.with_statement
def embed_code(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The code to copy, for each kind of website; `via` names the website that brings a signature."""
    typed = query.text(request, "via")
    via = clean_via(typed)
    context = {"statement": statement, "codes": _codes(statement, via), "typed": typed, "via": via}
    response = public(render(request, "petitions/embed_code.jinja", context))
    response["X-Robots-Tag"] = "noindex"
    return response


def _codes(statement: Statement, via: str) -> dict[str, str]:
    source, title = via or "embed", statement.title
    form_address = identity.origin() + reverse("embed_form", args=[statement.slug])
    badge_address = identity.origin() + reverse("embed_badge", args=[statement.slug])
    frame = '<iframe src="{}?via={}" title="{}: {}" width="100%" height="900" loading="lazy"></iframe>'
    picture = '<a href="{}"><img src="{}" alt="{}: {}" height="32"></a>'
    address, label = sharing.address(statement, source), statement.sign_label
    return {
        "wordpress": sharing.address(statement, via),
        "card": card_code(statement, via),
        "form": format_html(frame, form_address, source, label, title),
        "badge": format_html(picture, address, badge_address, label, title),
    }


@require_safe
@finding.with_statement
def signed_via(request: HttpRequest, statement: Statement, code: str) -> HttpResponse:
    """How many a partner's website brought, for the partner and everybody; no names, and small numbers kept quiet."""
    if not clean_via(code):
        raise Http404
    context = {"statement": statement, "code": code, "brought": _brought(statement, code), "least": sharing.LEAST_SHOWN}
    response = public(render(request, "petitions/via.jinja", context))
    response["X-Robots-Tag"] = "noindex"
    return response


def _brought(statement: Statement, code: str) -> sharing.Brought:
    found = cache.get_or_set(f"via.{statement.pk}.{code}", lambda: sharing.brought(statement, code), VIA_SECONDS)
    return found or sharing.brought(statement, code)
