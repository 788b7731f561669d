"""Structured data of pages: JSON-LD in the vocabulary of schema.org (UX 2.4)."""

import json
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core import identity
from core.identity import Identity
from core.speed import links
from petitions.actions.models import Event
from petitions.statements import sharing
from petitions.statements.models import Statement, Version

STATUS = {"scheduled": "EventScheduled", "postponed": "EventPostponed", "cancelled": "EventCancelled"}
# What would end the script element, or begin another (HTML 4.12.1.3).
ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def script(data: dict[str, Any]) -> SafeString:
    """The element for the page's head; nothing that people wrote can end it early."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    for character, escaped in ESCAPES.items():
        text = text.replace(character, escaped)  # str.translate takes twenty times as long
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))


def publisher(who: Identity | None = None) -> dict[str, Any]:
    """The site's publisher, or `who`."""
    who = who or identity.publisher()
    home = identity.origin() + "/"
    logo = identity.origin() + (who.logo.path if who.logo else links.file("img/icon.svg"))
    found: dict[str, Any] = {"@type": "Organization", "@id": home, "name": who.name, "url": home, "logo": logo}
    same = [link.address for link in who.links if link.address.startswith("http")]
    return {**found, "sameAs": same} if same else found


def trail(statement: Statement) -> dict[str, Any]:
    """Breadcrumbs of a page under a statement: home page, statement, page."""
    steps = [(statement.who.name, identity.origin() + "/"), (statement.title, sharing.address(statement))]
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": address}
        for place, (name, address) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def statement(statement: Statement, version: Version, people: int | None, image: str) -> dict[str, Any]:
    """An Article that people endorse: schema.org has no type for petitions. `people` is None while not shown."""
    sign = identity.origin() + links.path("sign", statement.slug)
    ours = publisher(statement.who)
    found = {
        "@type": "Article",
        "@id": sharing.address(statement),
        "headline": statement.title,
        "description": statement.summary,
        "datePublished": _moment(statement.published_at),
        "dateModified": _moment(version.published_at),
        "inLanguage": statement.language,
        "author": ours,
        "publisher": ours,
        "mainEntityOfPage": sharing.address(statement),
        "image": image,
    }
    if people is not None:
        found["interactionStatistic"] = {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/EndorseAction",
            "userInteractionCount": people,
        }
    if statement.is_open and statement.takes_people:
        target = {"@type": "EntryPoint", "urlTemplate": sign}
        found["potentialAction"] = {"@type": "EndorseAction", "target": target}
    return found


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def event(event: Event, image: str) -> dict[str, Any]:
    """An Event with its times in its own zone and a place that is an address, a link, or both."""
    period = event.period
    found = {
        "@type": "Event",
        "name": event.title,
        "startDate": period.iso_start,
        "location": _location(event),
        "eventStatus": f"https://schema.org/{STATUS[event.status]}",
        "eventAttendanceMode": f"https://schema.org/{_attendance(event)}",
        "organizer": publisher(event.statement.who),
        "description": event.summary,
        "url": identity.origin() + event.get_absolute_url(),
        "image": image,
        "isAccessibleForFree": True,
    }
    if period.iso_end:
        found["endDate"] = period.iso_end
    return found


def _location(event: Event) -> dict[str, Any] | list[dict[str, Any]]:
    online = {"@type": "VirtualLocation", "url": event.online_url}
    place = {"@type": "Place", "name": event.venue or event.address, "address": event.address or event.venue}
    if event.venue or event.address:
        return [place, online] if event.online_url else place
    return (
        online
        if event.online_url
        else {"@type": "Place", "name": _("To be announced"), "address": _("To be announced")}
    )


def _attendance(event: Event) -> str:
    if not event.online_url:
        return "OfflineEventAttendanceMode"
    return "MixedEventAttendanceMode" if event.venue or event.address else "OnlineEventAttendanceMode"
