"""The documents of data protection: each is written anew, for one publisher, from what the site is set to now.

@writing.document("breach", _("If data is lost or seen"), _("What to do, hour by hour."))
def breach(who: Identity) -> Iterator[Part]: ...

Nothing in them is invented: what only the owner knows is a part of its own that says so (parts.ToFill).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import paper
from core.identity import Identity
from publishers.documents.parts import Part, ToFill

Write = Callable[[Identity], Iterable[Part]]


@dataclass(frozen=True)
class Document:
    """One of them: `name` in its address, what it is called, and what it is for."""

    name: str
    title: Any
    what_for: Any
    write: Write
    order: int

    def parts(self, who: Identity) -> list[Part]:
        """What it says of that publisher, now."""
        return list(self.write(who))

    def gaps(self, who: Identity) -> int:
        """How much of it the owner must fill in."""
        return sum(isinstance(part, ToFill) for part in self.parts(who))

    def pdf(self, who: Identity, *, made: str) -> bytes:
        """The same on paper; `made` says when. Raises Busy (core/making.py)."""
        data = {
            "title": str(self.title),
            "language": get_language() or "en",
            "author": who.name,
            "accent": who.accent,
            "made": made,
            "lead": str(self.what_for),
            "to_fill": _("To fill in:"),
            "parts": [part.data() for part in self.parts(who)],
        }
        return paper.pdf("publishers/document.typ", data)


_documents: dict[str, Document] = {}


def document(name: str, title: Any, what_for: Any, *, order: int) -> Callable[[Write], Write]:
    """Register what writes the document of that name. Apps register theirs in `documents.py`."""

    def register(write: Write) -> Write:
        _documents[name] = Document(name, title, what_for, write, order)
        return write

    return register


def everything() -> list[Document]:
    """All of them in their order."""
    _load()
    return sorted(_documents.values(), key=lambda one: one.order)


def named(name: str) -> Document | None:
    """The one of that name."""
    _load()
    return _documents.get(name)


@cache
def _load() -> None:
    autodiscover_modules("documents")
