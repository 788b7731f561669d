"""Reads a PDF back as a screen reader and a phone's camera would."""

import io
import re
from collections.abc import Iterator
from typing import Any

import segno
from pypdf import PdfReader
from pypdf.generic import DictionaryObject


def read(content: bytes) -> PdfReader:
    """The file, read strictly: a malformed one is an error."""
    return PdfReader(io.BytesIO(content), strict=True)


def about(content: bytes) -> dict[str, Any]:
    """What the file says of itself; `claims` is the part of PDF/UA (ISO 14289) it is made to."""
    file = read(content)
    root = file.root_object
    claim = re.search(rb"<pdfuaid:part>(\d)<", root["/Metadata"].get_data())
    return {
        "pages": len(file.pages),
        "title": file.metadata.title,
        "language": root["/Lang"],
        "marked": root["/MarkInfo"]["/Marked"],
        "shows_title": root["/ViewerPreferences"].get("/DisplayDocTitle", False),
        "claims": int(claim[1]) if claim else None,
    }


def _nodes(node: Any) -> Iterator[DictionaryObject]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from _nodes(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        yield from _nodes(node.get("/K"))


def nodes(content: bytes) -> list[DictionaryObject]:
    """The elements of the structure tree in the order of reading."""
    return list(_nodes(read(content).root_object["/StructTreeRoot"]["/K"]))


def roles(content: bytes) -> list[str]:
    """What they are: `H1`, `P`, `Table` …; what only lays out the page is left out."""
    found = [node["/S"].removeprefix("/") for node in nodes(content)]
    return [role for role in found if role not in {"Document", "Div"}]


def text(content: bytes) -> str:
    """The words of all pages, lines joined, in the order in which they are written."""
    return " ".join(" ".join(page.extract_text() for page in read(content).pages).split())


def loose(content: bytes) -> str:
    """What is drawn on the first page outside of any mark; PDF/UA allows nothing there."""
    page = read(content).pages[0].get_contents().get_data().decode("latin1")
    rest = re.sub(r"/\w+\s?(?:<<(?:[^>]|>(?!>))*>>|/\w+)?\s?B[DM]C.*?EMC", "", page, flags=re.DOTALL)
    return " ".join(re.findall(r"\b(?:Tj|TJ|f|S|B|Do)\b", rest))


def code(content: bytes) -> set[tuple[int, int]]:
    """The dark modules of the QR code as drawn: (column, row), with its quiet zone counted in."""
    page = read(content).pages[0].get_contents().get_data().decode("latin1")
    lines = re.findall(r"(\d+) (\d+)\.5 m (\d+) \2\.5 l", page)
    return {(column, int(row)) for start, row, end in lines for column in range(int(start), int(end))}


def code_for(address: str) -> set[tuple[int, int]]:
    """The dark modules that a QR code for `address` has: level M, four modules of quiet zone."""
    matrix = segno.make(address, error="m", micro=False).matrix_iter(border=4)
    return {(column, row) for row, line in enumerate(matrix) for column, dark in enumerate(line) if dark}
