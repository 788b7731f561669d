"""Decisions of staff, rules and traps about a mailbox: rows that outlive the submissions they are about.

A hold or a removal is live until it is lifted. The database looks for live ones itself whenever something begins to
count (the trigger of the kind's own table), under the lock that `lock` takes alone.
"""

from collections.abc import Callable, Iterable

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from core.audit import Staff
from submissions.models import Decision

Makes = Decision.Makes
LIFTS: dict[str, list[Decision.Makes]] = {Makes.RELEASE: [Makes.HOLD], Makes.RESTORE: [Makes.REMOVE]}


def lock(*subjects: bytes) -> None:
    """Lock these mailboxes or domains against agreeing and deciding until this transaction ends.

    Always the first lock of a decision, so that two who decide never wait in a circle. The table comes before it: an
    import that waits for the table would else stand between whoever decides and whoever agrees.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE submissions_decision IN ROW EXCLUSIVE MODE")
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT submissions_lock(subject) AS key"
            " FROM unnest(%s::bytea[]) subject ORDER BY key) one_after_the_other",
            [list(subjects)],
        )


def make(
    makes: str, *, kind: str, scope: int | None, subject: bytes, position: int | None = None, reason: str = "",
    by: Staff = None, source: str = "staff", source_id: int | None = None, submission: int | None = None,
    undoes: Decision | None = None,
) -> Decision:  # fmt: skip
    """Write down one decision; a release or a restore lifts what is live of its kind. The caller holds the `lock`."""
    if makes in LIFTS:
        found = live(kind=kind, scope=scope, subject=subject, position=position).filter(makes__in=LIFTS[makes])
        undoes = undoes or found.last()
        found.update(lifted_at=Now())
    return Decision.objects.create(
        makes=makes, kind=kind, scope=scope, subject=subject, position=position, reason=reason[:200],
        by_id=by.pk if by else None, source=source, source_id=source_id, submission=submission, undoes=undoes,
    )  # fmt: skip


def live(*, kind: str, scope: int | None, subject: bytes, position: int | None = None) -> QuerySet[Decision]:
    """The holds and removals in force against this mailbox in this place, oldest first."""
    here = Q(scope=None) | Q(scope=scope)
    mine = Q(position=None) | Q(position=position) if position else Q()
    bars = Decision.objects.filter(makes__in=[Makes.HOLD, Makes.REMOVE], lifted_at=None, kind=kind, subject=subject)
    return bars.filter(here & mine).order_by("pk")


def history(*, kind: str, scope: int, subject: bytes) -> QuerySet[Decision]:
    """All that was ever decided about this mailbox there, the newest first."""
    found = Decision.objects.filter(Q(scope=None) | Q(scope=scope), kind=kind, subject=subject)
    return found.select_related("by").order_by("-pk")


class TakenBackSince(Exception):
    """What this decision had lifted has been taken back as a whole meanwhile, such as a rule."""


_stands: dict[str, Callable[[int], bool]] = {}


def stands(source: str, ask: Callable[[int], bool]) -> None:
    """Register how to ask whether a source, such as one rule, still stands behind what it decided."""
    _stands[source] = ask


def undo(decision: Decision, *, by: Staff = None) -> None:
    """Undo one decision: a bar is lifted, and what it had lifted is in force again. The caller holds the `lock`.

    Raises TakenBackSince when there is nothing left that could be in force again.
    """
    if decision.makes in {Makes.HOLD, Makes.REMOVE}:
        lifts = Makes.RELEASE if decision.makes == Makes.HOLD else Makes.RESTORE
        Decision.objects.filter(pk=decision.pk, lifted_at=None).update(lifted_at=Now())
        _note(decision, lifts, by)
    elif decision.undoes_id:
        again = Decision.objects.get(pk=decision.undoes_id)
        if again.source in _stands and again.source_id and not _stands[again.source](again.source_id):
            raise TakenBackSince
        make(again.makes, kind=again.kind, scope=again.scope, subject=bytes(again.subject), position=again.position,
             reason=again.reason, by=by, source=again.source, source_id=again.source_id, undoes=decision)  # fmt: skip


def _note(decision: Decision, makes: str, by: Staff) -> None:
    Decision.objects.create(
        makes=makes, kind=decision.kind, scope=decision.scope, subject=decision.subject, position=decision.position,
        by_id=by.pk if by else None, undoes=decision,
    )  # fmt: skip


def lift_of(source: str, source_id: int, subjects: Iterable[bytes]) -> None:
    """Lift what a source, such as one rule, had against these mailboxes. The caller holds their `lock`."""
    bars = Decision.objects.filter(source=source, source_id=source_id, lifted_at=None, subject__in=list(subjects))
    bars.filter(makes__in=[Makes.HOLD, Makes.REMOVE]).update(lifted_at=Now())
