"""Pictures of a publisher, drawn anew (core/pictures.py): whatever was hidden in a file, we keep pixels of our own.

Source: OWASP File Upload sheet; ASVS 5.2. SVG is refused, because it is a programme.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from core import pictures
from publishers.models import Picture

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS_A_SIDE = 6000
LOGO_BOX = (480, 160)
HEADER_BOX, SMALL_HEADER_BOX = (1600, 900), (800, 450)
# A statement's picture is drawn ever smaller until it weighs no more than a page may cost its readers.
WIDE_BOXES, PHONE_BOXES = [(1600, 1000), (1280, 800), (960, 600), (640, 400)], [(800, 500), (640, 400), (480, 300)]
MOST_WIDE_BYTES, MOST_PHONE_BYTES = 250_000, 80_000
FORMATS = ("PNG", "JPEG", "WEBP")


class Readable(Protocol):
    """A file, whoever opened it."""

    def read(self, size: int, /) -> bytes: ...


class BadPicture(Exception):
    """This file makes no picture; the text says why and what to do."""


@dataclass(frozen=True)
class Drawing:
    """A WebP picture without metadata."""

    data: bytes
    width: int
    height: int

    @property
    def name(self) -> str:
        """Tells content and size."""
        return f"{hashlib.sha256(self.data).hexdigest()[:32]}-{self.width}x{self.height}"


def logo(file: Readable) -> Drawing:
    """A logo of at most 480×160 pixels. Raises BadPicture."""
    return _drawn(_read(file), LOGO_BOX)


def header(file: Readable) -> tuple[Drawing, Drawing]:
    """A header picture of at most 1600×900 pixels, and the same for phones at half of it. Raises BadPicture."""
    data = _read(file)
    return _drawn(data, HEADER_BOX), _drawn(data, SMALL_HEADER_BOX)


def hero(file: Readable) -> tuple[Drawing, Drawing]:
    """A statement's picture of at most 1600×1000 pixels and 250 KB, and one for phones of at most 80 KB.

    Raises BadPicture.
    """
    data = _read(file)
    return _light(data, WIDE_BOXES, MOST_WIDE_BYTES), _light(data, PHONE_BOXES, MOST_PHONE_BYTES)


def _light(data: bytes, boxes: list[tuple[int, int]], most: int) -> Drawing:
    drawn = [_drawn(data, boxes[0])]
    for box in boxes[1:]:
        if len(drawn[-1].data) <= most:
            break
        drawn.append(_drawn(data, box))
    return drawn[-1]


def keep(drawn: Drawing) -> Picture:
    """The row of a picture; one that is there already is there once."""
    found, _made = Picture.objects.get_or_create(name=drawn.name, defaults={"data": drawn.data})
    return found


def _read(file: Readable) -> bytes:
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadPicture(_("The picture must be smaller than 8 MB. Save it smaller, then choose it again."))
    return data


def _drawn(data: bytes, box: tuple[int, int]) -> Drawing:
    try:
        drawn = pictures.redraw(data, most_a_side=MOST_PIXELS_A_SIDE, box=box, formats=FORMATS)
    except pictures.Refused as error:
        raise BadPicture(_why_not(error.why, data)) from error
    return Drawing(drawn.data, drawn.width, drawn.height)


def _why_not(why: str, data: bytes) -> str:
    if b"<svg" in data[:4096].lower():
        return _("We can't use SVG files, they are programmes. Save the picture as a PNG, then choose it again.")
    sentences = {
        "size": _(
            "The picture must be at most 6,000 pixels wide and 6,000 high. Save it smaller, then choose it again."
        ),
        "busy": _("Many pictures are being sent at this moment. Try again in a minute."),
        "damage": _("The picture is damaged. Save it again as a PNG, then choose it again."),
    }
    return sentences.get(why, _("The picture must be a PNG, JPEG or WebP file."))
