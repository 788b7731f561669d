"""Sources of webhook events and their content. No event holds a visitor's words before they are approved."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from comments.models import Comment
from core import desk
from integrations.models import EventType, WebhookEvent
from integrations.noticing import BATCH, Found, Look, source
from organisations.models import Endorsement
from petitions.models import Attendance, Event, Signature, Statement, Version
from petitions.statements import counting, sharing

SETTLED = timedelta(seconds=30)  # by then a signature's statement has been committed, or never will be
WAIT = timedelta(hours=1)  # between two reminders of what waits for moderators


def statement_as_data(statement: Statement) -> dict[str, Any]:
    """Which statement it is about."""
    address = statement.who.home + statement.get_absolute_url()
    return {"id": statement.pk, "slug": statement.slug, "title": statement.title, "url": address}


def found(kind: EventType, row: Model, at: datetime | None, statement: Statement, **data: Any) -> Found:
    """An event about a row of a statement; the row and the moment make it one. Raises ValueError without a moment."""
    if at is None:
        raise ValueError(f"{row._meta.label} {row.pk} does not say when it was {kind}")
    told = {"statement": statement_as_data(statement), **data}
    return Found(f"{kind}:{row.pk}:{at.isoformat()}", at, told, statement.pk, row.pk)


@source(EventType.SIGNATURE_AGREED)
def agreed(look: Look) -> Iterator[Found]:
    """Signatures by their numbers, up to the first that might have one before it that is not committed yet."""
    signatures = Signature.objects.filter(submission_id__isnull=False)
    after = look.seen.get("last")
    if after is None:
        after = _last_before(signatures, look.since)
    is_fresh = ExpressionWrapper(Q(agreed_at__gte=Now() - SETTLED), output_field=BooleanField())
    rows = signatures.filter(pk__gt=after).annotate(is_fresh=is_fresh).select_related("statement", "consent")
    for row in rows.order_by("pk")[:BATCH]:
        if row.is_fresh:
            break
        after = row.pk
        if row.state in {Signature.State.CONFIRMED, Signature.State.HELD}:
            yield _signed(row)
    look.seen["last"] = after
    yield from _signed_again(look)


def _last_before(signatures: QuerySet[Signature], since: datetime) -> int:
    """The id of the last signature when the first webhook was switched on."""
    newest = signatures.order_by("-pk").values_list("pk", "agreed_at")
    return next((pk for pk, at in newest.iterator(chunk_size=BATCH) if at < since), 0)


def _signed(row: Signature) -> Found:
    shown = {"name": row.name} if row.show_name else {}
    signature = {
        "id": row.pk,
        "agreed_at": row.agreed_at.isoformat(),
        "is_counted": row.state == Signature.State.CONFIRMED,
        "language": row.language,
        "via": row.via,
        "wants_updates": row.email_updates,
    }
    told = found(EventType.SIGNATURE_AGREED, row, row.agreed_at, row.statement, signature=signature | shown)
    if row.consent is None or not row.consent.recipients:
        return told
    person = {"name": row.name, "email": row.email, "postcode": row.postcode}
    return replace(told, private={"person": person, "recipients": row.consent.recipients})


def _signed_again(look: Look) -> Iterator[Found]:
    """Signatures withdrawn and agreed to again within the ten minutes for which the row stays."""
    lately = look.since - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    told = WebhookEvent.objects.filter(type=EventType.SIGNATURE_WITHDRAWN, happened_at__gte=lately)
    back = {Signature.State.CONFIRMED, Signature.State.HELD}
    rows = Signature.objects.filter(pk__in=told.values("subject_id"), state__in=back)
    yield from (_signed(row) for row in rows.select_related("statement", "consent"))


@source(EventType.SIGNATURE_WITHDRAWN)
def withdrawn(look: Look) -> Iterator[Found]:
    """Withdrawn signatures, whose rows stay for ten minutes; their stored events go at once (forgetting.py)."""
    rows = Signature.objects.filter(state=Signature.State.WITHDRAWN, withdrawn_at__gte=look.since)
    for row in rows.select_related("statement").order_by("pk"):
        signature = {"id": row.pk}
        yield found(EventType.SIGNATURE_WITHDRAWN, row, row.withdrawn_at, row.statement, signature=signature)


@source(EventType.ENDORSEMENT_LISTED)
def listed(look: Look) -> Iterable[Found]:
    """Listed organisations."""
    rows = Endorsement.objects.filter(state=Endorsement.State.LISTED, listed_at__gte=look.since)
    for row in rows.select_related("statement", "organisation"):
        if row.organisation is not None:  # the database sees to it
            listed_one = {"id": row.organisation.pk, "name": row.organisation.name, "town": row.organisation.town}
            yield found(EventType.ENDORSEMENT_LISTED, row, row.listed_at, row.statement, organisation=listed_one)


@source(EventType.COMMENT_PUBLISHED)
def commented(look: Look) -> Iterable[Found]:
    """Published comments."""
    rows = Comment.objects.filter(state=Comment.State.PUBLISHED, hidden_at=None, published_at__gte=look.since)
    for row in rows.select_related("thread__statement"):
        comment = {"id": row.pk, "parent": row.parent_id, "author": row.author_name, "text": row.body}
        yield found(EventType.COMMENT_PUBLISHED, row, row.published_at, row.thread.statement, comment=comment)


@source(EventType.MILESTONE_REACHED)
def milestones(look: Look) -> Iterable[Found]:
    """The highest of 100, 200, 500, 1,000 … and the campaign's goal that a number has passed since the last look."""
    before: dict[str, int] = look.seen.get("people", {})
    statements = list(Statement.objects.public())
    now = counting.numbers(statements) if statements else {}
    for statement in statements:
        people, was = now[statement.pk].people, before.get(str(statement.pk))
        if was is None and statement.published_at < look.since:
            continue  # reached before anybody listened
        reached = passed(was or 0, people, statement.goal)
        if reached and "count" not in now[statement.pk].off:
            yield Found(
                key=f"{EventType.MILESTONE_REACHED}:{statement.pk}:{reached}",
                at=look.now,
                data={"statement": statement_as_data(statement), "milestone": reached, "signatures": people},
                statement=statement.pk,
            )
    look.seen["people"] = {str(pk): max(numbers.people, before.get(str(pk), 0)) for pk, numbers in now.items()}


