"""Atom feeds (RFC 4287), the site map, and a statement as JSON (docs/statement.schema.json)."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import identity, items
from core.http import public
from core.items import Feed
from core.text import tidying
from petitions.actions import calendar
from petitions.actions.models import Event
from petitions.news.models import Update
from petitions.signatures import proof, public_numbers
from petitions.signatures.models import CountRoot
from petitions.statements import finding, promise, sharing
from petitions.statements.models import Statement, Version
from petitions.travel import card
from publishers import reading
from publishers.models import Page, Publisher

NEWEST = 20
MOST_ROOTS = 400
MOST_IN_MAP = 10_000
ATOM = "application/atom+xml; charset=utf-8"


@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """The newest statements of the site."""
    name = identity.publisher().name
    feed = _feed(name, reverse("home"), reverse("feed"), _site_urn("feed"), name)
    items.each(Statement.objects.listed_here()[:NEWEST], lambda statement: _add_statement(feed, statement))
    return _atom(feed)


def _add_statement(feed: Feed, statement: Statement) -> None:
    published = statement.published_at or statement.changed_at
    feed.add_item(
        title=statement.title,
        link=sharing.address(statement, "feed"),
        description=statement.summary,
        pubdate=published,
        updateddate=max(published, statement.changed_at),
        unique_id=statement.uid.urn,
    )


@require_safe
@finding.with_statement
def updates(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The news of one statement."""
    page, own = (reverse(name, args=[statement.slug]) for name in ("updates", "update_feed"))
    feed = _feed(statement.title, page, own, statement.urn("updates"), statement.who.name, statement.language)
    news = statement.updates.filter(published_at__lte=Now())[:NEWEST]
    items.each(news, lambda update: _add_update(feed, statement, update))
    _add_proof(feed, statement)
    return _atom(feed)


def _add_update(feed: Feed, statement: Statement, update: Update) -> None:
    feed.add_item(
        title=update.title,
        link=identity.origin() + reverse("update", args=[statement.slug, update.slug]),
        description=update.body,
        pubdate=update.published_at,
        updateddate=update.published_at,
        unique_id=update.uid.urn,
    )


def _add_proof(feed: Feed, statement: Statement) -> None:
    """The newest roots of the count, as one entry that stays the same one, so that no reader is told each day."""
    roots = proof.published(statement)
    if not roots or public_numbers.exact_number(public_numbers.tally_of(statement)) is None:
        return
    at = timezone.make_aware(datetime.combine(roots[0].day + timedelta(days=1), time.min))
    lines = [f"{one.day}: {one.size} ({one.gone}), {one.root}" for one in roots]
    feed.add_item(
        title=_("Proof of the count"),
        link=f"{identity.origin()}{reverse('history', args=[statement.slug])}#count",
        description="<br>".join([_("Day: signatures (taken back or removed since), root"), *lines]),
        pubdate=at,
        updateddate=at,
        unique_id=statement.urn("count"),
    )


def _site_urn(of: str) -> str:
    """The name for ever of what hangs on the site, made of the secret that outlives all others and any origin."""
    digest = hashlib.blake2b(f"{of}.{settings.HASH_SECRET}".encode(), digest_size=16).digest()
    return uuid.UUID(bytes=digest, version=5).urn


def _feed(title: str, page: str, own: str, urn: str, who: str, language: str = "en-GB") -> Feed:
    """Base of the feeds of the publisher `who`. Addresses are of the configured origin, never of the request."""
    return Feed(
        title=tidying.line(title),
        link=identity.origin() + page,
        description="",
        language=language,
        author_name=who,
        feed_url=identity.origin() + own,
        feed_guid=urn,
    )


def _atom(feed: Feed) -> HttpResponse:
    return public(HttpResponse(feed.writeString("utf-8"), content_type=ATOM))


def readable_everywhere(response: HttpResponse) -> HttpResponse:
    """Let pages of other websites read this answer, which is the same for everybody."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return public(response)


@require_safe
@finding.with_statement
def statement_json(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The statement with its text and numbers; no name of a signer is in it."""
    return readable_everywhere(JsonResponse(as_data(statement), json_dumps_params={"ensure_ascii": False}))


