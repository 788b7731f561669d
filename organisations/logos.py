"""Logos are drawn anew (core/pictures.py): whatever was hidden in what somebody sent, we keep pixels of our own.

Source: OWASP File Upload sheet; ASVS 5.2. SVG is refused, because it is a programme.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import pictures

if TYPE_CHECKING:
    from organisations.models import Logo

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS_A_SIDE = 4000
BOX = (400, 200)
FORMATS = ("PNG", "JPEG", "WEBP")
TOO_BIG = gettext_lazy(
    "The logo must be at most 4,000 pixels wide and 4,000 high. Save it smaller, then choose it again."
)


class Readable(Protocol):
    """A file, whoever opened it."""

    def read(self, size: int, /) -> bytes: ...


class BadLogo(Exception):
    """This file cannot be a logo; the text says why and what to do."""


@dataclass(frozen=True)
class Drawing:
    """A WebP picture of at most 400×200 pixels, without metadata."""

    data: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Equal for equal pictures, and for nothing else."""
        return hashlib.sha256(self.data).hexdigest()


def inline(logo: "Logo") -> str:
    """A logo as an address that holds it: for its own representative, before anybody has approved it."""
    return f"data:image/webp;base64,{b64encode(bytes(logo.data)).decode()}"


def draw(file: Readable) -> Drawing:
    """The picture in `file` (PNG, JPEG or WebP; ≤ 2 MB, ≤ 4,000 pixels a side), drawn anew. Raises BadLogo."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadLogo(_("The logo must be smaller than 2 MB. Save it smaller, then choose it again."))
    try:
        drawn = pictures.redraw(data, most_a_side=MOST_PIXELS_A_SIDE, box=BOX, formats=FORMATS)
    except pictures.Refused as error:
        raise BadLogo(_why_not(error.why, data)) from error
    return Drawing(data=drawn.data, width=drawn.width, height=drawn.height)


def _why_not(why: str, data: bytes) -> str:
    if why == "size":
        return str(TOO_BIG)
    if why == "busy":
        return _("Many pictures are being sent at this moment. Try again in a minute, or send it without the logo.")
    if why == "damage":
        return _("The picture is damaged. Save it again as a PNG, then choose it again.")
    if b"<svg" in data[:4096].lower():
        return _("We can't use SVG files. Save the logo as a PNG, then choose it again.")
    return _("The logo must be a PNG, JPEG or WebP picture.")
