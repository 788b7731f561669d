"""What comes in (lists) and what goes out (kept)."""

from exchange.models.kept import (
    Archive,
    ArchivePart,
    Farewell,
    FarewellPart,
    HandOver,
    Kept,
    Pack,
    PackPart,
    Piece,
)
from exchange.models.lists import Brings, Import, ImportRow, Inquiry, Matching

__all__ = [
    "Archive", "ArchivePart", "Brings", "Farewell", "FarewellPart", "HandOver", "Import", "ImportRow", "Inquiry",
    "Kept", "Matching", "Pack", "PackPart", "Piece",
]  # fmt: skip
