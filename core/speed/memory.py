"""What one process remembers for a moment, such as the statement that everybody signs just now.

Django's cache would write it down as bytes and read it again for every request, or fetch it from another machine.
Whatever many processes must agree on belongs there; what is asked for here may be as old as it says.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings

MOST = 1000
T = TypeVar("T")
_kept: dict[str, tuple[float, Any]] = {}


def remember(key: str, seconds: float, make: Callable[[], T]) -> T:
    """What `make()` returned under `key` less than `seconds` ago, or returns now. It is shared: do not change it.

    Without SPEED it is always made.
    """
    if not settings.SPEED:
        return make()
    found = _kept.get(key)
    if found is not None and time.monotonic() < found[0]:
        return found[1]
    made = make()
    put(key, made, seconds)
    return made


def put(key: str, made: Any, seconds: float) -> None:
    """Remember `made` under `key` for so many seconds, unless without SPEED."""
    if seconds > 0 and settings.SPEED:
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = (time.monotonic() + seconds, made)


def drop(key: str) -> None:
    """Forget what is remembered under `key`."""
    _kept.pop(key, None)


def forget() -> None:
    """Forget everything."""
    _kept.clear()
