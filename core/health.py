"""What machines ask: is the process up, may it have visitors, how is the mail doing."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core import probe
from core.checks import unsafe_settings
from core.http import no_store

OK = "ok"

Gauge = Callable[[], float]
_gauges: dict[str, tuple[str, Gauge]] = {}
Finding = Callable[[], str]
_findings: dict[str, Finding] = {}
Lines = Callable[[], Iterator[str]]
_lines: list[Lines] = []


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nothing of the database. A probe of ours reads how it arrived."""
    return no_store(JsonResponse({"status": OK, **probe.answer(request)}))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all is well, else 503; `{"status": …, "database": …, "migrations": …, …, "durability": …}`."""
    found = _found()
    healthy = set(found.values()) == {OK}
    return no_store(JsonResponse({"status": OK if healthy else "failing", **found}, status=200 if healthy else 503))


def _found() -> dict[str, str]:
    try:
        migrations = _migrations()
        more = {name: look() if migrations == OK else "unknown" for name, look in _findings.items()}  # no table yet
        return {"database": OK, "migrations": migrations, **more, "durability": _durability()}
    except (DatabaseError, InterfaceError):
        return {"database": "does not answer"} | dict.fromkeys(("migrations", *_findings, "durability"), "unknown")


def finding(name: str) -> Callable[[Finding], Finding]:
    """Register something that /readyz says: OK, or what is wrong and how to mend it."""

    def register(function: Finding) -> Finding:
        _findings[name] = function
        return function

    return register


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied: run manage.py migrate" if waiting else OK


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


def lines(function: Lines) -> Lines:
    """Register lines for /metrics that are more than one number; `heading` says what they mean."""
    _lines.append(function)
    return function


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every gauge in Prometheus's text format, version 0.0.4."""
    text = "".join(f"{line}\n" for line in [*(line for function in _lines for line in function()), *_gauge_lines()])
    return no_store(HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8"))


def _gauge_lines() -> Iterator[str]:
    for name, (meaning, function) in sorted(_gauges.items()):
        yield from heading(name, meaning)
        yield f"{name} {function()}"


def heading(name: str, meaning: str) -> Iterator[str]:
    """The two lines before a gauge."""
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
