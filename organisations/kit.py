"""What a listed organisation gets: a link, a picture, a poster and a snippet that all carry its source code."""

import io
from html import escape
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from PIL import Image, ImageDraw, ImageFont

from organisations.models import Endorsement, Organisation
from petitions import sharing
from petitions.card import FONTS, SANS, SERIF
from petitions.models import Statement

SIZE = (1200, 630)
EDGE = 72
PAPER, INK, MUTED, ACCENT = "#fbfaf7", "#1c1a17", "#5c564d", "#9b1c2e"


def links(endorsement: Endorsement) -> dict[str, Any]:
    """The kit of a listed endorsement: whole addresses, and code to paste."""
    statement, organisation = endorsement.statement, endorsement.organisation
    where = [statement.slug, organisation.slug]
    return {
        "share_url": sharing.address(statement, organisation.via),
        "image_url": settings.ORIGIN + reverse("endorsement_image", args=where),
        "poster_url": settings.ORIGIN + reverse("endorsement_poster", args=where),
        "organisation_url": settings.ORIGIN + organisation.get_absolute_url(),
        "list_url": settings.ORIGIN + reverse("statement_organisations", args=[statement.slug]),
        "snippet": snippet(statement, organisation),
        "embed_code": embed_code(statement, organisation),
    }


def snippet(statement: Statement, organisation: Organisation) -> str:
    """A link in plain HTML that works on every website; code to be read, so not marked as safe to draw."""
    words = f"We support “{statement.title}”. {statement.sign_label} too."
    return f'<a href="{escape(sharing.address(statement, organisation.via))}">{escape(words, quote=False)}</a>'


def embed_code(statement: Statement, organisation: Organisation) -> str:
    """An iframe with the statement's card, where this site has one; else nothing."""
    try:
        card = settings.ORIGIN + reverse("embed", args=[statement.slug])
    except NoReverseMatch:
        return ""
    source, title = escape(f"{card}?via={organisation.via}"), escape(statement.title)
    return f'<iframe src="{source}" title="{title}" width="600" height="320" loading="lazy"></iframe>'


def image(statement: Statement, organisation: Organisation) -> bytes:
    """A PNG of 1200×630 to post: “NAME supports TITLE”. No number, because copies of it live for days."""
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 16, SIZE[1]), fill=ACCENT)
    _paste_logo(picture, organisation)
    top, room = EDGE, SIZE[0] - 2 * EDGE
    top += _write(draw, organisation.name, top, room, SANS, (46, 38, 32), INK, lines=2)
    top += _write(draw, "supports", top, room, SANS, (32,), MUTED, lines=1)
    _write(draw, statement.title, top + 12, room, SERIF, (84, 70, 58, 46, 38), ACCENT, lines=3)
    draw.text((EDGE, SIZE[1] - EDGE), settings.SITE_NAME, font=_font(SANS, 28), fill=MUTED, anchor="ls")
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
