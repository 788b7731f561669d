"""Too many at once: whoever has waited too long to be served is told at once to come back (SAFETY 2.2, rule 6).

A busy process answers first come, first served, and without an end to the queue nobody is answered in time. How long a
request has queued stands in the header that the proxy writes when it comes in (X-Request-Start, docs/operating.md).
The patience is in the order of mercy, longest for confirmations, then signatures and staff, then other posts, then
pages: so pages are refused first, until the queue is short enough for the rest. A disk that pauses for a moment is no
overload: nobody is refused before the queue has stood for STANDING. A refusal costs next to nothing; pages that
core/speed/front.py has at hand cost no more and never come here, but for the one request in a second that renews them.
docs/decisions/0015 says why not semaphores.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from core.speed.front import RENEWS, WSGI, Environ

CONFIRM, SIGN, WRITE, READ = range(4)
# Seconds that a request of each kind may have queued. Whoever is refused has waited hardly longer than that.
PATIENCE = (0.14, 0.11, 0.08, 0.05)
# A request that queued for less shows that there is no standing queue. An overload begins when there was none such for
# STANDING, and ends when there were only such for as long: else each pause of it would let everybody in at once.
CALM = 0.05
STANDING = 1.5
COME_BACK = 10  # seconds
# What watches over the process must see it in every state.
NEVER_REFUSED = ("/healthz", "/readyz", "/metrics", "/static/")
# Looked at like a form that is sent: one's own, and what a form asks for just before (submissions/work.py).
OWN_PAGES = ("/manage/", "/unsubscribe/", "/admin/", "/proof-of-work/")

_BODY = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Very busy: please try again</title><h1>Very many people are here at this moment</h1>
<p>Please try again in a few seconds. If you had filled in a form, go back first: what you typed is still there.
Nothing has been recorded twice.</p></html>"""
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(_BODY))),
    ("Retry-After", str(COME_BACK)),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


_ranks: list[tuple[int, str, str]] = []
NONE_SUCH = "\n"  # in no path


def rank(kind: int, *, begins: str = NONE_SUCH, ends: str = NONE_SUCH) -> None:
    """Say what kind posts are whose path begins or ends so; apps register theirs, and what nobody names is WRITE."""
    _ranks.append((kind, begins, ends))


def rank_of(environ: Environ) -> int | None:
    """What kind of request this is, CONFIRM to READ; None for what is never refused."""
    path = environ["PATH_INFO"]
    if path.startswith(NEVER_REFUSED):
        return None
    if path.startswith(OWN_PAGES):
        return SIGN
    if environ["REQUEST_METHOD"] != "POST":
        return READ
    found = [rank for rank, begins, ends in _ranks if path.startswith(begins) or path.endswith(ends)]
    return min(found, default=WRITE)


def waited(stamp: str, now: float) -> float:
    """Seconds between a proxy's stamp and `now` (seconds since 1970); 0.0 when it says nothing sensible.

    Stamps are "t=1700000000.123" (nginx) or whole milliseconds (Caddy). A visitor who writes one is refused or served
    by it alone.
    """
    try:
        at = float(stamp.removeprefix("t="))
    except ValueError:
        return 0.0
    seconds = now - (at / 1000 if at > 1e11 else at)
    return seconds if 0 < seconds < 3600 else 0.0


class Shedding:
    """A WSGI application around another one (PEP 3333) that refuses what has queued for too long."""

    def __init__(self, application: WSGI) -> None:
        self._application = application
        self._calm_at = self._late_at = time.time()
        self._overloaded = False

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        stamp = environ.get("HTTP_X_REQUEST_START")
        if stamp and self._is_too_late(environ, stamp):
            start_response("503 Service Unavailable", _HEADERS)
            return [_BODY]
        return self._application(environ, start_response)

    def _is_too_late(self, environ: Environ, stamp: str) -> bool:
        now, rank = time.time(), rank_of(environ)
        seconds = waited(stamp, now)
        self._watch(seconds, now)
        return self._overloaded and rank is not None and RENEWS not in environ and seconds > PATIENCE[rank]

    def _watch(self, seconds: float, now: float) -> None:
        """Threads may cross here; what they write differs by microseconds."""
        if seconds < CALM:
            self._calm_at = now
            self._overloaded = self._overloaded and now - self._late_at < STANDING
        else:
            self._late_at = now
            self._overloaded = self._overloaded or now - self._calm_at > STANDING
