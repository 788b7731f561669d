"""Draws the picture that a listed organisation may post."""

import io

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from organisations.models import Organisation
from petitions.models import Statement
from petitions.travel.picture import EDGE, FONTS, INK, MUTED, PAPER, SANS, SERIF, SIZE


def draw(statement: Statement, organisation: Organisation) -> bytes:
    """As `toolkit.image` says."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    accent = statement.who.accent
    pen.rectangle((0, 0, 16, SIZE[1]), fill=accent)
    _paste_logo(picture, organisation)
    top, room = EDGE, SIZE[0] - 2 * EDGE
    top += _write(pen, organisation.name, top, room, SANS, (46, 38, 32), INK, lines=2)
    top += _write(pen, _("supports"), top, room, SANS, (32,), MUTED, lines=1)
    _write(pen, statement.title, top + 12, room, SERIF, (84, 70, 58, 46, 38), accent, lines=3)
    pen.text((EDGE, SIZE[1] - EDGE), statement.who.name, font=_font(SANS, 28), fill=MUTED, anchor="ls")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _paste_logo(picture: Image.Image, organisation: Organisation) -> None:
    if organisation.logo is None:
        return
    with Image.open(io.BytesIO(bytes(organisation.logo.data)), formats=("WEBP",)) as drawn:
        logo = drawn.convert("RGBA")
    logo.thumbnail((300, 110))
    picture.paste(logo, (SIZE[0] - EDGE - logo.width, SIZE[1] - EDGE - logo.height + 10), logo)


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


def _write(
    draw: ImageDraw.ImageDraw, text: str, top: int, room: int, font: str, sizes: tuple[int, ...], fill: str, lines: int
) -> int:
    """Write `text` in the largest of `sizes` that fits into `lines` lines; the rest is cut. Returns the height used."""
    for size in sizes:
        face = _font(font, size)
        wrapped = _wrap(draw, text, face, room)
        if len(wrapped) <= lines:
            break
    shown = wrapped[:lines]
    if len(wrapped) > lines:
        shown[-1] = shown[-1].rstrip(" ,;:") + "…"
    for number, line in enumerate(shown):
        draw.text((EDGE, top + number * size * 1.22), line, font=face, fill=fill)
    return int(len(shown) * size * 1.22) + 14


def _wrap(draw: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font=face) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
