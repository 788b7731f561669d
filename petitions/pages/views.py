"""Public pages about statements: lists, the statement, its history and its numbers. Nothing here writes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import identity, query
from core.components import shielded
from core.http import no_store, public
from core.paging import after
from petitions.actions.models import Event
from petitions.news.models import Update
from petitions.pages import building
from petitions.signatures import consent, listing, notices, proof, public_numbers, reaffirming
from petitions.signatures.forms import clean_via
from petitions.statements import copublishing, finding, history, sharing
from petitions.statements.models import Statement
from publishers import reading
from publishers.models import Publisher

STATEMENTS_PER_PAGE = 20
NAMES_PER_PAGE = 100
VIA_MARK = b'name="via" value=""'


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Open statements, what is on, and what came of the closed ones."""
    coming = Event.objects.filter(
        statement__in=Statement.objects.listed_here(), starts_at__gte=timezone.now(), status=Event.Status.SCHEDULED
    )
    cards = _cards(Statement.objects.listed_here().open()[:STATEMENTS_PER_PAGE])
    featured = next((one for one in cards if one.statement.is_featured), None)
    context = {
        "featured": featured,
        "open_statements": [one for one in cards if one is not featured],
        "closed_statements": _cards(Statement.objects.listed_here().closed()[:5]),
        "events": coming.select_related("statement").order_by("starts_at")[:3],
        "update": _latest_news(),
    }
    return public(render(request, "petitions/home.jinja", context))


def _latest_news() -> Update | None:
    found = Update.objects.filter(statement__in=Statement.objects.listed_here(), published_at__lte=Now())
    return found.select_related("statement").order_by("-published_at", "-id").first()


@require_safe
def statement_list(request: HttpRequest) -> HttpResponse:
    """All public statements, newest first."""
    page = after(Statement.objects.listed_here(), request, order=("-published_at", "-id"), size=STATEMENTS_PER_PAGE)
    cards = _cards(page.rows)
    context = {
        "open_statements": [card for card in cards if card.statement.is_open],
        "closed_statements": [card for card in cards if not card.statement.is_open],
        "next_url": page.next_url,
    }
    return public(render(request, "petitions/statement_list.jinja", context))


@require_safe
def publisher(request: HttpRequest, slug: str) -> HttpResponse:
    """A publisher's own page: who it is, and all that it has published, newest first."""
    here = identity.here()
    found = get_object_or_404(Publisher.objects.all() if here is None else Publisher.objects.filter(pk=here), slug=slug)
    if here is None and found.origin:
        return public(HttpResponseRedirect(found.origin + found.get_absolute_url()))
    identity.speak_for(found.pk)
    rows = Statement.objects.public().by(found.pk)
    page = after(rows, request, order=("-published_at", "-id"), size=STATEMENTS_PER_PAGE)
    cards = _cards(page.rows)
    context = {
        "who": reading.learn(found),
        "open_statements": [card for card in cards if card.statement.is_open],
        "closed_statements": [card for card in cards if not card.statement.is_open],
        "next_url": page.next_url,
    }
    return public(render(request, "petitions/publisher.jinja", context))


@dataclass(frozen=True)
class Card:
    """A statement in a list, with its numbers as templates want them."""

    statement: Statement
    tally: dict[str, Any]


def _cards(statements: Iterable[Statement]) -> list[Card]:
    rows = list(statements)
    tallies = public_numbers.tallies_of(rows)
    return [Card(statement, tallies[statement.pk]) for statement in rows]


@require_safe
def statement(request: HttpRequest, slug: str) -> HttpResponse:
    """The statement and its form: the same bytes for everybody, so any cache can hold them."""

    def fresh() -> str:
        version = finding.find_version(slug)
        context = building.statement_context(version.statement, version)
        return render_to_string("petitions/statement_detail.jinja", context, using="jinja2")

    via = clean_via(query.text(request, "via")).encode()
    fill = (VIA_MARK, VIA_MARK.replace(b'""', b'"' + via + b'"') if via else b"")
    return finding.keep(request, slug, "statement", fresh, fill=fill)


