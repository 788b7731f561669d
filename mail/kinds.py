"""Kinds of mail: each app registers, in its `emails.py`, the function that decides what one says."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from django.utils.module_loading import autodiscover_modules

from core import identity
from core.mistakes import MISTAKES
from mail.models import OutgoingEmail


@dataclass(frozen=True)
class Message:
    """A mail to send: `templates/emails/<name>.{subject.txt,txt,html}` filled with `context`.

    `to` is one address, usually the row's recipient. `headers` are added to those that every mail carries, such as the
    two List-Unsubscribe headers of a newsletter (RFC 8058). `publisher` is the row id of who writes, None for the
    site's first; `reply_to` is its contact address when empty.
    """

    name: str
    to: str
    context: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    reply_to: str = ""
    publisher: int | None = None


@dataclass(frozen=True)
class Skip:
    """Nothing to send after all; `reason` in a word or two is kept with the row."""

    reason: str


@dataclass(frozen=True)
class Judged:
    """Verdict on a claimed row that is not sent now: never, or after `delay`; `outcome` is the reason."""

    outcome: str
    delay: timedelta | None = None

    @classmethod
    def drop(cls, outcome: str) -> "Judged":
        """It need not go out at all."""
        return cls(outcome)

    @classmethod
    def later(cls, delay: timedelta, outcome: str) -> "Judged":
        """It goes out after `delay`; waiting is no try."""
        return cls(outcome, delay)


Builder = Callable[..., Message | Skip]
Gatherer = Callable[[list[OutgoingEmail]], dict[int, Any]]
Judge = Callable[[list[OutgoingEmail]], dict[int, Judged]]
# `name AS (UPDATE …)` and the values of its parameters, for the statement that writes down that a mail was sent.
Steps = tuple[list[str], dict[str, Any]]
Telling = Callable[[OutgoingEmail], Steps]
Complaint = Callable[[OutgoingEmail], None]


@dataclass(frozen=True)
class Kind:
    """A registered kind with its callbacks."""

    build: Builder
    gather: Gatherer | None = None
    judge: Judge | None = None
    accepted: Telling | None = None
    complained: Complaint | None = None
    to_anybody: bool = False


class UnknownKind(LookupError):
    """No app has registered this kind of mail; it was queued by newer code, or is misspelt."""


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    gather: Gatherer | None = None,
    judge: Judge | None = None,
    accepted: Telling | None = None,
    complained: Complaint | None = None,
    to_anybody: bool = False,
) -> Callable[[Builder], Builder]:
    """Register the function that builds mails of kind `name`: `build(row)`.

    Where much mail goes out, `gather(rows)` asks the database once for a whole batch: it returns facts by the row's id,
    and the function is called as `build(row, fact)`, with None for a row that nothing was found about. Kinds that go to
    mailboxes which have proved nothing share a `judge`, which says of rows that have just been claimed what must not go
    out now, in the transaction that claimed them. `accepted(row)` says what else is written down, in the same
    statement, when a mail server took a row; `complained(row)` what follows when its reader reports it as spam.
    `to_anybody` lets a kind reach even those who asked for no mail: only what they asked for themselves.
    """

    def register(build: Builder) -> Builder:
        _kinds[name] = Kind(build, gather, judge, accepted, complained, to_anybody)
        return build

    return register


def find(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    _load()
    try:
        return _kinds[name]
    except KeyError as error:
        raise UnknownKind(name) from error


def judged(rows: list[OutgoingEmail]) -> dict[int, Judged]:
    """Verdicts, by id, on those of the rows just claimed that must not go out now. Unknown kinds have none."""
    _load()
    judges: dict[Judge, list[OutgoingEmail]] = {}
    for row in rows:
        if (found := _kinds.get(row.kind)) and found.judge:
            judges.setdefault(found.judge, []).append(row)
    verdicts: dict[int, Judged] = {}
    for judge, group in judges.items():
        verdicts |= judge(group)
    return verdicts


def reaches_anybody(name: str) -> bool:
    """Whether this kind of mail goes out even to those who asked for none."""
    _load()
    return name in _kinds and _kinds[name].to_anybody


def accepted(row: OutgoingEmail) -> Steps:
    """Call the kind's handler after a mail server took the row."""
    found = find(row.kind)
    return found.accepted(row) if found.accepted is not None else ([], {})


def complained(row: OutgoingEmail) -> None:
    """Call the kind's handler after the reader of the row's mail reported it. Unknown kinds have none."""
    _load()
    found = _kinds.get(row.kind)
    if found and found.complained:
        found.complained(row)


Facts = dict[int, Any]


def gather(rows: list[OutgoingEmail]) -> Facts:
    """Data that the kinds load for a whole batch. If one row makes that fail, `build` loads it for each."""
    facts: Facts = {}
    for name in {row.kind for row in rows}:
        group = [row for row in rows if row.kind == name]
        with contextlib.suppress(*MISTAKES):
            facts |= _gather(find(name), group)
    return facts


def _gather(found: Kind, rows: list[OutgoingEmail]) -> Facts:
    return dict.fromkeys([row.pk for row in rows]) | found.gather(rows) if found.gather else {}


def build(row: OutgoingEmail, facts: Facts) -> Message | Skip:
    """Build the row's mail, with the links of whoever it is from. Raises any error of the row, such as UnknownKind."""
    message = _build(row, facts)
    if isinstance(message, Skip) or identity.publisher(message.publisher).home == identity.origin():
        return message
    # Only the mail itself says whose it is: those of a publisher with a host of its own are built once more for that.
    with identity.at(message.publisher):
        return _build(row, facts)


def _build(row: OutgoingEmail, facts: Facts) -> Message | Skip:
    found = find(row.kind)
    if found.gather is None:
        return found.build(row)
    known = facts if row.pk in facts else _gather(found, [row])
    return found.build(row, known[row.pk])


@cache
def _load() -> None:
    autodiscover_modules("emails")
