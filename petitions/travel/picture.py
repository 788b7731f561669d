"""Draws the picture of a shared link: 1200×630 PNG, from its words, without a browser (UX 2.3)."""

import io
import unicodedata
from functools import cache

import arabic_reshaper
import regex
from bidi.algorithm import get_display
from django.conf import settings
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont, ImageOps

from petitions.travel.card import SIZE, Shown

EDGE = 72
PANEL = 400  # pixels that the statement's own picture takes, where it has one
CENTRES = {"middle": (0.5, 0.5), "top": (0.5, 0.0), "bottom": (0.5, 1.0), "left": (0.0, 0.5), "right": (1.0, 0.5),
           "top-left": (0.0, 0.0), "top-right": (1.0, 0.0)}  # fmt: skip
PAPER, INK, MUTED = "#fbfaf7", "#1c1a17", "#5c564d"
FONTS = settings.BASE_DIR / "core" / "fonts"
SERIF, SANS = "DejaVuSerif-Bold", "DejaVuSans"
TITLE_SIZES = (80, 72, 64, 56, 48)
TITLE_LINES = 4
_SIGN = regex.compile(r"\X")


def draw(shown: Shown, own: bytes = b"") -> bytes:
    """The picture as PNG; `own` is the statement's (WebP), at the side where lines end.

    An emoji or a letter that our fonts lack is left out; where they lack most of the title's letters the publisher's
    name stands large instead.
    """
    width = SIZE[0] - PANEL if own else SIZE[0]
    words = _words(shown, width)
    picture = words
    if own:
        picture = Image.new("RGB", SIZE, PAPER)
        picture.paste(words, (PANEL if shown.mirrored else 0, 0))
        with Image.open(io.BytesIO(own), formats=["WEBP"]) as sent:
            beside = ImageOps.fit(sent.convert("RGB"), (PANEL, SIZE[1]), centering=CENTRES[shown.focus])
        picture.paste(beside, (0 if shown.mirrored else width, 0))
    out = io.BytesIO()
    picture.quantize(128 if own else 64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _words(shown: Shown, width: int) -> Image.Image:
    picture = Image.new("RGB", (width, SIZE[1]), PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((width - 20, 0, width, SIZE[1]) if shown.mirrored else (0, 0, 20, SIZE[1]), fill=shown.accent)
    room = width - 2 * EDGE
    _line(pen, shown.above, EDGE, 32, shown.accent, room=room)
    _title(pen, shown, width)
    foot = SIZE[1] - EDGE - 34
    taken = _line(pen, shown.by, foot, 34, INK, room=room * 2 // 3 if width == SIZE[0] else room)
    if shown.foot:
        beside = room - taken - EDGE
        if width < SIZE[0]:  # no room beside a name: above it
            foot, beside = foot - 48, room
        _line(pen, shown.foot, foot, 34, MUTED, room=beside, right=width - EDGE if beside != room else 0)
    return picture


def _line(pen: ImageDraw.ImageDraw, text: str, top: int, size: int, fill: str, *, room: int, right: int = 0) -> int:
    """One line at the left edge, or up to `right`, cut to `room` pixels; returns how many it takes.

    Boxes instead of letters are left out.
    """
    face = _face(SANS, size)
    said = "".join(letter for letter in visual(text) if can_write(SANS, letter)).strip(" :")
    shown = _cut(pen, said, face, room)
    pen.text((right or EDGE, top), shown, font=face, fill=fill, anchor="ra" if right else "la")
    return int(pen.textlength(shown, font=face))


def _title(pen: ImageDraw.ImageDraw, shown: Shown, width: int) -> None:
    title, mirrored = shown.title, shown.mirrored
    written = {name: _written(name, title) for name in (SERIF, SANS)}
    name = max(written, key=lambda name: len(written[name]))
    if 2 * _letters(written[name]) < _letters(title):
        name, title, mirrored = SANS, shown.by, False
    else:
        title = written[name] or shown.by
    size, lines = _fitting(pen, title, name, width - 2 * EDGE)
    top = EDGE + 84 + (TITLE_LINES * 80 - len(lines) * size) // 6
    for place, line in enumerate(lines):
        x = width - EDGE if mirrored else EDGE
        y = top + int(place * size * 1.16)
        pen.text((x, y), visual(line), font=_face(name, size), fill=INK, anchor="ra" if mirrored else "la")


def _written(name: str, title: str) -> str:
    """The part of the title that the font of that name can draw; grapheme clusters stay or go whole (UAX 29)."""
    return " ".join("".join(sign for sign in _SIGN.findall(title) if can_write(name, visual(sign) or sign)).split())


def _letters(text: str) -> int:
    return sum(letter.isalnum() for letter in text)


def _fitting(pen: ImageDraw.ImageDraw, title: str, name: str, room: int) -> tuple[int, list[str]]:
    """The largest size at which the title has at most four lines, and the lines; at the smallest the rest is cut."""
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
    """Letters joined as Arabic joins them and in the order of the eye, for what draws from left to right.

    Letters newer than Python's own tables, such as this year's emoji, have no direction there, and no font of ours has
    them: they are left out, because `bidi` breaks off at them.
    """
    known = "".join(letter for letter in text if unicodedata.bidirectional(letter))
    return get_display(arabic_reshaper.reshape(known))


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
