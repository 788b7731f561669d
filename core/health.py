"""What machines ask: is the process up, may it have visitors, how is the mail doing."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, DurationField, ExpressionWrapper, Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core.checks import unsafe_settings
from core.http import no_store
from core.models import OutgoingEmail, WorkerHeartbeat

HEARTBEAT_AGE = timedelta(seconds=60)
OK = "ok"

Gauge = Callable[[], float]
_gauges: dict[str, tuple[str, Gauge]] = {}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nothing of the database."""
    return no_store(JsonResponse({"status": OK}))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all is well, else 503; `{"status": …, "database": …, "migrations": …, "worker": …, "durability": …}`."""
    found = _findings()
    healthy = set(found.values()) == {OK}
    return no_store(JsonResponse({"status": OK if healthy else "failing", **found}, status=200 if healthy else 503))


def _findings() -> dict[str, str]:
    try:
        migrations = _migrations()
        worker = _worker() if migrations == OK else "unknown"  # its table may not be there yet
        return {"database": OK, "migrations": migrations, "worker": worker, "durability": _durability()}
    except (DatabaseError, InterfaceError):
        return {"database": "does not answer"} | dict.fromkeys(("migrations", "worker", "durability"), "unknown")


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied: run manage.py migrate" if waiting else OK


def _worker() -> str:
    alive = WorkerHeartbeat.objects.filter(beat_at__gte=Now() - HEARTBEAT_AGE).exists()
    return OK if alive else f"no sign of life for {HEARTBEAT_AGE.seconds} seconds: start manage.py worker"


def _durability() -> str:
    return ", ".join(f"{name} is off" for name in unsafe_settings()) or OK


def gauge(name: str, meaning: str) -> Callable[[Gauge], Gauge]:
    """Register a number for /metrics, such as `@gauge("undersigned_signatures", "Confirmed signatures.")`.

    The apps know what is worth counting; the function is called for each answer, so it must be cheap.
    """

    def register(function: Gauge) -> Gauge:
        _gauges[name] = (meaning, function)
        return function

    return register


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every gauge in Prometheus's text format, version 0.0.4."""
    text = "".join(f"{line}\n" for line in [*_mail_lines(), *_gauge_lines()])
    return no_store(HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8"))


def _mail_lines() -> Iterator[str]:
    waiting = {lane.value: (0, 0.0) for lane in OutgoingEmail.Lane} | _waiting_mail()
    yield from _heading("undersigned_mail_queued", "Messages that wait to be sent.")
    for lane in OutgoingEmail.Lane:
        yield f'undersigned_mail_queued{{lane="{lane.name.lower()}"}} {waiting[lane][0]}'
    yield from _heading("undersigned_mail_oldest_seconds", "Age of the oldest message that waits; 0 when none does.")
    for lane in OutgoingEmail.Lane:
        yield f'undersigned_mail_oldest_seconds{{lane="{lane.name.lower()}"}} {waiting[lane][1]:.1f}'


def _waiting_mail() -> dict[int, tuple[int, float]]:
    """How many messages wait in each lane that has any, and for how many seconds the oldest has."""
    queued = OutgoingEmail.objects.filter(state=OutgoingEmail.State.QUEUED).values("lane")
    ages = queued.annotate(rows=Count("id"), age=ExpressionWrapper(Now() - Min("created_at"), DurationField()))
    return {row["lane"]: (row["rows"], row["age"].total_seconds()) for row in ages}


def _gauge_lines() -> Iterator[str]:
    for name, (meaning, function) in sorted(_gauges.items()):
        yield from _heading(name, meaning)
        yield f"{name} {function()}"


def _heading(name: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
