"""Pages of events, and the same events as calendars. Nothing here writes."""

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import identity
from core.http import public
from petitions.actions import calendar, events
from petitions.actions.forms import ComingForm
from petitions.actions.models import Event
from petitions.statements import finding
from petitions.statements.models import Statement
from petitions.travel import card, structured_data

COMING, GONE = 100, 20


@require_safe
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """When, where, what to bring, how to get it into a calendar; the statement it belongs to."""
    found = events.find(slug)
    picture = card.tags(card.of_event(found))
    context = {
        "event": found,
        "statement": found.statement,
        "address": calendar.address(found),
        "links": calendar.links(found),
        "coming_form": ComingForm(event=found) if found.asks_who_comes else None,
        "card": picture,
        "structured_data": structured_data.script(structured_data.event(found, picture["url"])),
    }
    return public(render(request, "petitions/event.jinja", context))


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """What is on, soonest first; below it what was."""
    events = Event.objects.filter(statement__in=Statement.objects.listed_here()).select_related("statement")
    events = events.annotate(until=Coalesce(F("ends_at"), F("starts_at")))
    ahead = Q(until__gt=Now())
    context = {
        "coming": events.filter(ahead).order_by("starts_at", "pk")[:COMING],
        "gone": events.exclude(ahead).order_by("-starts_at", "-pk")[:GONE],
        "address": identity.origin() + reverse("events_ics"),
    }
    return public(render(request, "petitions/event_list.jinja", context))


@require_safe
def event_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """One event as a file."""
    return _file(calendar.write([events.find(slug)]), slug)


@require_safe
@finding.with_statement
def statement_ics(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The events of one statement, to follow."""
    events = calendar.followed().filter(statement=statement)
    return _file(calendar.write(events, name=statement.title), statement.slug)


@require_safe
def all_ics(request: HttpRequest) -> HttpResponse:
    """All events, to follow."""
    return _file(calendar.write(calendar.followed(), name=f"{identity.publisher().name}: events"), "events")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return public(response)
