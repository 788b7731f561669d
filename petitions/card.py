"""The picture that a shared link shows: 1200×630 PNG, drawn from the title, without a browser (UX 2.3).

It names milestones, never the number itself, because networks keep it for days. What it shows is in its file name, so a
new milestone or title has a new name, and each name can be kept for ever.
"""

import io
import zlib
from functools import cache

import arabic_reshaper
from bidi.algorithm import get_display
from django.conf import settings
from django.urls import reverse
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from petitions.models import Statement

SIZE = (1200, 630)
EDGE = 72
PAPER, SURFACE, INK, MUTED, ACCENT = "#fbfaf7", "#ffffff", "#1c1a17", "#5c564d", "#9b1c2e"
FONTS = settings.BASE_DIR / "core" / "fonts"
SERIF, SANS = "DejaVuSerif-Bold", "DejaVuSans"
TITLE_SIZES = (80, 72, 64, 56, 48)
TITLE_LINES = 4
LEAST = 100
DRAWING = 1  # raise it when the drawing changes


def milestone(people: int) -> int:
    """The last of 100, 200, 500, 1,000, 2,000 … that `people` have reached; 0 before the first."""
    reached, step = 0, LEAST
    while step <= people:
        reached = max(number for number in (step, step * 2, step * 5) if number <= people)
        step *= 10
    return reached


def number(statement: Statement, people: int) -> int:
    """The number in the file's name: it differs whenever the picture does."""
    shown = [DRAWING, statement.title, statement.kind, statement.language, statement.is_open, settings.SITE_NAME]
    return zlib.crc32(repr([*shown, milestone(people)]).encode())


def address(statement: Statement, people: int) -> str:
    """The whole address of the picture as it is now."""
    return settings.ORIGIN + reverse("card", args=[statement.slug, number(statement, people)])


def words(statement: Statement, people: int) -> str:
    """What the picture says, for people who do not see it."""
    reached = milestone(people)
    said = f" {reached:,}+ have signed." if reached else ""
    return f"{_kind(statement)}: {statement.title}. {settings.SITE_NAME}.{said}"


def _kind(statement: Statement) -> str:
    name = statement.get_kind_display()
    if statement.kind == Statement.Kind.STATEMENT:
        name = "open statement" if statement.is_open else name
    return name[0].upper() + name[1:]


def draw(statement: Statement, people: int) -> bytes:
    """The picture as PNG. Where our fonts lack the title's script the publisher's name stands large instead."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    mirrored = statement.direction == "rtl"
    pen.rectangle(_bar(mirrored), fill=ACCENT)
    _line(pen, _kind(statement), EDGE, 32, ACCENT, mirrored=False)
    _title(pen, statement.title, mirrored)
    foot = SIZE[1] - EDGE - 34
    reached = milestone(people)
    _line(pen, settings.SITE_NAME, foot, 34, INK, mirrored=False)
    if reached:
        _line(pen, f"{reached:,}+ have signed", foot, 34, MUTED, mirrored=True)
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _bar(mirrored: bool) -> tuple[int, int, int, int]:
    return (SIZE[0] - 20, 0, SIZE[0], SIZE[1]) if mirrored else (0, 0, 20, SIZE[1])


def _line(pen: ImageDraw.ImageDraw, text: str, top: int, size: int, fill: str, *, mirrored: bool) -> None:
    """One line at the left edge, or at the right one when `mirrored`; too long a one is cut."""
    face = _face(SANS, size)
    shown = _cut(pen, visual(text), face, SIZE[0] - 2 * EDGE)
    place = (SIZE[0] - EDGE, top) if mirrored else (EDGE, top)
    pen.text(place, shown, font=face, fill=fill, anchor="ra" if mirrored else "la")


def _title(pen: ImageDraw.ImageDraw, title: str, mirrored: bool) -> None:
    name = next((name for name in (SERIF, SANS) if can_write(name, visual(title))), None)
    if name is None:
        name, title, mirrored = SANS, settings.SITE_NAME, False
    size, lines = _fitting(pen, title, name)
    top = EDGE + 84 + (TITLE_LINES * 80 - len(lines) * size) // 6
    for place, line in enumerate(lines):
        x = SIZE[0] - EDGE if mirrored else EDGE
        y = top + int(place * size * 1.16)
        pen.text((x, y), visual(line), font=_face(name, size), fill=INK, anchor="ra" if mirrored else "la")


def _fitting(pen: ImageDraw.ImageDraw, title: str, name: str) -> tuple[int, list[str]]:
    """The largest size at which the title has at most four lines, and the lines; at the smallest the rest is cut."""
    room = SIZE[0] - 2 * EDGE
    for size in TITLE_SIZES:
        face = _face(name, size)
        lines = wrap(pen, title, face, room)
        if len(lines) * size * 1.16 <= SIZE[1] - 2 * EDGE - 150 and len(lines) <= TITLE_LINES:
            return size, lines
    shown = lines[:TITLE_LINES]
    if len(lines) > TITLE_LINES:
        shown[-1] = shown[-1].rstrip(" ,;:") + "…"
    return size, [_cut(pen, line, face, room) for line in shown]


def wrap(pen: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Lines of at most `room` pixels, in the order of reading; a word that is longer is broken."""
    lines = [""]
    for word in _pieces(pen, text, face, room):
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(visual(longer), font=face) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(pen: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont, room: int) -> list[str]:
    found = []
    for word in text.split():
        rest = word
        while pen.textlength(visual(rest), font=face) > room:
            fits = max(n for n in range(1, len(rest)) if n == 1 or pen.textlength(rest[:n] + "-", font=face) <= room)
            found.append(rest[:fits] + "-")
            rest = rest[fits:]
        found.append(rest)
    return found


def _cut(pen: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont, room: int) -> str:
    if pen.textlength(text, font=face) <= room:
        return text
    short = text
    while short and pen.textlength(short + "…", font=face) > room:
        short = short[:-1]
    return short.rstrip() + "…"


def visual(text: str) -> str:
    """Letters joined as Arabic joins them and in the order of the eye, for what draws from left to right."""
    return get_display(arabic_reshaper.reshape(text))


@cache
def _glyphs(name: str) -> frozenset[int]:
    with TTFont(FONTS / f"{name}.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())


def can_write(name: str, text: str) -> bool:
    """Whether the font of that name has every letter of `text`."""
    return all(character.isspace() or ord(character) in _glyphs(name) for character in text)


@cache
def _face(name: str, size: int) -> ImageFont.FreeTypeFont:
    # Basic layout everywhere: whether Pillow can shape by itself depends on a library of the machine.
    return ImageFont.truetype(FONTS / f"{name}.ttf", size, layout_engine=ImageFont.Layout.BASIC)
