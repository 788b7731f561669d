"""How the mail is doing, for machines: /readyz and /metrics."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, Min
from django.db.models.functions import Now

from core import health
from mail.models import OutgoingEmail, WorkerHeartbeat

HEARTBEAT_AGE = timedelta(seconds=60)


def is_alive() -> bool:
    """Whether any worker was heard of within HEARTBEAT_AGE."""
    return WorkerHeartbeat.objects.filter(beat_at__gte=Now() - HEARTBEAT_AGE).exists()


@health.finding("worker")
def worker() -> str:
    """Without it no mail leaves."""
    return health.OK if is_alive() else f"no sign of life for {HEARTBEAT_AGE.seconds} seconds: start manage.py worker"


@health.lines
def queue_lines() -> Iterator[str]:
    """How many messages wait in each lane, and for how long."""
    waiting = {lane.value: (0, 0.0) for lane in OutgoingEmail.Lane} | _waiting_mail()
    yield from health.heading("undersigned_mail_queued", "Messages that wait to be sent.")
    for lane in OutgoingEmail.Lane:
        yield f'undersigned_mail_queued{{lane="{lane.name.lower()}"}} {waiting[lane][0]}'
    yield from health.heading(
        "undersigned_mail_oldest_seconds", "Age of the oldest message that waits; 0 when none does."
    )
    for lane in OutgoingEmail.Lane:
        yield f'undersigned_mail_oldest_seconds{{lane="{lane.name.lower()}"}} {waiting[lane][1]:.1f}'


def _waiting_mail() -> dict[int, tuple[int, float]]:
    """How many messages wait in each lane that has any, and for how many seconds the oldest has."""
    queued = OutgoingEmail.objects.filter(state=OutgoingEmail.State.QUEUED).values("lane")
    ages = queued.annotate(rows=Count("id"), age=ExpressionWrapper(Now() - Min("created_at"), DurationField()))
    return {row["lane"]: (row["rows"], row["age"].total_seconds()) for row in ages}
