"""Mail to those who come to events, each judged just before it is sent. No mail contains what its owner typed."""

from django.urls import reverse

from core import identity
from mail import outbox
from mail.models import OutgoingEmail
from petitions.actions import attending, calendar
from petitions.actions.models import Attendance, Event
from petitions.statements import availability, sharing
from submissions import own_links

State = Attendance.State
Status = Event.Status
Built = outbox.Message | outbox.Skip


@outbox.kind("attendance_receipt")
def receipt(row: OutgoingEmail) -> Built:
    """You are on the list, or on the waiting list; when, where, and how to take it back."""
    return _for(row, "attendance_receipt", {row.context["state"]})  # who got a place since is told so by its own mail


@outbox.kind("attendance_room")
def room(row: OutgoingEmail) -> Built:
    """There is a place for you now."""
    return _for(row, "attendance_room", {State.COMING})


@outbox.kind("attendance_tomorrow")
def tomorrow(row: OutgoingEmail) -> Built:
    """The reminder of the day before."""
    return _for(row, "attendance_tomorrow", {State.COMING}, only_on=True)


@outbox.kind("attendance_changed")
def changed(row: OutgoingEmail) -> Built:
    """The plans have changed: the event is called off, postponed, or at another time or place."""
    return _for(row, "attendance_changed", {State.COMING, State.WAITING})


@outbox.kind("attendance_own_link")
def link(row: OutgoingEmail) -> Built:
    """The new link to a person's own page; the old ones lead nowhere."""
    found = _find(row)
    return _message("own_link", found) if found else outbox.Skip("gone")


def _find(row: OutgoingEmail) -> Attendance | None:
    related = Attendance.objects.select_related("event__statement")
    return related.filter(pk=row.context["attendance"]).first()


def _for(row: OutgoingEmail, name: str, states: set[str], *, only_on: bool = False) -> Built:
    """A mail to a proved mailbox, if what it says is still so."""
    found = _find(row)
    if found is None:
        return outbox.Skip("gone")
    if found.state not in states:
        return outbox.Skip(found.state)
    status = found.event.status_shown
    if status == "over" or (only_on and status not in {"on", "moved"}):
        return outbox.Skip(status)
    return _message(name, found) if availability.is_public(found.event.statement) else outbox.Skip("hidden")


def _message(name: str, found: Attendance) -> outbox.Message:
    event, statement = found.event, found.event.statement
    return outbox.Message(
        name=name,
        to=found.email,
        context={
            "statement": statement,
            "statement_url": sharing.address(statement),
            "event": event,
            "event_url": calendar.address(event),
            "ics_url": identity.origin() + reverse("event_ics", args=[event.slug]),
            "waits": found.state == State.WAITING,
            "manage_url": own_links.in_mail(attending.MANAGE, found),
        },
        reply_to=statement.contact_email,
        publisher=statement.publisher_id,
    )
