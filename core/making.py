"""Files that are dear to make, such as PDFs and pictures of links: made once, kept, and one at a time in each process.

What a file is made of is its name in the cache, so it is made anew exactly when that changes. Whoever asks for one that
is being made waits for it; a stranger who asks for many costs one processor a while and no more.
"""

import hashlib
import threading
from collections.abc import Callable

from django.core.cache import caches

KEPT_SECONDS = 24 * 3600
WAIT_SECONDS = 10
_one_at_a_time = threading.Lock()


class Busy(Exception):
    """Others wait already for files of theirs; come back in a moment (core/http.py answers 503)."""


def made_once(name: str, *, of: object, make: Callable[[], bytes]) -> bytes:
    """The file that `make()` makes of `of`, whose `repr` says all that it depends on. Raises Busy."""
    files = caches["files"]
    key = f"file.{name}.{hashlib.sha256(repr(of).encode()).hexdigest()[:40]}"
    kept = files.get(key)
    if kept is not None:
        return kept
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        kept = files.get(key)
        if kept is None:
            kept = make()
            files.set(key, kept, KEPT_SECONDS)
    finally:
        _one_at_a_time.release()
    return kept
