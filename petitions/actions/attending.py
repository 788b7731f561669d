"""Coming to an event: asking, agreeing, making room, and taking it back. The only way in: views and staff call it.

Places go by turn. Whoever changes who comes holds the lock of the event's row, so that a hall is never overfilled by
two at once, and a place that becomes free goes to one person only.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import addresses, audit, tombstones
from core.audit import Staff
from core.models import Tombstone
from mail import outbox
from mail.models import OutgoingEmail
from petitions.actions.models import Attendance, AttendanceSubmission, Event
from petitions.signatures import consent
from submissions import asking, limits, own_links, status
from submissions.asking import Asked
from submissions.kinds import named

KIND, NUMBER = "attendance", 4
MANAGE = "attendance-manage"
State = Attendance.State
SENTENCE = _(
    "By saying that you are coming, you let the organisers keep your name and email address until some time after the "
    "event. That you come can reveal your political opinions, so we need your agreement."
)
# From which state to which: a place once given is not taken away again but by its owner.
MOVES = {
    State.COMING: (State.WITHDRAWN,),
    State.WAITING: (State.COMING, State.WITHDRAWN),
    State.WITHDRAWN: (State.COMING, State.WAITING),
}


class NobodyAsked(Exception):
    """The event takes no names (any more)."""


def come(*, event: Event, name: str, email: str, signals: str = "", ip_key: str = "") -> Asked:
    """Store a submission and queue its confirmation mail; nobody is expected before its mailbox agrees.

    Raises NobodyAsked when the event takes no names now, by the database's clock; then nothing is written.
    """
    asked = asking.ask(
        KIND,
        email=email,
        typed={"name": name},
        event=event.pk,
        consent_id=consent.kept(str(SENTENCE)),
        language=event.statement.language,
        signals=signals,
        ip_key=ip_key,
    )
    if asked is None:
        raise NobodyAsked
    return asked


def lock(event_id: int) -> Event | None:
    """The event, for this transaction alone; None when it is gone."""
    return Event.objects.select_for_update(no_key=True).filter(pk=event_id).first()


@transaction.atomic
def agree(*, submission_id: int) -> Attendance | None:
    """Expect whoever agrees, or put them on the waiting list of a full hall. A newer answer replaces the name.

    None when nothing was agreed: it is used up, ended or too late, or the mailbox is on the list with its address
    written in another way.
    """
    event_id = AttendanceSubmission.objects.filter(pk=submission_id).values_list("event_id", flat=True).first()
    event = lock(event_id) if event_id else None
    submission = AttendanceSubmission.objects.select_for_update().filter(pk=submission_id).first()
    if event is None or submission is None or not _waits(submission_id):
        return None
    attendance = said_before(submission) or Attendance(event=event, state=State.WITHDRAWN)
    if attendance.pk and not is_same_address(attendance, submission):
        return None
    _admit(attendance, submission, event)
    recount(event)
    _use_up(submission_id, attendance)
    limits.wake([bytes(submission.mailbox_key)])
    _write("attendance_receipt", attendance)
    return attendance


def _waits(submission_id: int) -> bool:
    return [one.state for one in status.of([(named(KIND).number, submission_id)])] == ["waiting"]


def said_before(submission: AttendanceSubmission) -> Attendance | None:
    """What its mailbox, in any spelling, has said about the same event."""
    same = {"event": submission.event_id, "mailbox_key": bytes(submission.mailbox_key)}
    return Attendance.objects.filter(**same).first()


def is_same_address(attendance: Attendance, submission: AttendanceSubmission) -> bool:
    """Whether both came from one address as it was typed: only that one leads to a person's own page."""
    return addresses.address_key(attendance.email) == bytes(submission.address_key)


def _admit(attendance: Attendance, submission: AttendanceSubmission, event: Event) -> None:
    """Who has a place or a turn keeps it; others get a place if there is one. The event is locked."""
    if attendance.state == State.WITHDRAWN:
        attendance.state, attendance.queued_at = _place(event), Now()
    attendance.withdrawn_at = None
    attendance.name, attendance.email = submission.name, submission.email
    attendance.submission_id = submission.pk
    attendance.consent_id, attendance.agreed_at = submission.consent_id, Now()
    attendance.save()
    attendance.refresh_from_db()


def _place(event: Event) -> str:
    """Whoever waits comes first, so a free place is nobody's who did not wait."""
    waits = event.attendances.filter(state=State.WAITING).exists()
    is_free = event.capacity is None or _coming(event) < event.capacity
    return State.COMING if is_free and not waits else State.WAITING


def _coming(event: Event) -> int:
    return event.attendances.filter(state=State.COMING).count()


def _use_up(submission_id: int, attendance: Attendance) -> None:
    """Its words live in the attendance from now on; a stub goes on answering "already done"."""
    AttendanceSubmission.objects.filter(pk=submission_id).update(
        agreed_at=Now(), result_id=attendance.pk, email="", name=""
    )


def recount(event: Event) -> None:
    """Store how many come, as pages show it. The event is locked."""
    event.coming = _coming(event)
    Event.objects.filter(pk=event.pk).update(coming=event.coming)


