"""The picture that a shared link shows: 1200×630 PNG, drawn from its words, without a browser (UX 2.3).

It names milestones, never the number itself, because networks keep it for days. What it says is in its file name, so a
new milestone or title has a new name, and each name can be kept for ever.
"""

import io
import zlib
from dataclasses import astuple, dataclass
from functools import cache

import arabic_reshaper
from bidi.algorithm import get_display
from django.conf import settings
from django.utils.dateformat import format as say_date
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from petitions.models import Event, Statement, Update

SIZE = (1200, 630)
EDGE = 72
PAPER, SURFACE, INK, MUTED, ACCENT = "#fbfaf7", "#ffffff", "#1c1a17", "#5c564d", "#9b1c2e"
FONTS = settings.BASE_DIR / "core" / "fonts"
SERIF, SANS = "DejaVuSerif-Bold", "DejaVuSans"
TITLE_SIZES = (80, 72, 64, 56, 48)
TITLE_LINES = 4
LEAST = 100
DRAWING = 2  # raise it when the drawing changes


def milestone(people: int) -> int:
    """The last of 100, 200, 500, 1,000, 2,000 … that `people` have reached; 0 before the first."""
    reached, step = 0, LEAST
    while step <= people:
        reached = max(number for number in (step, step * 2, step * 5) if number <= people)
        step *= 10
    return reached


@dataclass(frozen=True)
class Shown:
    """What the picture of the page at `path` says: a line above, a title, a line at the foot beside the publisher."""

    path: str
    above: str
    title: str
    foot: str
    mirrored: bool


def of_statement(statement: Statement, people: int) -> Shown:
    """A statement that `people` have signed."""
    reached = milestone(people)
    foot = f"{reached:,}+ have signed" if reached else ""
    return _shown(statement, statement.get_absolute_url(), _kind(statement), statement.title, foot)


def of_event(event: Event) -> Shown:
    """An event: when, what, where; called off in words."""
    standing = "" if event.status == Event.Status.SCHEDULED else f"{event.get_status_display().capitalize()}: "
    when = say_date(event.local_start, "l j F Y, P").replace(", noon", ", 12 noon")
    place = "Online" if event.place == event.online_url else event.place
    return _shown(event.statement, event.get_absolute_url(), standing + when, event.title, place if event.place else "")


def of_update(update: Update) -> Shown:
    """A piece of news: of what, and its heading."""
    return _shown(update.statement, update.get_absolute_url(), f"News: {update.statement.title}", update.title, "")


def _shown(statement: Statement, path: str, above: str, title: str, foot: str) -> Shown:
    return Shown(path, above, title, foot, mirrored=statement.direction == "rtl")


def _kind(statement: Statement) -> str:
    name = statement.get_kind_display()
    if statement.kind == Statement.Kind.STATEMENT:
        name = "open statement" if statement.is_open else name
    return name[0].upper() + name[1:]


def number(shown: Shown) -> int:
    """The number in the file's name: it differs whenever the picture does."""
    return zlib.crc32(repr([DRAWING, settings.SITE_NAME, *astuple(shown)]).encode())


def address(shown: Shown) -> str:
    """The whole address of the picture as it is now."""
    return f"{settings.ORIGIN}{shown.path}card-v{number(shown)}.png"


def tags(shown: Shown) -> dict[str, str]:
    """What the head of its page says of it: `url`, and `words` for people who do not see it."""
    foot = f" {shown.foot}." if shown.foot else ""
    return {"url": address(shown), "words": f"{shown.above}: {shown.title}. {settings.SITE_NAME}.{foot}"}


def draw(shown: Shown) -> bytes:
    """The picture as PNG. Where our fonts lack the title's script the publisher's name stands large instead."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle(_bar(shown.mirrored), fill=ACCENT)
    room = SIZE[0] - 2 * EDGE
    _line(pen, shown.above, EDGE, 32, ACCENT, room=room)
    _title(pen, shown.title, shown.mirrored)
    foot = SIZE[1] - EDGE - 34
    taken = _line(pen, settings.SITE_NAME, foot, 34, INK, room=room * 2 // 3)
    if shown.foot:
        _line(pen, shown.foot, foot, 34, MUTED, room=room - taken - EDGE, at_right=True)
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _bar(mirrored: bool) -> tuple[int, int, int, int]:
    return (SIZE[0] - 20, 0, SIZE[0], SIZE[1]) if mirrored else (0, 0, 20, SIZE[1])


def _line(
    pen: ImageDraw.ImageDraw, text: str, top: int, size: int, fill: str, *, room: int, at_right: bool = False
) -> int:
    """One line at an edge, cut to `room` pixels; returns how many it takes. Boxes instead of letters are left out."""
    face = _face(SANS, size)
    said = "".join(letter for letter in visual(text) if can_write(SANS, letter)).strip(" :")
    shown = _cut(pen, said, face, room)
    place = (SIZE[0] - EDGE, top) if at_right else (EDGE, top)
    pen.text(place, shown, font=face, fill=fill, anchor="ra" if at_right else "la")
    return int(pen.textlength(shown, font=face))


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
