"""The motion and the poster as files: .docx to change, PDF to print. The QR code leads to the statement."""

import io
from functools import cache
from xml.sax.saxutils import escape

import segno
from django.conf import settings
from docx import Document
from docx.shared import Mm, Pt
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Image as Picture

from organisations.motion import Text

FONTS = settings.BASE_DIR / "core" / "fonts"
SANS, SERIF = "DejaVuSans", "DejaVuSerif-Bold"
QR_MM = 38  # read from about 40 cm (UX 2.9)
POSTER_QR_MM = 125
ACCENT = "#9b1c2e"


@cache
def _register_fonts() -> None:
    for name in (SANS, SERIF):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
        pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)


def qr(address: str, scale: int = 8) -> bytes:
    """A QR code for `address` as PNG: error correction M and the quiet zone of four modules (ISO/IEC 18004)."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def docx(motion: Text) -> bytes:
    """The motion as a Word document: real headings and real numbered lists, so that a branch can edit it."""
    document = Document()
    document.core_properties.title = motion.title
    document.core_properties.author = ""
    document.styles["Normal"].font.name = "Arial"
    document.styles["Normal"].font.size = Pt(11)
    document.add_heading(motion.title, level=1)
    for part in motion.parts:
        document.add_heading(f"{part.heading}:", level=2)
        for number, point in enumerate(part.points, start=1):
            # Typed numbers: Word would count on through all three lists.
            paragraph = document.add_paragraph(f"{number}.\t{point}")
            paragraph.paragraph_format.left_indent = Mm(9)
            paragraph.paragraph_format.first_line_indent = Mm(-9)
    document.add_paragraph("Proposed by: ____________________    Seconded by: ____________________")
    document.add_paragraph(f"The statement, and the form to add this branch: {motion.address}")
    document.add_picture(io.BytesIO(qr(motion.address)), width=Mm(QR_MM))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(motion: Text) -> bytes:
    """The motion on A4, with the QR code at its end."""
    _register_fonts()
    body = ParagraphStyle(
        "body", fontName=SANS, fontSize=10.5, leading=15.5, spaceAfter=5, leftIndent=18, firstLineIndent=-18
    )
    heading = ParagraphStyle("heading", fontName=SANS, fontSize=12, leading=16, spaceBefore=10, spaceAfter=6)
    title = ParagraphStyle("title", fontName=SERIF, fontSize=20, leading=25, spaceAfter=8)
    story: list[Flowable] = [Paragraph(escape(motion.title), title)]
    for part in motion.parts:
        story.append(Paragraph(f"{escape(part.heading)}:", heading))
        story += [Paragraph(f"{n}.&nbsp; {escape(point)}", body) for n, point in enumerate(part.points, start=1)]
    story += [
        Spacer(1, 8 * mm),
        Paragraph("Proposed by ______________________ &nbsp; Seconded by ______________________", heading),
    ]
    foot = Paragraph(f"Read and sign the statement, or add this branch: {escape(motion.address)}", heading)
    story.append(KeepTogether([Spacer(1, 4 * mm), foot, _qr_picture(motion.address, QR_MM, "LEFT")]))
    return _build(motion.title, story)


def poster(*, organisation: str, title: str, address: str, kind: str) -> bytes:
    """An A4 poster: who supports what, and a QR code that is read from a metre away."""
    _register_fonts()
    middle = {"alignment": TA_CENTER}
    supports = ParagraphStyle("supports", fontName=SANS, fontSize=17, leading=24, spaceAfter=10 * mm, **middle)
    name = ParagraphStyle(
        "name", fontName=SERIF, fontSize=_fitting(title), leading=_fitting(title) * 1.2, spaceAfter=9 * mm, **middle
    )
    small = ParagraphStyle("small", fontName=SANS, fontSize=12, leading=17, **middle)
    story = [
        Spacer(1, 14 * mm),
        Paragraph(f"{escape(organisation)} supports", supports),
        Paragraph(f'<font color="{ACCENT}">{escape(title)}</font>', name),
        Paragraph(f"Sign the {escape(kind)} with your phone:", supports),
        _qr_picture(address, POSTER_QR_MM),
        Spacer(1, 5 * mm),
        Paragraph(escape(address), small),
    ]
    return _build(f"{organisation} supports {title}", story)


def _fitting(title: str) -> int:
    """Points: a short title may be large."""
    return 44 if len(title) <= 30 else 34 if len(title) <= 60 else 26


def _qr_picture(address: str, side: int, align: str = "CENTER") -> Picture:
    return Picture(io.BytesIO(qr(address)), width=side * mm, height=side * mm, hAlign=align)


def _build(title: str, story: list[Flowable]) -> bytes:
    out = io.BytesIO()
    margins = {"leftMargin": 22 * mm, "rightMargin": 22 * mm, "topMargin": 18 * mm, "bottomMargin": 16 * mm}
    SimpleDocTemplate(out, pagesize=A4, title=title, lang="en-GB", invariant=1, **margins).build(story)
    return out.getvalue()
