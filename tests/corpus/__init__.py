"""Inputs that broke petition, comment, calendar and mail software, with the value that is right (README.md)."""

import re
from pathlib import Path

HERE = Path(__file__).parent
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([ntr\\]))")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def lines(name: str) -> list[list[str]]:
    """The lines of `name` as cells, parted by tabs; what stands after `\\` is read as Python reads it."""
    text = (HERE / name).read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if line and not line.startswith("# ")]
    return [[_ESCAPE.sub(_written_out, cell) for cell in row.split("\t")] for row in rows]


def _written_out(found: "re.Match[str]") -> str:
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else _SHORT[found[4]]
