"""How the mail and requests to other hosts are doing, for machines: /readyz and /metrics."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from django.db import OperationalError, transaction
from django.db.models import Case, Count, DurationField, ExpressionWrapper, Min, QuerySet, When
from django.db.models.functions import Now

from core import health
from mail.models import OutgoingEmail, OutgoingRequest, WorkerHeartbeat

HEARTBEAT_AGE = timedelta(seconds=60)
# Since when the oldest is late: what was tried in vain since it was asked for, what was put off since it is due.
LATE = ExpressionWrapper(
    Now() - Min(Case(When(attempts=0, then="due_at"), default="created_at")), output_field=DurationField()
)


def is_alive() -> bool:
    """Whether any worker was heard of within HEARTBEAT_AGE."""
    return WorkerHeartbeat.objects.filter(beat_at__gte=Now() - HEARTBEAT_AGE).exists()


@health.finding("worker")
def worker() -> str:
    """Without it no mail leaves."""
    return health.OK if is_alive() else f"no sign of life for {HEARTBEAT_AGE.seconds} seconds: start manage.py worker"


@health.finding("writes")
def writes() -> str:
    """Whether a row can be written: tried, and taken back before anybody sees it."""
    try:
        with transaction.atomic():
            WorkerHeartbeat.objects.create(name=f"probe {uuid4()}")
            transaction.set_rollback(True)
    except OperationalError:
        return "nothing can be written: see whether the database is read-only or its disk is full"
    return health.OK


@health.gauge("undersigned_mail_failed", "Mails that were refused or given up in the last 24 hours.")
def failed() -> float:
    """What will never arrive."""
    day = Now() - timedelta(days=1)
    return OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED, finished_at__gt=day).count()


@health.lines
def queue_lines() -> Iterator[str]:
    """How many messages wait in each lane, and for how long."""
    waiting = {lane.value: (0, 0.0) for lane in OutgoingEmail.Lane} | _waiting_mail()
    yield from health.heading("undersigned_mail_queued", "Messages that wait to be sent.")
    for lane in OutgoingEmail.Lane:
        yield f'undersigned_mail_queued{{lane="{lane.name.lower()}"}} {waiting[lane][0]}'
    yield from health.heading(
        "undersigned_mail_oldest_seconds", "How late the oldest message that should have gone is; 0 when none is."
    )
    for lane in OutgoingEmail.Lane:
        yield f'undersigned_mail_oldest_seconds{{lane="{lane.name.lower()}"}} {waiting[lane][1]:.1f}'


def _waiting_mail() -> dict[int, tuple[int, float]]:
    """How many messages wait in each lane that has any, and for how many seconds the oldest has.

    What waits on purpose and was never tried has not begun to be late.
    """
    queued = OutgoingEmail.objects.filter(state=OutgoingEmail.State.QUEUED).values("lane")
    ages = queued.annotate(rows=Count("id"), age=LATE)
    return {row["lane"]: (row["rows"], max(row["age"].total_seconds(), 0.0)) for row in ages}


@health.gauge("undersigned_outbound_queued", "Requests to other hosts that wait to be sent.")
def requests_queued() -> int:
    """Also those that are tried again later."""
    return _queued_requests().count()


@health.gauge(
    "undersigned_outbound_oldest_seconds",
    "How late the oldest request to another host that should have gone is; 0 when none is.",
)
def oldest_request() -> float:
    """As for mail. What waits for the one before it is not late by itself."""
    age = _queued_requests().aggregate(age=LATE)["age"]
    return round(max(age.total_seconds(), 0.0), 1) if age else 0.0


@health.gauge("undersigned_outbound_failed", "Requests to other hosts that were given up and not tried again.")
def requests_failed() -> int:
    """Those of the tile on the desk that nobody tries any more."""
    return OutgoingRequest.objects.filter(state=OutgoingRequest.State.FAILED).count()


@health.gauge("undersigned_outbound_sent_last_hour", "Requests to other hosts that were taken in the last hour.")
def requests_sent() -> int:
    """By the index of what is finished; the whole log would be much to count for each answer."""
    lately = Now() - timedelta(hours=1)
    return OutgoingRequest.objects.filter(state=OutgoingRequest.State.SENT, finished_at__gte=lately).count()


def _queued_requests() -> QuerySet[OutgoingRequest]:
    return OutgoingRequest.objects.filter(state=OutgoingRequest.State.QUEUED)