def passed(was: int, people: int, goal: int | None) -> int:
    """The highest milestone above `was`, up to `people`; 0 for none."""
    reached, step = 0, counting.next_goal(was)
    while step <= people:
        reached, step = step, counting.next_goal(step)
    return max(reached, goal if goal and was < goal <= people else 0)


@source(EventType.STATEMENT_PUBLISHED)
def published(look: Look) -> Iterable[Found]:
    """Also those whose day has come."""
    for row in Statement.objects.public().filter(published_at__gte=look.since):
        yield found(EventType.STATEMENT_PUBLISHED, row, row.published_at, row)


@source(EventType.STATEMENT_CORRECTED)
def corrected(look: Look) -> Iterable[Found]:
    """With the note that everybody reads."""
    rows = Version.objects.filter(number__gt=1, published_at__gte=look.since, statement__in=Statement.objects.public())
    for row in rows.select_related("statement"):
        version = {"number": row.number, "sha256": row.sha256, "note": row.note}
        yield found(EventType.STATEMENT_CORRECTED, row, row.published_at, row.statement, version=version)


@source(EventType.STATEMENT_CLOSED)
def closed(look: Look) -> Iterable[Found]:
    """By hand, or because its day has come."""
    by_day = Q(closed_at=None, closes_at__gte=look.since, closes_at__lte=look.now)
    for row in Statement.objects.public().filter(Q(closed_at__gte=look.since) | by_day):
        yield found(EventType.STATEMENT_CLOSED, row, row.closed_at or row.closes_at, row)


@source(EventType.EVENT_CHANGED)
def moved(look: Look) -> Iterable[Found]:
    """Events announced, moved, postponed, cancelled or reworded."""
    rows = Event.objects.filter(changed_at__gte=look.since, statement__in=Statement.objects.public())
    for row in rows.select_related("statement"):
        event = {
            "id": row.pk,
            "uid": str(row.uid),
            "sequence": row.sequence,
            "title": row.title,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat() if row.ends_at else None,
            "timezone": row.timezone,
            "place": row.place,
            "status": row.status,
            "url": sharing.whole(row.statement, row.get_absolute_url()),
        }
        yield found(EventType.EVENT_CHANGED, row, row.changed_at, row.statement, event=event)


@source(EventType.ATTENDANCE_AGREED)
def comes(look: Look) -> Iterable[Found]:
    """Who said that they come or waits for a place: that somebody does, and how many do; never who."""
    rows = Attendance.objects.filter(agreed_at__gte=look.since).exclude(state=Attendance.State.WITHDRAWN)
    for row in rows.select_related("event__statement").order_by("pk"):
        event = row.event
        at = {"id": event.pk, "title": event.title, "url": sharing.whole(event.statement, event.get_absolute_url())}
        number = {"coming": event.coming, "capacity": event.capacity}
        comer = {"id": row.pk, "state": row.state}
        yield found(
            EventType.ATTENDANCE_AGREED, row, row.agreed_at, event.statement, event={**at, **number}, attendance=comer
        )


@source(EventType.MODERATION_WAITING)
def waiting(look: Look) -> Iterable[Found]:
    """How many wait in each queue; no more than once an hour, and only when something waits."""
    said = look.seen.get("said")
    queues = Counter[str]()
    for name, number in desk.queues():
        queues[name] += number
    queues = +queues  # those where something waits
    if not queues or (said and datetime.fromisoformat(said) > look.now - WAIT):
        return
    look.seen["said"] = look.now.isoformat()
    key = f"{EventType.MODERATION_WAITING}:{look.now.isoformat()}"
    yield Found(key, look.now, {"waiting": dict(queues), "url": settings.ORIGIN + reverse("admin:index")})
