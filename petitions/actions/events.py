"""Events as calendars see them: one identity for ever, and a number that rises when people must change their plans."""

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from core import audit, redirects
from core.audit import Staff
from core.speed.prepared import Prepared
from petitions.actions import attending
from petitions.actions.models import Event
from petitions.statements.models import ClockTimestamp, Statement

# A change of these makes calendars tell their owners (RFC 5545, 3.8.7.4 SEQUENCE).
PLANS = ("starts_at", "ends_at", "timezone", "whole_days", "venue", "address", "online_url", "status")


@transaction.atomic
def save_event(*, event: Event, by: Staff = None) -> Event:
    """Store a new or changed event. An old slug leads to the new one once anybody may have seen it.

    `sequence` rises by one when time, place or status changed after that, and by nothing else; whoever comes is told.
    More places than before go to those who wait.
    """
    before = Event.objects.select_for_update().filter(pk=event.pk).first()
    was_public = before is not None and Statement.objects.public().filter(pk=before.statement_id).exists()
    changed = [name for name in PLANS if before and getattr(before, name) != getattr(event, name)]
    event.sequence = (before.sequence if before else 0) + bool(changed and was_public)
    event.changed_at = ClockTimestamp()
    event.save()
    event.refresh_from_db(fields=["changed_at"])
    if before:
        attending.make_room(event)
    if changed and was_public:
        attending.tell_of_change(event)
    if before and before.slug != event.slug and was_public:
        redirects.move(old=before.get_absolute_url(), new=event.get_absolute_url())
    for statement in {event.statement_id, before.statement_id if before else event.statement_id}:
        Statement.objects.touch(Statement(pk=statement))
    if changed:
        audit.record(by=by, on=event, what=f"Changed {', '.join(changed).replace('_', ' ')}")
    return event


_of = Prepared(lambda statement: Event.objects.filter(statement=statement).order_by("starts_at", "pk"), int)


def coming_and_gone(statement: Statement) -> tuple[list[Event], list[Event]]:
    """Coming events, soonest first, including cancelled ones; and past ones, latest first."""
    coming: list[Event] = []
    gone: list[Event] = []
    for event in _of(statement.pk):
        (gone if event.over_at <= timezone.now() else coming).append(event)
    return coming, gone[::-1]


def find(slug: str) -> Event:
    """The event of that slug, if everybody may see its statement. Raises Http404."""
    found = Event.objects.filter(slug=slug, statement__in=Statement.objects.at_home())
    event = found.select_related("statement").first()
    if event is None:
        raise Http404
    return event
