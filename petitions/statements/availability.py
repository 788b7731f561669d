"""Whether a statement is public, open, or closed so lately that agreeing still counts: one definition.

As a `Q` for query sets, as SQL over `st` for statements written by hand, and in Python for a row in hand. The
database's clock decides; Python's is for showing. A test holds the three together.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import DateTimeField, Q
from django.db.models.functions import Least, Now
from django.utils import timezone

if TYPE_CHECKING:
    from petitions.statements.models import Statement

PUBLIC = Q(published_at__lte=Now(), hidden_at=None)
OVER = Q(closed_at__isnull=False) | Q(closes_at__lte=Now())
OPEN = PUBLIC & Q(closed_at=None) & (Q(closes_at=None) | Q(closes_at__gt=Now()))
TAKES_ORGANISATIONS = ~Q(signed_by="people")

PUBLIC_SQL = "(st.published_at <= statement_timestamp() AND st.hidden_at IS NULL)"
OPEN_SQL = f"""({PUBLIC_SQL} AND st.closed_at IS NULL
    AND (st.closes_at IS NULL OR st.closes_at > statement_timestamp()))"""
TAKES_PEOPLE_SQL = "st.signed_by <> 'organisations'"
TAKES_ORGANISATIONS_SQL = "st.signed_by <> 'people'"
OVER_SQL = "(st.closed_at IS NOT NULL OR st.closes_at <= statement_timestamp())"
# When it ended, or will: a time that is still to come ends nothing yet.
ENDED_SQL = "least(st.closed_at, st.closes_at)"
ENDED = Least("closed_at", "closes_at", output_field=DateTimeField())


def in_grace_sql(mailed_at: str) -> str:
    """SQL: whether what was asked in time may still be agreed to.

    For `%(grace)s` after the end, or after the first mail, which may have had to wait (`mailed_at` is SQL for that
    time). What was not mailed yet has no link that could be late.
    """
    return f"""({ENDED_SQL} IS NULL OR {mailed_at} IS NULL
    OR greatest({ENDED_SQL}, {mailed_at}) > statement_timestamp() - %(grace)s)"""


def ends_sql(mailed_at: str) -> str:
    """SQL: the time until which agreeing counts, NULL while no end is set."""
    return f"greatest({ENDED_SQL}, {mailed_at}) + CASE WHEN {ENDED_SQL} IS NULL THEN NULL ELSE %(grace)s END"


def is_public(statement: "Statement", now: datetime | None = None) -> bool:
    """Whether visitors can see it at `now` (aware; None is this moment)."""
    now = now or timezone.now()
    return statement.published_at is not None and statement.published_at <= now and statement.hidden_at is None


def ended_at(statement: "Statement", now: datetime | None = None) -> datetime | None:
    """When signing ended, by hand or by date, or None while it has not."""
    now = now or timezone.now()
    times = [time for time in (statement.closed_at, statement.closes_at) if time and time <= now]
    return min(times, default=None)


def is_open(statement: "Statement", now: datetime | None = None) -> bool:
    """Whether it can be signed or endorsed at `now`."""
    return is_public(statement, now) and statement.closed_at is None and ended_at(statement, now) is None
