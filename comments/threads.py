"""A thread as a whole: whether one can write there, opening and closing it, and the stored number of comments.

Whoever changes what a thread shows holds its row (`lock`). Those who write take a share of the same lock, so nothing
that was written can be later than the closing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, SiteRules, Thread
from core import audit, switches
from core.audit import Staff
from core.speed.prepared import run
from petitions.models import ClockTimestamp, Statement
from petitions.statements import availability

# When a thread ends: by hand, by date, or so many days after publishing. least() leaves out what is NULL.
ENDS = """least(th.closed_at, th.closes_at, st.published_at + make_interval(days => nullif(
    coalesce(th.close_after_days, (SELECT close_after_days FROM comments_siterules), 0), 0)::int))"""

# Whether one can write in it, by the database's clock. The rest of a statement decides too.
OPEN = f"""{availability.PUBLIC_SQL} AND th.mode = 'open'
    AND coalesce({ENDS} > statement_timestamp(), true) AND NOT {switches.is_off("comments")}"""

# What a kept page depends on beyond the statement itself (petitions/pages/building.py).
STAMP = (
    f"(SELECT coalesce({ENDS} <= statement_timestamp(), false) FROM comments_thread th WHERE th.statement_id = st.id)"
)


class ThreadError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Lazy = ""

    def __str__(self) -> str:
        return str(self.message)


class AlreadySo(ThreadError):
    """It is that way already."""

    message = _("It is that way already.")


def lock(thread_id: int) -> Thread:
    """The thread, locked until this transaction ends: others who write or decide there wait."""
    return Thread.objects.select_for_update(no_key=True, of=["self"]).select_related("statement").get(pk=thread_id)


_STATE = f"CASE WHEN th.mode = 'hidden' THEN 'hidden' WHEN {OPEN} THEN 'open' ELSE 'closed' END"
_FROM = "FROM comments_thread th JOIN petitions_statement st ON st.id = th.statement_id"


@dataclass(frozen=True)
class Look:
    """A thread, its state (`open`, `closed`, `hidden`, or `early` before its statement is published), and the rules of
    the whole site, if there are any.
    """

    thread: Thread
    state: str
    site_rules: list[SiteRules]


def of(statement: Statement) -> Thread:
    """The thread under `statement`."""
    return look(statement).thread


def look(statement: Statement) -> Look:
    """The thread under `statement` with all that a page says of it, by the database's clock; one query."""
    ((state, *values),) = run(_OF, [statement.pk])
    thread = Thread.from_db("default", _COLUMNS, values[: len(_COLUMNS)])
    thread.statement = statement
    site = SiteRules.from_db("default", _SITE_COLUMNS, values[len(_COLUMNS) :])
    return Look(thread, state, [site] if site.pk else [])


_COLUMNS, _SITE_COLUMNS = ([field.attname for field in model._meta.concrete_fields] for model in (Thread, SiteRules))
_OF = f"""
SELECT CASE WHEN th.mode = 'open' AND coalesce(st.published_at > statement_timestamp(), true) THEN 'early'
    ELSE {_STATE} END,
    {", ".join(f'th."{name}"' for name in _COLUMNS)}, {", ".join(f'ru."{name}"' for name in _SITE_COLUMNS)}
{_FROM} LEFT JOIN comments_siterules ru ON true WHERE th.statement_id = %s
"""


def state_of(thread: Thread) -> tuple[str, datetime | None]:
    """`open`, `closed` or `hidden` by the database's clock, and when it ends or ended (None: nothing ends it)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STATE}, {ENDS} {_FROM} WHERE th.id = %s", [thread.pk])
        return cursor.fetchone()


def is_open(thread: Thread) -> bool:
    """Whether one can write there now."""
    return state_of(thread)[0] == "open"


@transaction.atomic
def close(*, thread: Thread, by: Staff = None, at: datetime | None = None, message: str | None = None) -> Thread:
    """Close the thread for new comments; the others stay. `at` is when it was closed (None: now).

    A `message` replaces “Comments are now closed.” Raises AlreadySo.
    """
    locked = lock(thread.pk)
    if locked.mode == Thread.Mode.CLOSED:
        raise AlreadySo
    # The lock is ours by now, so this moment lies after everything that was written.
    values: dict[str, Any] = {"mode": Thread.Mode.CLOSED, "closed_at": at or ClockTimestamp(), "closed_by": by}
    if message is not None:
        values["closed_message"] = message
    return _set(locked, by, "Closed the comments", **values)


@transaction.atomic
def reopen(*, thread: Thread, by: Staff = None) -> Thread:
    """Let people write again, and show the thread when it was hidden. Dates that have passed are dropped.

    Raises AlreadySo.
    """
    locked = lock(thread.pk)
    state, ended_at = state_of(locked)
    if state == "open":
        raise AlreadySo
    values: dict[str, Any] = {"mode": Thread.Mode.OPEN, "closed_at": None, "closed_by": None, "forgotten_at": None}
    _set(locked, by, "Opened the comments", **values)
    if not is_open(locked) and ended_at:
        _set(locked, None, "", closes_at=None, close_after_days=0)
    return locked


@transaction.atomic
def hide(*, thread: Thread, by: Staff = None) -> Thread:
    """Show nothing of the thread to anybody; it can be opened or closed again. Raises AlreadySo."""
    locked = lock(thread.pk)
    if locked.mode == Thread.Mode.HIDDEN:
        raise AlreadySo
    return _set(locked, by, "Hid the comments", mode=Thread.Mode.HIDDEN)


def _set(thread: Thread, by: Staff, what: str, **values: Any) -> Thread:
    Thread.objects.filter(pk=thread.pk).update(**values)
    thread.refresh_from_db(fields=[*values])
    Statement.objects.touch(thread.statement)
    if what:
        audit.record(by=by, on=thread, what=what)
    return thread


@transaction.atomic
def keep_rules(*, thread: Thread, by: Staff = None) -> Thread:
    """Store the rules and dates that were set on `thread`, in one step with all that depends on them."""
    lock(thread.pk)
    names = [field.name for field in Thread._meta.concrete_fields if field.editable and not field.primary_key]
    thread.save(update_fields=[name for name in names if name not in {"statement", "mode"}])
    Statement.objects.touch(thread.statement)
    audit.record(by=by, on=thread, what="Changed the rules of the comments")
    return thread


@transaction.atomic
def keep_site_rules(*, rules: SiteRules, by: Staff = None) -> SiteRules:
    """Store the rules of all threads, and drop every kept page."""
    # In the order in which everybody takes more than one (docs/decisions/0010), and before the rules' own row.
    list(Statement.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    rules.pk = 1
    rules.save()
    Statement.objects.all().update(changed_at=ClockTimestamp())
    audit.record(by=by, on=rules, what="Changed the rules of all comments")
    return rules


def recount(thread: Thread) -> int:
    """Store how many comments readers see, from the rows, and drop the kept pages. Returns the number.

    The caller holds the thread's lock.
    """
    number = Comment.objects.visible().filter(thread=thread).count()
    Thread.objects.filter(pk=thread.pk).update(published=number)
    thread.published = number
    Statement.objects.touch(thread.statement)
    return number
