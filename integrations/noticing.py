"""Finding out what happened, from the rows themselves: once a minute, by the worker, and only if somebody listens.

No visitor's request does anything for it, so agreeing stays one statement. What is noticed twice is one event, because
its key is unique. Each source looks back a little further than to its last look (OVERLAP), for what was committed late.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from core.mistakes import MISTAKES
from integrations import delivering
from integrations.models import Cursor, Endpoint, EventType, WebhookEvent

logger = logging.getLogger(__name__)

# Longer than any transaction of ours lasts (undersigned/settings.py: 5 s for a statement, 15 s idle).
OVERLAP = timedelta(minutes=2)
BATCH = 500


@dataclass
class Look:
    """One look of one source: what happened between `since` and `now`, and what it remembers for the next."""

    since: datetime
    now: datetime
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """Something that happened."""

    key: str
    at: datetime
    data: dict[str, Any]
    statement: int | None = None
    subject: int | None = None
    private: dict[str, Any] = field(default_factory=dict)


Source = Callable[[Look], Iterable[Found]]
SOURCES: dict[str, Source] = {}


def source(kind: EventType) -> Callable[[Source], Source]:
    """Register what finds events of one kind; it says each at least once."""

    def register(function: Source) -> Source:
        SOURCES[str(kind)] = function
        return function

    return register


def notice() -> int:
    """Write down what happened since the last look, and queue it for whoever listens; returns how many events."""
    from integrations import sources  # noqa: F401, PLC0415 - they register themselves here

    listening = list(Endpoint.objects.filter(off_at=None))
    wanted = {kind for endpoint in listening for kind in endpoint.events}
    Cursor.objects.exclude(type__in=wanted).delete()  # who listens anew begins anew
    if not wanted:
        return 0
    # One that was made for an endpoint which was saved at this very moment may have gone with the others.
    Cursor.objects.bulk_create([Cursor(type=kind) for kind in wanted], ignore_conflicts=True)
    now = _now()
    found = [pair for cursor in Cursor.objects.order_by("type") for pair in _look(cursor, now)]
    return _tell(sorted(found, key=lambda pair: pair[1].at), listening)


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]


def _look(cursor: Cursor, now: datetime) -> list[tuple[str, Found]]:
    """What one source found; nothing, and a line in the log, when it makes a mistake, which stops no other."""
    try:
        with transaction.atomic():
            return _look_through(cursor, now)
    except MISTAKES:
        logger.exception("webhooks: cannot look for %s", cursor.type)
        return []


def _look_through(cursor: Cursor, now: datetime) -> list[tuple[str, Found]]:
    look = Look(cursor.since, now, dict(cursor.seen))
    found = list(SOURCES[cursor.type](look))
    cursor.seen, cursor.since = look.seen, max(look.since, now - OVERLAP)
    cursor.save(update_fields=["since", "seen"])
    return [(cursor.type, one) for one in found]


def _tell(found: list[tuple[str, Found]], listening: list[Endpoint]) -> int:
    known = set(WebhookEvent.objects.filter(key__in=[one.key for _, one in found]).values_list("key", flat=True))
    fresh = {one.key: (kind, one) for kind, one in found if one.key not in known}
    events = WebhookEvent.objects.bulk_create(
        [
            WebhookEvent(
                type=kind,
                key=one.key,
                statement_id=one.statement,
                subject_id=one.subject,
                happened_at=one.at,
                data=one.data,
                private=one.private,
            )
            for kind, one in fresh.values()
        ]
    )
    delivering.tell(events, listening)
    return len(events)
