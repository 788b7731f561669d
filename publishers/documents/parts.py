"""What a document is made of; pages of the desk and paper draw the same parts (templates/publishers/document.typ)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core import paper, richtext


@dataclass(frozen=True)
class Heading:
    """A heading of the second level."""

    kind: ClassVar[str] = "heading"
    words: Any

    def data(self) -> dict[str, Any]:
        """As paper takes it."""
        return {"kind": self.kind, "words": paper.breakable(str(self.words))}


@dataclass(frozen=True)
class Words(Heading):
    """A paragraph."""

    kind: ClassVar[str] = "words"


@dataclass(frozen=True)
class ToFill(Heading):
    """What nobody but the owner knows: marked so, with room to write."""

    kind: ClassVar[str] = "fill"


@dataclass(frozen=True)
class Points:
    """A list; numbered if its order matters."""

    kind: ClassVar[str] = "points"
    items: Sequence[Any]
    is_numbered: bool = False

    def data(self) -> dict[str, Any]:
        """As paper takes it."""
        items = [paper.breakable(str(item)) for item in self.items]
        return {"kind": self.kind, "items": items, "numbered": self.is_numbered}


@dataclass(frozen=True)
class Table:
    """Rows under a head; `widths` are shares of the line, one for each column."""

    kind: ClassVar[str] = "table"
    caption: Any
    head: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    widths: Sequence[float] = ()

    def data(self) -> dict[str, Any]:
        """As paper takes it."""
        rows = [[paper.breakable(str(cell)) for cell in row] for row in self.rows]
        widths = list(self.widths) or [1] * len(self.head)
        head = [str(cell) for cell in self.head]
        return {"kind": self.kind, "caption": str(self.caption), "head": head, "rows": rows, "widths": widths}


@dataclass(frozen=True)
class Rich:
    """Rich text of ours, clean already."""

    kind: ClassVar[str] = "rich"
    html: str

    @property
    def text(self) -> str:
        """The same, cleaned as what people write is."""
        return richtext.clean_html(self.html)

    def data(self) -> dict[str, Any]:
        """As paper takes it."""
        return {"kind": self.kind, "nodes": paper.tree(self.html)}


Part = Heading | Points | Table | Rich