@require_safe
def signatures(request: HttpRequest, slug: str) -> HttpResponse:
    """The public names, which search engines leave out; the first page is what most people ask for."""

    def fresh() -> str:
        return render_to_string("petitions/signatures.jinja", _names(request, finding.find(slug)), request)

    response = finding.keep(request, slug, "names", fresh) if not request.GET else _later_names(request, slug=slug)
    response["X-Robots-Tag"] = "noindex"
    return response


@finding.with_statement
def _later_names(request: HttpRequest, statement: Statement) -> HttpResponse:
    return public(render(request, "petitions/signatures.jinja", _names(request, statement)))


def _names(request: HttpRequest, statement: Statement) -> dict[str, Any]:
    page = listing.page(statement, request, columns=building.Name._fields, size=NAMES_PER_PAGE)
    return {
        "statement": statement,
        "names": page.rows,
        "next_url": page.next_url,
        "first_url": page.first_url,
        "tally": public_numbers.tally_of(statement),
    }


@require_safe
def version_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version of the text and what changed."""

    def fresh() -> str:
        statement = finding.find(slug)
        versions, roots = history.versions_with_changes(statement), proof.published(statement)
        standing = reaffirming.standing(statement)
        context = {"statement": statement, "versions": versions, "roots": roots, "standing": standing}
        return render_to_string("petitions/history.jinja", context, request)

    return finding.keep(request, slug, "history", fresh)


@require_safe
@finding.with_statement
def share(request: HttpRequest, statement: Statement) -> HttpResponse:
    """All the ways to share, for people without JavaScript."""
    via = clean_via(query.text(request, "via"))
    typed = query.text(request, "server")
    server = sharing.clean_server(typed)
    context = {
        "statement": statement,
        "share": sharing.links(statement, via),
        "via": via,
        "typed": typed,
        "server": server,
        "mastodon": sharing.mastodon(statement, server, via) if server else "",
    }
    return public(render(request, "petitions/share.jinja", context))


@require_safe
def count(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers for machines; anybody may read them from any site."""

    def fresh() -> str:
        statement = finding.find(slug)
        tally = public_numbers.tally_of(statement)
        number = public_numbers.exact_number(tally)
        numbers = {
            "signatures": number,
            "organisations": tally["organisations"],
            "goal": None if number is None else tally["goal"],  # it follows the number, so it tells it
            "open": statement.is_open,
        }
        return json.dumps(numbers)

    response = finding.keep(request, slug, "count", fresh, content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why and how long; written from the settings that the site lives by."""
    notice = consent.notice(others=copublishing.partners(identity.publisher()))
    shown = {"contact": shielded(str(notice["contact"])), "together": _shielded(notice["together"])}
    return public(render(request, "privacy.jinja", {"notice": {**notice, **shown}}))


def _shielded(others: Any) -> list[tuple[str, str, str]]:
    return [(name, legal_name, shielded(address)) for name, legal_name, address in others]


@require_safe
def privacy_versions(request: HttpRequest) -> HttpResponse:
    """The privacy notices that people were told, with their days."""
    return public(render(request, "petitions/privacy_versions.jinja", {"versions": notices.versions()}))


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What works, what does not, and whom to tell."""
    shown = {"contact": identity.publisher().contact_email, "unconfirmed_days": settings.UNCONFIRMED_DAYS}
    return public(render(request, "accessibility.jinja", shown))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Personal pages are nobody's search result."""
    personal = ["/confirm/", "/manage/", "/unsubscribe/", "/admin/", "/write/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in personal)]
    lines += ["", f"Sitemap: {identity.origin()}{reverse('sitemap')}"]
    return public(HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with somewhere to go."""
    context = {"open_statements": Statement.objects.listed_here().open()[:5]}
    return no_store(render(request, "404.jinja", context, status=404))
