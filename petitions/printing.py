"""Paper: a sheet to sign by hand and a poster, as PDF with a QR code (UX 2.9).

The title and the language are set and the text can be selected and searched. The files carry no structure tags, which
reportlab does not write: docs/decisions/0012-paper-without-tags.md says what that means.
"""

import io
from functools import cache
from xml.sax.saxutils import escape

import segno
from django.conf import settings
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import black, white
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from core import richtext
from petitions import card, sharing
from petitions.models import Statement

ROOM = A4[0] - 36 * mm
ROWS, ROW = 10, 12 * mm
SHEET_QR, POSTER_QR = 35 * mm, 110 * mm
LONGEST = 1_300  # characters of text that leave room for ten rows
HEADS = ("Name", "Postcode", "Email (only if you want updates)", "Show my name", "Signature")
WIDTHS = (44 * mm, 22 * mm, 54 * mm, 18 * mm, 36 * mm)


@cache
def _register_fonts() -> None:
    for name in (card.SERIF, card.SANS):
        pdfmetrics.registerFont(TTFont(name, str(card.FONTS / f"{name}.ttf")))
        pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)


def sheet(statement: Statement) -> bytes:
    """An A4 page with the text (or the ask, when the text is too long), ten rows to sign, and where to send it."""
    _register_fonts()
    address = sharing.address(statement, "paper")
    return _build(statement, [*_words(statement), _rows(), Spacer(1, 4 * mm), _foot(statement, address)])


def poster(statement: Statement) -> bytes:
    """An A4 page that is read from two metres: title, QR code, address."""
    _register_fonts()
    address = sharing.address(statement, "poster")
    size = 48 if len(statement.title) <= 40 else 36 if len(statement.title) <= 80 else 28
    story = [Spacer(1, 8 * mm), *_lines(statement.title, card.SERIF, size, TA_CENTER), Spacer(1, 8 * mm)]
    code = Table([[qr(address, POSTER_QR)]], style=TableStyle([("ALIGN", (0, 0), (-1, -1), "CENTER")]))
    story += [code, Spacer(1, 6 * mm), *_lines(_short(statement), card.SANS, 14, TA_CENTER)]
    return _build(statement, [*story, *_lines(settings.SITE_NAME, card.SANS, 11, TA_CENTER)])


def qr(address: str, side: float) -> Drawing:
    """A QR code of `side` points as vectors, error correction M, with its quiet zone of four modules (ISO 18004)."""
    matrix = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]
    module = side / len(matrix)
    drawing = Drawing(side, side)
    drawing.add(Rect(0, 0, side, side, fillColor=white, strokeWidth=0, strokeColor=None))
    for row, line in enumerate(reversed(matrix)):
        for column, dark in enumerate(line):
            if dark:
                box = (column * module, row * module, module, module)
                drawing.add(Rect(*box, fillColor=black, strokeColor=None))
    return drawing


def _short(statement: Statement) -> str:
    return sharing.address(statement).partition("://")[2]


def _words(statement: Statement) -> list[Flowable]:
    version = statement.version
    body = richtext.plain_text(version.body) if version else ""
    side = TA_RIGHT if statement.direction == "rtl" else TA_LEFT
    found = _lines(statement.title, card.SERIF, 17, side)
    if statement.addressed_to:
        found += _lines(f"To: {statement.addressed_to}", card.SANS, 10, side)
    if len(body) > LONGEST:
        body = f"{statement.summary or statement.title}\n\nThe full text: {_short(statement)}"
    for part in body.split("\n\n"):
        found += _lines(part, card.SANS, 9.5, side)
    return [*found, Spacer(1, 3 * mm)]


def _lines(text: str, font: str, size: float, side: int) -> list[Flowable]:
    """A paragraph; text that runs from the right is broken into lines before its letters are put in order."""
    if not card.can_write(font, card.visual(text)):
        font = card.SANS
    style = ParagraphStyle(
        "text", fontName=font, fontSize=size, leading=size * 1.35, alignment=side, spaceAfter=size * 0.4
    )
    if card.visual(text) == text:
        return [Paragraph(escape(text), style)]
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        fits = pdfmetrics.stringWidth(card.visual(longer), font, size) <= ROOM - 12
        lines[-1:] = [longer] if fits else [lines[-1], word]
    return [Paragraph("<br/>".join(escape(card.visual(line)) for line in lines), style)]


def _rows() -> Table:
    small = ParagraphStyle("head", fontName=card.SANS, fontSize=7.5, leading=9)
    heads = [Paragraph(head, small) for head in HEADS]
    boxes = ["", "", "", "☐", ""]
    table = Table([heads, *[boxes for _ in range(ROWS)]], colWidths=WIDTHS, rowHeights=[9 * mm, *[ROW] * ROWS])
    grid = [("GRID", (0, 0), (-1, -1), 0.5, black), ("FONT", (0, 1), (-1, -1), card.SANS, 14)]
    table.setStyle(TableStyle([*grid, ("ALIGN", (3, 1), (3, -1), "CENTER"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _foot(statement: Statement, address: str) -> Table:
    notes = [
        f"Sheet number: ______     Or sign online: {_short(statement)}",
        f"Send this sheet to {settings.SITE_NAME}: {statement.contact_email or settings.CONTACT_EMAIL}",
        f"{settings.CONTROLLER} keeps these details to count signatures. Signing can reveal your political opinions."
        f" How we use them: {settings.ORIGIN.partition('://')[2]}/privacy/",
    ]
    cells = [line for note in notes for line in _lines(note, card.SANS, 8, TA_LEFT)]
    table = Table([[cells, qr(address, SHEET_QR)]], colWidths=(ROOM - SHEET_QR - 4 * mm, SHEET_QR + 4 * mm))
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, 0), 0)]))
    return table


def _build(statement: Statement, story: list[Flowable]) -> bytes:
    out = io.BytesIO()
    margins = {"leftMargin": 18 * mm, "rightMargin": 18 * mm, "topMargin": 12 * mm, "bottomMargin": 10 * mm}
    about = {"title": statement.title, "author": settings.SITE_NAME, "lang": statement.language}
    SimpleDocTemplate(out, pagesize=A4, invariant=1, **about, **margins).build(story)
    return out.getvalue()
