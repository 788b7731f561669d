"""Addresses of our own pages, for the many that stand on one page."""

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import get_resolver, reverse

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def path(name: str, *args: Any) -> str:
    """The path of the view of that name, as `django.urls.reverse` has it, in a tenth of the time.

    Whatever is more than a number or a plain slug is left to `reverse`, which can quote, and without SPEED everything.
    Raises NoReverseMatch.
    """
    if not settings.SPEED:
        return reverse(name, args=args)
    words = [str(value) for value in args]
    pattern = _pattern(name, len(words))
    return pattern % tuple(words) if pattern and all(map(_PLAIN.fullmatch, words)) else reverse(name, args=args)


def file(name: str) -> str:
    """The path of one of our own files, such as `img/icon.svg`, as `{% static %}` has it.

    Its content is part of its name, so it stays for as long as the process lives; while one develops it may not.
    """
    return _file(name) if settings.SPEED and not settings.DEBUG else static(name)


_file = cache(static)


@cache
def _pattern(name: str, many: int) -> str:
    """`/statements/%s/comments/`, or nothing where the view of that name stands at none or several such addresses."""
    found = [
        (path, parameters)
        for possibility in get_resolver().reverse_dict.getlist(name)
        for path, parameters in possibility[0]
        if len(parameters) == many
    ]
    if len(found) != 1:
        return ""
    ((written, parameters),) = found
    return "/" + written % dict.fromkeys(parameters, "%s")
