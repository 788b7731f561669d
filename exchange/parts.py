"""One file of what is written for somebody to take away, piece by piece, in the memory of one piece."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


@dataclass(frozen=True)
class Part:
    """One file: its path and its writer. One that `is_cut` is kept in the pieces in which it comes."""

    path: str
    pieces: Callable[[], Iterator[bytes]]
    is_cut: bool = False


class Counting:
    """Tells of the pieces that go through it how many bytes and rows they are, and their SHA-256."""

    def __init__(self, path: str) -> None:
        self.path, self.bytes, self.lines, self.digest = path, 0, 0, hashlib.sha256()
        self._quotes = False  # whether a line end now is inside of a cell

    def add(self, piece: bytes) -> None:
        """Write the next piece."""
        self.bytes += len(piece)
        self.digest.update(piece)
        if self.path.endswith(".csv"):
            for part in piece.split(b'"'):
                self.lines += 0 if self._quotes else part.count(b"\n")
                self._quotes = not self._quotes
            self._quotes = not self._quotes  # one quotation mark less than parts

    @property
    def entry(self) -> dict[str, Any]:
        """Its line in the manifest; a head is no row."""
        rows = max(0, self.lines - 1) if self.path.endswith(".csv") else None
        return {"path": self.path, "bytes": self.bytes, "sha256": self.digest.hexdigest(), "rows": rows}


def as_json(value: Any) -> bytes:
    """The value as a JSON file."""
    return (json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1) + "\n").encode()
