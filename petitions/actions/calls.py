"""What readers are called to do, in the campaigner's own words and order; without any, the usual."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from core.speed.prepared import Prepared
from petitions.actions.models import CallToAction, Event
from petitions.statements.models import Statement

Kind = CallToAction.Kind
WRITTEN = ("kind", "words", "details", "event_id", "url", "link_words", "email")
OFF = {Event.Status.CANCELLED, Event.Status.POSTPONED}


class CallsError(Exception):
    """Something that cannot be kept as things stand; its text is written for the person who tried."""

    message: str | Lazy = ""

    def __str__(self) -> str:
        return str(self.message)


class Outdated(CallsError):
    """Somebody else arranged them meanwhile."""

    message = _("Somebody else has changed these since you opened them. Look at theirs before you keep yours.")


class NotItsEvent(CallsError):
    """Of another statement."""

    message = _("This event belongs to another statement.")


@dataclass(frozen=True)
class Call:
    """One call as pages show it: of what kind, in what words, and the event that it is about."""

    kind: str
    words: str = ""
    details: str = ""
    url: str = ""
    link_words: str = ""
    email: str = ""
    position: int = 0
    event: Event | None = None

    @property
    def is_off(self) -> bool:
        """Whether nobody can do it at present: its event is called off or postponed."""
        return self.event is not None and self.event.status in OFF


_of = Prepared(lambda statement: CallToAction.objects.filter(statement=statement).order_by("position", "pk"), int)


def usual(statement: Statement | None = None) -> list[CallToAction]:
    """What pages say where nobody has arranged anything: the events to come stand before these."""
    return [CallToAction(statement=statement, kind=kind) for kind in (Kind.SIGN_AND_SHARE, Kind.ENDORSE)]


def shown(statement: Statement, coming: Sequence[Event]) -> list[Call]:
    """The calls on its page, in their order. `coming` are its events that are not over, soonest first.

    An event to come that no call names stands first, so none is forgotten; one that was called off steps down.
    """
    rows = _of(statement.pk)
    ahead = {event.pk: event for event in coming}
    named = {row.event_id for row in rows}
    calls = [Call(Kind.EVENT, event=event) for event in coming if event.pk not in named]
    for row in rows or usual():
        if row.kind != Kind.EVENT:
            calls.append(_call(row, None))
        elif row.event_id in ahead:
            calls.append(_call(row, ahead[row.event_id]))
    return sorted(calls, key=lambda call: call.is_off)


def _call(row: CallToAction, event: Event | None) -> Call:
    return Call(row.kind, row.words, row.details, row.url, row.link_words, row.email, row.position, event)


def arranged(statement: Statement) -> list[CallToAction]:
    """The statement's own calls in their order, with their events; none where it has the usual ones."""
    return list(statement.calls.select_related("event").order_by("position", "pk"))


def mark(statement: Statement) -> str:
    """A mark of how they stand, by which a form knows whether somebody changed them meanwhile."""
    rows = [[getattr(row, name) for name in WRITTEN] for row in arranged(statement)]
    said = [Statement.objects.values_list("calls_heading", flat=True).get(pk=statement.pk), rows]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


@transaction.atomic
def arrange(
    *, statement: Statement, calls: Iterable[CallToAction], heading: str = "", seen: str | None = None, by: Staff = None
) -> list[CallToAction]:
    """Keep these, in this order, in place of those that were; without any, pages say the usual.

    `seen` is the `mark` of those that were looked at; None keeps them whatever others did.
    Raises Outdated, NotItsEvent.
    """
    statement = Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)
    if seen is not None and seen != mark(statement):
        raise Outdated
    rows = list(calls)
    own = set(statement.events.values_list("pk", flat=True))
    if any(row.event_id not in own for row in rows if row.event_id is not None):
        raise NotItsEvent
    statement.calls.all().delete()
    for position, row in enumerate(rows, start=1):
        row.pk, row.statement, row.position = None, statement, position
    CallToAction.objects.bulk_create(rows)
    Statement.objects.filter(pk=statement.pk).update(calls_heading=heading)
    Statement.objects.touch(statement)
    audit.record(by=by, on=statement, what="Arranged what readers can do")
    return rows


def find(statement: Statement, position: int) -> CallToAction:
    """The call at that place under the statement. Raises Http404."""
    found = statement.calls.filter(position=position).first()
    if found is None:
        raise Http404
    return found