def as_data(statement: Statement) -> dict[str, Any]:
    """A statement as docs/statement.schema.json describes it."""
    versions = items.each(statement.versions.filter(published_at__isnull=False), _version)
    tally = public_numbers.tally_of(statement)
    number = public_numbers.exact_number(tally)
    events = statement.events.order_by("starts_at", "pk")
    updates = statement.updates.filter(published_at__lte=Now())[:NEWEST]
    return {
        "url": sharing.address(statement),
        "kind": statement.kind,
        "title": statement.title,
        "summary": statement.summary,
        "addressed_to": statement.addressed_to,
        "language": statement.language,
        "publisher": statement.who.name,
        "state": statement.status,
        "published_at": _time(statement.published_at),
        "closes_at": _time(statement.closes_at),
        "closed_at": _time(statement.ended_at),
        "signatures": number,
        "organisations": tally["organisations"],
        "goal": None if number is None else tally["goal"],  # it follows the number, so it tells it
        "image": card.address(card.of_statement(statement, public_numbers.public_number(tally))),
        "version": versions[-1],
        "versions": versions,
        "preface": statement.preface,
        "outcome": statement.outcome,
        "proof": [] if number is None else [_root(one) for one in proof.published(statement, most=MOST_ROOTS)],
        "events": items.each(events, _event),
        "updates": items.each(updates, lambda update: _update(statement, update)),
    }


def _time(time: Any) -> str | None:
    return time.isoformat(timespec="seconds") if time else None


def _version(version: Version) -> dict[str, Any]:
    """The hashed parts are given as stored, so that anybody can verify the hash (docs/verifying.md)."""
    return {
        "number": version.number,
        **promise.words(version),
        "note": version.note,
        "published_at": _time(version.published_at),
        "sha256": version.sha256,
    }


def _root(one: CountRoot) -> dict[str, Any]:
    return {"day": one.day.isoformat(), "size": one.size, "gone": one.gone, "root": one.root}


def _event(event: Event) -> dict[str, Any]:
    return {
        "url": calendar.address(event),
        "title": event.title,
        "starts_at": _time(event.starts_at),
        "ends_at": _time(event.ends_at),
        "timezone": event.timezone,
        "whole_days": event.whole_days,
        "when": str(event.period),
        "place": event.place,
        "status": event.status,
    }


def _update(statement: Statement, update: Update) -> dict[str, Any]:
    address = identity.origin() + reverse("update", args=[statement.slug, update.slug])
    return {"url": address, "title": update.title, "published_at": _time(update.published_at), "body": update.body}


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page that search engines may list (sitemaps.org 0.9); names of signers are not among them."""
    context = {"addresses": [identity.origin() + path for path in _listed()]}
    return public(render(request, "sitemap.jinja", context, content_type="application/xml; charset=utf-8"))


def _path(name: str, statement: Statement) -> str:
    return reverse(name, args=[statement.slug])


def _listed() -> Iterable[str]:
    yield from map(reverse, ["home", "statements", "events", "privacy", "accessibility"])
    yield from items.each(reading.at_home()[:MOST_IN_MAP], Publisher.get_absolute_url)
    pages = Page.objects.filter(published_at__lte=Now(), publisher__in=reading.at_home())
    yield from items.each(pages[:MOST_IN_MAP], Page.get_absolute_url)
    shown = Statement.objects.at_home()
    for name in ("statement", "history"):
        yield from items.each(shown.only("slug")[:MOST_IN_MAP], partial(_path, name))
    events = Event.objects.filter(statement__in=shown).only("slug")
    yield from items.each(events[:MOST_IN_MAP], lambda row: reverse("event", args=[row.slug]))
    news = Update.objects.filter(statement__in=shown, published_at__lte=Now()).select_related("statement")
    news = news.only("slug", "statement__slug")[:MOST_IN_MAP]
    yield from items.each(news, lambda row: reverse("update", args=[row.statement.slug, row.slug]))
