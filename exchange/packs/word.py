"""The papers of a pack as Word documents, of the same parts as the PDFs (papers.py)."""

import io
from typing import TYPE_CHECKING, Any

from core.text import tidying
from exchange.models import Pack
from exchange.packs import papers

if TYPE_CHECKING:
    from docx.document import Document


def front(pack: Pack) -> bytes:
    """All that stands before the names, as Word document."""
    data = papers.front(pack)
    document = _document(data["title"])
    line = tidying.line
    document.add_paragraph(line(data["kind"]))
    document.add_heading(line(data["title"]), level=1)
    if data["addressed_to"]:
        document.add_paragraph(line(data["addressed_to"]))
    for number, words in data["numbers"]:
        document.add_paragraph(line(f"{number} {words}"))
    document.add_paragraph(f"{data['code_words']}: {data['address']}")
    _draw(document, data["before"])
    document.add_heading(data["text_heading"], level=2)
    _draw(document, [{"kind": "rich", "nodes": data["body"]}])
    _draw(document, data["after"])
    return _saved(document)


def names(pack: Pack, number: int, rows: list[list[Any]]) -> bytes:
    """One volume of names as Word document."""
    data = papers.volume(pack, number, rows)
    document = _document(data["title"])
    document.add_heading(tidying.line(data["title"]), level=1)
    document.add_paragraph(data["lead"])
    for group in data["groups"]:
        document.add_heading(tidying.line(group["head"]), level=2)
        # A line each in one paragraph: five thousand paragraphs take Word a minute to open.
        document.add_paragraph("\n".join(map(tidying.line, group["names"])))
    return _saved(document)


def _document(title: str) -> "Document":
    from docx import Document  # noqa: PLC0415 - 20 MB that few processes need
    from docx.shared import Pt  # noqa: PLC0415 - as above

    document = Document()
    document.core_properties.title = tidying.line(title)
    document.core_properties.author = ""
    document.styles["Normal"].font.name = "Arial"
    document.styles["Normal"].font.size = Pt(10)
    return document


def _saved(document: "Document") -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _draw(document: "Document", parts: list[dict[str, Any]]) -> None:
    line = tidying.line  # what XML cannot hold would cost the whole file
    for part in parts:
        if part["kind"] == "heading":
            document.add_heading(line(part["words"]), level=2)
        elif part["kind"] == "words":
            document.add_paragraph(line(part["words"]))
        elif part["kind"] == "points":
            for item in part["items"]:
                document.add_paragraph(line(item), style="List Bullet")
        elif part["kind"] == "table":
            _table(document, part)
        elif part["kind"] == "rich":
            _rich(document, part["nodes"])


def _table(document: "Document", part: dict[str, Any]) -> None:
    document.add_paragraph(part["caption"]).runs[0].bold = True
    rows = [row for row in (part["head"], *part["rows"]) if any(row)]
    table = document.add_table(rows=len(rows), cols=len(part["head"]), style="Table Grid")
    for row, written in zip(table.rows, rows, strict=True):
        for cell, words in zip(row.cells, written, strict=True):
            cell.text = tidying.line(words)


_STYLES = {"h2": "Heading 3", "h3": "Heading 4", "blockquote": "Quote"}


def _rich(document: "Document", nodes: list[Any], style: str | None = None) -> None:
    for node in nodes:
        if isinstance(node, str):
            if node.strip():
                document.add_paragraph(tidying.line(node), style=style)
        elif node["tag"] in {"ul", "ol"}:
            bullet = "List Bullet" if node["tag"] == "ul" else "List Number"
            _rich(document, [one for one in node["inside"] if not isinstance(one, str)], bullet)
        elif node["tag"] in {"p", "li", *_STYLES}:
            document.add_paragraph(tidying.line(_text(node["inside"])), style=_STYLES.get(node["tag"], style))
        else:
            _rich(document, [_text([node])], style)


def _text(nodes: list[Any]) -> str:
    return "".join(
        node if isinstance(node, str) else " " if node["tag"] == "br" else _text(node["inside"]) for node in nodes
    )
