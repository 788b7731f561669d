"""Retention of who comes to events. The privacy notice prints the same settings (GDPR Art. 5(1)(e))."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from core import tombstones
from core.models import Tombstone
from petitions.actions.attending import KIND
from petitions.actions.models import Attendance

BATCH = 1000
# What was never agreed to, and the stub of what was, go with the rest: nobody need be told any more that it is done.
_OVER = """
DELETE FROM {table} WHERE id = ANY(ARRAY(
    SELECT a.id FROM {table} a JOIN petitions_event ev ON ev.id = a.event_id
    WHERE coalesce(ev.ends_at, ev.starts_at) < statement_timestamp() - %(kept)s
    LIMIT %(batch)s FOR UPDATE OF a SKIP LOCKED))
"""


def forget() -> int:
    """Delete who came to an event, or waited for a place, ATTENDANCE_DAYS after it; the number stays. One batch."""
    return _delete("petitions_attendance")


def forget_asked() -> int:
    """Delete what was typed to come to such an event, and the stubs. One batch."""
    return _delete("petitions_attendancesubmission")


def _delete(table: str) -> int:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"kept": timedelta(days=settings.ATTENDANCE_DAYS), "batch": BATCH}
        cursor.execute(_OVER.format(table=table), values)
        return cursor.rowcount


@transaction.atomic
def delete_withdrawn() -> int:
    """Delete what its owner took back WITHDRAWN_MINUTES ago: until then they may think better of it."""
    over = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    due = Attendance.objects.filter(withdrawn_at__lt=over).select_related("event").order_by()
    rows = list(due.select_for_update(skip_locked=True, of=["self"])[:BATCH])
    for row in rows:
        tombstones.leave(
            Tombstone.Why.WITHDRAWN, kind=KIND, subjects=[bytes(row.mailbox_key)], scope=row.event.statement_id,
            which=row.event.uid.hex,
        )  # fmt: skip
    return Attendance.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]
