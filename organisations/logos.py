"""Logos are drawn anew: whatever was hidden in the file that somebody sent, what we keep is pixels of our own.

Source: OWASP File Upload sheet; ASVS 5.2. SVG is refused, because it is a programme.
"""

import hashlib
import io
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from PIL import Image

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
    """The picture in `file` (PNG, JPEG or WebP; ≤ 2 MB, ≤ 4,000 pixels a side), drawn anew. Raises BadLogo.

    Size is judged from the header, before a pixel is unpacked, so a bomb of a few bytes costs a few bytes.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - 8 MB that few processes need

    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadLogo(_("The logo must be smaller than 2 MB. Save it smaller, then choose it again."))
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return _redraw(picture)
    except UnidentifiedImageError as error:
        raise BadLogo(_not_one_of_ours(data)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadLogo(TOO_BIG) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadLogo(_("The picture is damaged. Save it again as a PNG, then choose it again.")) from error


def _not_one_of_ours(data: bytes) -> str:
    if b"<svg" in data[:4096].lower():
        return _("We can't use SVG files. Save the logo as a PNG, then choose it again.")
    return _("The logo must be a PNG, JPEG or WebP picture.")


def _redraw(picture: "Image.Image") -> Drawing:
    from PIL import Image, ImageOps  # noqa: PLC0415 - as above

    if max(picture.size) > MOST_PIXELS_A_SIDE or min(picture.size) < 1:
        raise BadLogo(TOO_BIG)
    picture.draft("RGB", (BOX[0] * 2, BOX[1] * 2))  # JPEG unpacks at a fraction of its size
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    clear = "transparency" in upright.info or "A" in upright.getbands()
    copy = upright.convert("RGBA" if clear else "RGB")
    copy.thumbnail(BOX, Image.Resampling.LANCZOS)
    # A canvas of our own carries nothing along: no EXIF, no ICC profile, no text chunks, no trailing bytes.
    fresh = Image.new(copy.mode, copy.size)
    fresh.paste(copy)
    return Drawing(data=_smaller(fresh), width=fresh.width, height=fresh.height)


def _smaller(picture: "Image.Image") -> bytes:
    """Flat drawings are smaller without loss, photographs with it."""
    return min((_webp(picture, lossless=True), _webp(picture, quality=80)), key=len)


def _webp(picture: "Image.Image", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", method=6, **options)
    return out.getvalue()
