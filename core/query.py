"""Reading query strings: one reader for all pages, which treats nonsense as absent."""

import re

from django.http import HttpRequest

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST = 500
MOST_DIGITS = 18  # of a bigint, less what overflows it


def text(request: HttpRequest, name: str, *, longest: int = LONGEST) -> str:
    """The value of that name as one line, or "" when it is missing or nonsense.

    What is longer than `longest` characters, and whatever has characters in it that no line has, is nothing.
    """
    value = request.GET.get(name, "").strip()
    return value if len(value) <= longest and not _CONTROL.search(value) else ""


def number(request: HttpRequest, name: str) -> int | None:
    """The value of that name as a number of a row or a size, or None."""
    return digits(text(request, name))


def digits(value: str) -> int | None:
    """A number in plain digits, 0 to 999,999,999,999,999,999, or None."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= MOST_DIGITS else None
