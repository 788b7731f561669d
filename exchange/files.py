"""What somebody chose from their computer: which kind of file it is, and that it can do no harm to read it.

Nothing is taken on trust: neither the name of the file nor what it says of itself.
"""

import hashlib
import zipfile
from enum import StrEnum
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHUNK = 1024 * 1024
LARGEST = 2 * 1024**3  # bytes of a file that a command reads
LARGEST_UPLOAD = 64 * 1024**2  # bytes of one that comes through a page
LARGEST_INSIDE = 400 * 1024**2  # bytes of a table once it is unpacked
MOST_BLOWN_UP = 300  # times: a table of equal cells gets to about 100, a bomb to 1,000 and more
MOST_INSIDE = 5000  # files in a zip


class Unreadable(ValueError):
    """This file can't be brought in; its text is a sentence that says why and what to do."""

    def __init__(self, sentence: str | Promise, **details: object) -> None:
        super().__init__(sentence)
        self.sentence, self.details = sentence, details

    def __str__(self) -> str:
        return str(self.sentence) % self.details


class Looks(StrEnum):
    """What a file is by its bytes."""

    TEXT = "text"
    XML = "xml"
    TABLE = "table"
    ARCHIVE = "archive"


EMPTY = _("This file is empty.")
TOO_LARGE = _(
    "This file is larger than %(most)s MB. Ask whoever runs the site to bring it in with `undersigned import`."
)
FAR_TOO_LARGE = _("This file is larger than 2 GB. Split it, and bring the parts in one after the other.")
ENCRYPTED = _("This file is locked with a password. Save it without one, and choose it again.")
BOMB = _("This file would unpack to far more than a list can be. It was not opened.")
BROKEN = _("This file is damaged: it can't be unpacked. Save or download it once more.")
OTHER_ZIP = _("This is a zip of other files. Unpack it, and choose the list that is inside.")
NOT_A_LIST = _("This is %(what)s, not a list. Choose a CSV file, a spreadsheet or a WordPress export.")

# How files begin that people choose by mistake (each format's own signature).
_MISTAKEN = [
    (b"%PDF", _("a PDF")), (b"\x89PNG", _("a picture")), (b"\xff\xd8\xff", _("a picture")), (b"GIF8", _("a picture")),
    (b"\x1f\x8b", _("a compressed file")), (b"7z\xbc\xaf", _("a compressed file")), (b"Rar!", _("a compressed file")),
    (b"{\\rtf", _("a text document")), (b"\x7fELF", _("a program")), (b"MZ", _("a program")),
]  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of Excel until 2003, and of whatever Office has encrypted
_LOCKED = "EncryptedPackage".encode("utf-16le")  # MS-OFFCRYPTO 2.3


def look(file: IO[bytes], *, most: int = LARGEST) -> Looks:
    """What `file` is, which is left at its beginning. `most` is how many bytes it may have. Raises Unreadable."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > most:
        raise Unreadable(TOO_LARGE, most=most // 1024**2) if most < LARGEST else Unreadable(FAR_TOO_LARGE)
    head = file.read(4096)
    file.seek(0)
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf"):
        raise Unreadable(EMPTY)
    for beginning, what in _MISTAKEN:
        if head.startswith(beginning):
            raise Unreadable(NOT_A_LIST, what=what)
    if head.startswith(b"PK\x03\x04"):
        return _unpacked(file)
    if head.startswith(_OLE):
        return _old_table(file)
    return Looks.XML if _is_xml(head) else Looks.TEXT


def _is_xml(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").replace(b"\0", b"")
    if text[:9].lower() == b"<!doctype" or text[:5].lower() == b"<html":
        raise Unreadable(NOT_A_LIST, what=_("a web page"))
    return text.startswith((b"<?xml", b"<rss"))


def _old_table(file: IO[bytes]) -> Looks:
    found = _LOCKED in file.read(LARGEST_UPLOAD)
    file.seek(0)
    if found:
        raise Unreadable(ENCRYPTED)
    return Looks.TABLE


def _unpacked(file: IO[bytes]) -> Looks:
    try:
        with zipfile.ZipFile(file) as packed:
            inside = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable(BROKEN) from error
    finally:
        file.seek(0)
    names = {one.filename for one in inside}
    if any(one.flag_bits & 0x1 for one in inside):
        raise Unreadable(ENCRYPTED)
    if "manifest.json" in names:
        return Looks.ARCHIVE  # whose own reader has its own bounds
    refuse_bomb(inside)
    if "xl/workbook.xml" in names or "content.xml" in names or "xl/workbook.bin" in names:
        return Looks.TABLE
    raise Unreadable(OTHER_ZIP)


def refuse_bomb(inside: list[zipfile.ZipInfo], *, largest: int = LARGEST_INSIDE) -> None:
    """Raise Unreadable for a zip that says it unpacks to more than `largest` bytes, or to very much from little.

    What it says is held to by whoever reads it: `zipfile` stops at the size that the directory tells.
    """
    whole, packed = sum(one.file_size for one in inside), sum(one.compress_size for one in inside)
    blown_up = whole > CHUNK and whole > packed * MOST_BLOWN_UP
    if len(inside) > MOST_INSIDE or whole > largest or blown_up:
        raise Unreadable(BOMB)


def fingerprint(file: IO[bytes]) -> str:
    """The SHA-256 of the whole file in 64 hexadecimal digits; it is left at its beginning."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # Django's files read as others
    file.seek(0)
    return digest
