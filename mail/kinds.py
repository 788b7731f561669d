"""Kinds of mail: each app registers, in its `emails.py`, the function that decides what one says."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.module_loading import autodiscover_modules

from core.mistakes import MISTAKES
from mail.models import OutgoingEmail


@dataclass(frozen=True)
class Message:
    """What to send: `templates/emails/<name>.{subject.txt,txt,html}` filled with `context`.

    `to` is one address, usually the row's recipient. `headers` are added to those that every mail carries, such as the
    two List-Unsubscribe headers of a newsletter (RFC 8058). `reply_to` is the site's contact address when empty.
    """

    name: str
    to: str
    context: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    reply_to: str = ""


@dataclass(frozen=True)
class Skip:
    """Nothing to send after all; `reason` in a word or two is kept with the row."""

    reason: str


Builder = Callable[..., Message | Skip]
Gatherer = Callable[[list[OutgoingEmail]], dict[int, Any]]


@dataclass(frozen=True)
class Kind:
    """A registered kind. A `capped` one goes to mailboxes that have not been proved, so strangers can cause it."""

    build: Builder
    capped: bool
    gather: Gatherer | None = None


class UnknownKind(LookupError):
    """No app has registered this kind of mail; it was queued by newer code, or is misspelt."""


_kinds: dict[str, Kind] = {}


def kind(name: str, *, capped: bool = False, gather: Gatherer | None = None) -> Callable[[Builder], Builder]:
    """Register the function that builds mails of kind `name`: `build(row)`.

    With `capped` the limits per recipient apply (mail/limits.py), and the row's context names a "statement".
    Where much mail goes out, `gather(rows)` asks the database once for a whole batch: it returns facts by the row's id,
    and the function is called as `build(row, fact)`, with None for a row that nothing was found about.
    """

    def register(build: Builder) -> Builder:
        _kinds[name] = Kind(build, capped, gather)
        return build

    return register


def find(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    _load()
    try:
        return _kinds[name]
    except KeyError as error:
        raise UnknownKind(name) from error


def capped_kinds() -> list[str]:
    """The names of the kinds that the limits per recipient count together."""
    _load()
    return sorted(name for name, found in _kinds.items() if found.capped)


Facts = dict[int, Any]


def gather(rows: list[OutgoingEmail]) -> Facts:
    """What the kinds of these rows want to know about them. Where a row spoils it for others, `build` asks for each."""
    facts: Facts = {}
    for name in {row.kind for row in rows}:
        group = [row for row in rows if row.kind == name]
        with contextlib.suppress(*MISTAKES):
            facts |= _gather(find(name), group)
    return facts


def _gather(found: Kind, rows: list[OutgoingEmail]) -> Facts:
    return dict.fromkeys([row.pk for row in rows]) | found.gather(rows) if found.gather else {}


def build(row: OutgoingEmail, facts: Facts) -> Message | Skip:
    """What the row's kind makes of it. Raises whatever is wrong with the row, such as UnknownKind."""
    found = find(row.kind)
    if found.gather is None:
        return found.build(row)
    known = facts if row.pk in facts else _gather(found, [row])
    return found.build(row, known[row.pk])


@cache
def _load() -> None:
    autodiscover_modules("emails")