def make_room(event: Event) -> list[Attendance]:
    """Give free places to those who wait longest, and tell them by mail; returns who got one. The event is locked."""
    free = None if event.capacity is None else max(event.capacity - _coming(event), 0)
    if event.status_shown in {"cancelled", "over"}:
        free = 0
    waiting = event.attendances.filter(state=State.WAITING).order_by("queued_at", "pk")
    lucky = list(waiting if free is None else waiting[:free])
    for attendance in lucky:
        attendance.state = State.COMING
        attendance.save(update_fields=["state"])
        _write("attendance_room", attendance)
    recount(event)
    return lucky


def _write(kind: str, attendance: Attendance) -> None:
    context = {"attendance": attendance.pk, "state": str(attendance.state)}
    outbox.queue(kind=kind, recipient=attendance.email, context=context)


@transaction.atomic
def withdraw(*, attendance_id: int) -> bool:
    """Take back that somebody comes, at their wish; their place goes to whoever waits longest. Whether there was one.

    `put_back` can undo it for WITHDRAWN_MINUTES; then the row goes.
    """
    event = event_of(attendance_id)
    if event is None:
        return False
    standing = Attendance.objects.filter(pk=attendance_id).exclude(state=State.WITHDRAWN)
    done = standing.update(state=State.WITHDRAWN, withdrawn_at=Now())
    make_room(event)
    return bool(done)


@transaction.atomic
def put_back(*, attendance_id: int) -> bool:
    """Undo `withdraw` in time: with a place if one is still free, else at the end of the waiting list."""
    event = event_of(attendance_id)
    since = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    gone = Attendance.objects.filter(pk=attendance_id, withdrawn_at__gt=since)
    if event is None or not gone.exists():
        return False
    done = gone.update(state=_place(event), withdrawn_at=None, queued_at=Now())
    recount(event)
    return bool(done)


@transaction.atomic
def correct(*, attendance_id: int, name: str) -> bool:
    """Another name, as its owner writes it; whether there was one to correct."""
    return bool(Attendance.objects.filter(pk=attendance_id).exclude(state=State.WITHDRAWN).update(name=name))


def event_of(attendance_id: int) -> Event | None:
    """Its event, for this transaction alone."""
    event_id = Attendance.objects.filter(pk=attendance_id).values_list("event_id", flat=True).first()
    return lock(event_id) if event_id else None


@transaction.atomic
def erase(*, attendance_id: int, why: str = Tombstone.Why.ERASED) -> None:
    """Delete it at once and for good (GDPR Art. 17); its place goes to whoever waits longest. Harmless to repeat."""
    event = event_of(attendance_id)
    attendance = Attendance.objects.filter(pk=attendance_id).first()
    if event is None or attendance is None:
        return
    tombstones.leave(
        why, kind=KIND, subjects=[bytes(attendance.mailbox_key)], scope=event.statement_id, which=event.uid.hex
    )
    attendance.delete()
    make_room(event)


@transaction.atomic
def take_off(*, attendance: Attendance, by: Staff) -> None:
    """Take somebody off the list, as staff do for who calls or is a double. They can say again that they come."""
    audit.record(by=by, on=attendance.event, what="Took somebody off the list of those who come")
    erase(attendance_id=attendance.pk, why=Tombstone.Why.REMOVED)


def renew_link(*, attendance_id: int, link_number: int) -> bool:
    """Let no link to the own page work any more but one that is mailed to its owner now; whether that was done."""
    return own_links.renew(Attendance, attendance_id, link_number, mail="attendance_own_link", key="attendance")


def tell_of_change(event: Event) -> int:
    """Tell everybody who comes or waits that the plans have changed; returns how many. The event is locked."""
    told = list(event.attendances.exclude(state=State.WITHDRAWN))
    for attendance in told:
        _write("attendance_changed", attendance)
    event.attendances.update(reminded_at=None)
    return len(told)


# Whole days begin at midnight: who comes is written to on the morning of the day before.
_REMIND = f"""
WITH due AS (
    SELECT a.id FROM petitions_attendance a JOIN petitions_event ev ON ev.id = a.event_id
        JOIN petitions_statement st ON st.id = ev.statement_id
    WHERE a.state = 'coming' AND a.reminded_at IS NULL AND ev.status = 'scheduled' AND st.hidden_at IS NULL
        AND ev.starts_at > statement_timestamp() AND ev.starts_at < statement_timestamp() + %(day)s
        AND (NOT ev.whole_days OR ev.starts_at < statement_timestamp() + %(morning)s)
        AND a.agreed_at < ev.starts_at - %(day)s
    LIMIT 1000 FOR UPDATE OF a SKIP LOCKED
), reminded AS (
    UPDATE petitions_attendance a SET reminded_at = statement_timestamp() FROM due WHERE a.id = due.id
    RETURNING a.id, a.email, a.mailbox_key, a.address_key
)
INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
SELECT 'attendance_tomorrow', email, mailbox_key, address_key, {OutgoingEmail.Lane.NOTICE.value},
    jsonb_build_object('attendance', id) FROM reminded
"""


def remind() -> int:
    """Remind those who come the day before, once; whoever said so later than that knows. Returns how many, a batch."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"day": timedelta(days=1), "morning": timedelta(hours=15)}
        cursor.execute(_REMIND, values)
        return cursor.rowcount
