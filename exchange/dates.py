"""Reading dates as lists from elsewhere write them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

_NUMBERS = re.compile(
    r"(?P<a>\d{1,4})[-/. ](?P<b>\d{1,2})[-/. ](?P<c>\d{2,4})\.?"
    r"(?:[T ,]+(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?\s*[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_MONTHS = {name: number for number, names in enumerate([
    "january jan januar janvier enero gennaio januari styczeń stycznia ocak",
    "february feb februar février febrero febbraio februari luty lutego şubat",
    "march mar märz mars marzo maart marzec marca mart",
    "april apr avril abril aprile kwiecień kwietnia nisan",
    "may mai mayo maggio mei maj maja mayıs",
    "june jun juni juin junio giugno czerwiec czerwca haziran",
    "july jul juli juillet julio luglio lipiec lipca temmuz",
    "august aug août agosto augustus sierpień sierpnia ağustos",
    "september sep sept septembre septiembre settembre wrzesień września eylül",
    "october oct okt oktober octobre octubre ottobre październik października ekim",
    "november nov novembre noviembre listopad listopada kasım",
    "december dec dez dezember décembre diciembre dicembre grudzień grudnia aralık",
], 1) for name in names.split()}  # fmt: skip
_DAY_MONTH = re.compile(
    r"(?:\w+,?\s+)?(\d{1,2})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?([^\W\d]+)\.?,?\s+(?:de\s+)?(\d{4})(.*)"
)
_MONTH_DAY = re.compile(r"(?:[^\W\d]+,\s+)?([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(.*)")
_CLOCK = re.compile(r"[\s,@]*(?:at|um|à)?\s*(\d{1,2})[:.h](\d{2})(?::(\d{2}))?\s*([AaPp]\.?[Mm]\.?)?")
_UNIX = re.compile(r"1\d{9}(?:\d{3})?")


def read(written: str, *, day_first: bool, zone: tzinfo) -> datetime | None:
    """The time that is meant, aware, or None. What names no zone is in `zone`; a day alone is its noon.

    `day_first` decides what 03/04/2021 is; the year may stand first (ISO 8601), months may be words in ten languages.
    """
    text = " ".join(written.replace("\u202f", " ").split())
    if _UNIX.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    try:
        return _numbers(text, day_first, zone) or _words(text, zone) or _mail(text)
    except (ValueError, OverflowError):
        return None


def _numbers(text: str, day_first: bool, zone: tzinfo) -> datetime | None:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        year, month, day = a, b, c
    else:
        year = c + 2000 if len(found["c"]) == 2 else c
        first = day_first or _is_dotted(found)
        day, month = (a, b) if (first and b <= 12) or a > 12 else (b, a)
    hour = _hour(found["hour"], found["half"])
    own = _zone(found["zone"]) if found["zone"] else zone
    return datetime(year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0), tzinfo=own)


def _is_dotted(found: re.Match[str]) -> bool:
    """4.3.2021: with dots the day stands first wherever people write so, whatever the column is like otherwise."""
    return found.string[found.end("a")] == "."


def _hour(hour: str | None, half: str | None) -> int:
    if hour is None:
        return 12
    return int(hour) if not half else int(hour) % 12 + (12 if half[0] in "pP" else 0)


def _zone(written: str) -> tzinfo:
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?", written)
    if not found:
        return UTC
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(ahead if found[1] == "+" else -ahead)


def _words(text: str, zone: tzinfo) -> datetime | None:
    if found := _DAY_MONTH.fullmatch(text):
        day, month, year, rest = found.groups()
    elif found := _MONTH_DAY.fullmatch(text):
        month, day, year, rest = found.groups()
    else:
        return None
    number = _MONTHS.get(month.casefold())
    clock = _CLOCK.fullmatch(rest) if rest.strip() else None
    if number is None or (rest.strip() and clock is None):
        return None
    hour, minute, second = (_hour(clock[1], clock[4]), int(clock[2]), int(clock[3] or 0)) if clock else (12, 0, 0)
    return datetime(int(year), number, int(day), hour, minute, second, tzinfo=zone)


def _mail(text: str) -> datetime | None:
    """As mail and RSS write it (RFC 5322 3.3)."""
    if "," not in text and not re.search(r"[+-]\d{4}$", text):
        return None
    found = parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_day_first(written: Iterable[str]) -> bool | None:
    """Whether a column of dates has the day first: True when a first number is above 12, False when a second one is."""
    for text in written:
        found = _NUMBERS.fullmatch(" ".join(text.split()))
        if found is None or len(found["a"]) == 4 or _is_dotted(found):
            continue
        if int(found["a"]) > 12:
            return True
        if int(found["b"]) > 12:
            return False
    return None
