"""The motion and the poster as files: .docx to change, PDF to print. The QR code leads to the statement."""

import io
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import paper, qr
from core.making import made_once
from core.text import tidying
from organisations.motion import Text
from petitions.models import Statement

QR_MM = 38  # read from about 40 cm (UX 2.9)
LAYOUT = 1  # raise it when the Word document is laid out otherwise


def docx(motion: Text) -> bytes:
    """The motion as a Word document: real headings and real numbered lists, so that a branch can edit it."""
    return made_once("docx", of=(LAYOUT, get_language(), motion), make=lambda: _docx(motion))


def _docx(motion: Text) -> bytes:
    # 20 MB of every web process, for a file that is asked for once a day.
    from docx import Document  # noqa: PLC0415
    from docx.shared import Mm, Pt  # noqa: PLC0415

    document = Document()
    line = tidying.line  # what XML cannot hold would cost the whole file
    document.core_properties.title = line(motion.title)
    document.core_properties.author = ""
    document.styles["Normal"].font.name = "Arial"
    document.styles["Normal"].font.size = Pt(11)
    document.add_heading(line(motion.title), level=1)
    for part in motion.parts:
        document.add_heading(f"{part.heading}:", level=2)
        for number, point in enumerate(part.points, start=1):
            # Typed numbers: Word would count on through all three lists.
            paragraph = document.add_paragraph(f"{number}.\t{line(point)}")
            paragraph.paragraph_format.left_indent = Mm(9)
            paragraph.paragraph_format.first_line_indent = Mm(-9)
    document.add_paragraph(_("Proposed by: ____________________    Seconded by: ____________________"))
    where = _("The statement, and the form to add this branch: %(address)s")
    document.add_paragraph(where % {"address": motion.address})
    document.add_picture(io.BytesIO(qr.png(motion.address, scale=8)), width=Mm(QR_MM))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(motion: Text) -> bytes:
    """The motion on A4, with the QR code at its end; every point runs the way its own letters do."""
    words = {
        "heading": _running(motion.title),
        "parts": [
            {"heading": part.heading, "points": [_running(point) for point in part.points]} for part in motion.parts
        ],
        "language_of_title": motion.language,
    }
    return paper.pdf("organisations/motion.typ", _about(motion.title, motion.address) | words)


def _running(text: str) -> dict[str, str]:
    return {"text": paper.breakable(text), "dir": paper.direction(text)}


def poster(*, organisation: str, statement: Statement, address: str) -> bytes:
    """An A4 poster: who supports what, and a QR code that is read from a metre away."""
    words = {
        "organisation": paper.breakable(organisation),
        "heading": paper.breakable(statement.title),
        "kind": statement.get_kind_display(),
        "language_of_title": statement.language,
        "dir_of_title": statement.direction,
    }
    return paper.pdf("organisations/poster.typ", _about(f"{organisation} supports {statement.title}", address) | words)


def _about(title: str, address: str) -> dict[str, Any]:
    return {"title": title, "language": "en-GB", "address": address, "qr": qr.svg(address)}
