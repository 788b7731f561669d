"""In which letters a text file is written, and by what its cells are parted."""

import codecs
import csv
from collections.abc import Iterable
from statistics import median
from typing import IO

from django.utils.translation import gettext_lazy as _

from exchange.files import CHUNK, Unreadable

SEPARATORS = (",", ";", "\t", "|")
CHOICES = {
    "": _("Find out"), "utf-8": "UTF-8", "utf-16le": "UTF-16", "cp1252": _("Western (Windows-1252)"),
    "cp1250": _("Central European (Windows-1250)"), "cp1251": _("Cyrillic (Windows-1251)"),
    "cp1254": _("Turkish (Windows-1254)"), "cp1256": _("Arabic (Windows-1256)"), "cp1253": _("Greek (Windows-1253)"),
    "mac_roman": _("Macintosh"), "shift_jis": _("Japanese (Shift JIS)"), "gb18030": _("Chinese (GB 18030)"),
}  # fmt: skip
GUESSED = _(
    "The file doesn't say how its letters are written. It was read as Western European: look at the rows below. If "
    "letters are wrong, choose the file again and say how they are written."
)
UNKNOWN = _(
    "The file doesn't say how its letters are written, and Western European they are not. Say how under “Its letters "
    "are written as”, such as Central European or Cyrillic, and choose the file again."
)
NOT_SO = _("The letters of this file can't be read as %(encoding)s. Choose “Find out”, or another one.")
_MARKS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
FALLBACK = "cp1252"


def find(file: IO[bytes], *, chosen: str = "") -> tuple[str, bool]:
    """The encoding, and whether it is a guess. A mark at the beginning (BOM) decides, then what fits the whole file.

    `file` is left at its beginning. Raises Unreadable when the `chosen` one, or none that can be told, fits.
    """
    head = file.read(4096)
    file.seek(0)
    found = next((name for mark, name in _MARKS if head.startswith(mark)), "") or _bare_utf16(head)
    if not found and chosen:
        found = chosen
    if found:
        if not _fits(file, found):
            raise Unreadable(NOT_SO, encoding=str(CHOICES.get(found, found)))
        return found, False
    if _fits(file, "utf-8"):
        return "utf-8", False
    if not _fits(file, FALLBACK):
        raise Unreadable(UNKNOWN)
    return FALLBACK, True


def _bare_utf16(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of a text in European letters is zero."""
    if head.count(0) < len(head) // 4:
        return ""
    return "utf-16le" if head[1::2].count(0) > head[::2].count(0) else "utf-16be"


def _fits(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def separator(lines: Iterable[str]) -> str:
    """The separator of cells: the one by which most lines have the same number of cells; "" for a plain list."""
    sample = list(lines)
    best, most = "", 1.0
    for one in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=one) if row]
        except csv.Error:  # a line of more than 128 KiB, which the reader of the rows complains about
            continue
        if not widths:
            continue
        usual = median(widths)
        agree = sum(width == usual for width in widths) / len(widths)
        if usual > 1 and usual * agree > most:
            best, most = one, usual * agree
    return best
