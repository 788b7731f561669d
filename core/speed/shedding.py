"""Too many at once: whoever has waited too long to be served is told at once to come back (SAFETY 2.2, rule 6).

A busy process answers first come, first served, and without an end to the queue nobody is answered in time. When a
request came in stands in the header that the proxy writes (X-Request-Start, deploy/). Its clock is not ours: so no time
of the one is held against a time of the other, but how long requests took to get here against how long it took whoever
came while this process had nothing to do, and therefore can't have queued (`Transit`).
The patience is in the order of mercy, longest for confirmations, then signatures and staff, then other posts, then
pages: so pages are refused first, until the queue is short enough for the rest. A disk that pauses for a moment is no
overload: nobody is refused before the queue has stood for STANDING. A refusal costs next to nothing; pages that
core/speed/front.py has at hand cost no more and never come here, but for the one request in a second that renews them.
docs/decisions/0015 says why not semaphores, and what the first way with clocks did to visitors.
"""

import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from core.speed.front import RENEWS, WSGI, Environ

CONFIRM, SIGN, WRITE, READ = range(4)
# Seconds that a request of each kind may have queued. Whoever is refused has waited hardly longer than that.
PATIENCE = (0.14, 0.11, 0.08, 0.05)
# A request that queued for less shows that there is no standing queue. An overload begins when there was none such for
# STANDING, and ends when there were only such for as long: else each pause of it would let everybody in at once.
CALM = 0.05
STANDING = 1.5
# A process that had nothing to do for so long has no queue: what had come in would have been begun.
IDLE = 0.01
# Threads begin requests not quite in the order in which these came.
OUT_OF_ORDER = 0.25
MOST_PROXIES = 100
STUCK = 60  # seconds in which a process that is asked ends at least one answer, or is beyond help
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


def passed(stamp: str, now: float) -> float | None:
    """Seconds from a proxy's stamp to `now` (seconds since 1970), by two clocks; None when it says no time.

    Stamps are "t=1700000000.123" (nginx) or whole milliseconds (Caddy, HAProxy).
    """
    try:
        at = float(stamp.removeprefix("t="))
    except ValueError:
        return None
    if not 0 < at < 1e14:
        return None
    return now - (at / 1000 if at > 1e11 else at)


class Transit:
    """How long requests of one proxy take to this process at the least, its clock's error with it.

    The least of what was seen is taken as the way itself (as RFC 6817 does for the delay of a network), and what a
    request took beyond that is what it queued for. Whoever finds the process idle has not queued: that is how a clock
    that was set is noticed. And nobody can have queued for longer than there has been a queue: a stamp that says so
    makes no sense, and whoever comes next is measured by it.
    """

    def __init__(self) -> None:
        self._least: float | None = None
        self._calm_at = 0.0

    def queued(self, seconds: float, *, was_idle: bool, now: float) -> float:
        """Seconds that a request queued for which `seconds` passed; `now` is on the clock that nobody sets."""
        if self._least is None or was_idle or seconds < self._least:
            self._least, self._calm_at = seconds, now
            return 0.0
        beyond = seconds - self._least
        if beyond > now - self._calm_at + OUT_OF_ORDER:
            self._least, self._calm_at = seconds, now
            return 0.0
        if beyond < CALM:
            self._calm_at = now
        return beyond


class Shedding:
    """A WSGI application around another one (PEP 3333) that refuses what has queued for too long.

    `proxies` is how many stand before it; without one the header would be a visitor's own, and is not looked at.
    """

    def __init__(self, application: WSGI, proxies: int) -> None:
        self._application = application
        self._proxies = proxies
        self._calm_at = self._late_at = self._ended_at = time.monotonic()
        self._overloaded = False
        self._transits: dict[str, Transit] = {}
        self._at_work = 0
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        now = time.monotonic()
        with self._lock:
            was_idle = not self._at_work and now - self._ended_at > IDLE
            self._at_work += 1
        try:
            stamp = environ.get("HTTP_X_REQUEST_START")
            if stamp and self._proxies and self._is_too_late(environ, stamp, was_idle, now):
                start_response("503 Service Unavailable", _HEADERS)
                return [_BODY]
            return self._application(environ, start_response)
        finally:
            with self._lock:
                self._at_work -= 1
                self._ended_at = time.monotonic()

    def gets_on(self) -> bool:
        """Whether some request has come to its end lately, or none is being answered."""
        return not self._at_work or time.monotonic() - self._ended_at < STUCK

    def _is_too_late(self, environ: Environ, stamp: str, was_idle: bool, now: float) -> bool:
        seconds = passed(stamp, time.time())
        if seconds is None:
            return False
        queued = self._transit(environ.get("REMOTE_ADDR", "")).queued(seconds, was_idle=was_idle, now=now)
        self._watch(queued, now)
        rank = rank_of(environ)
        return self._overloaded and rank is not None and RENEWS not in environ and queued > PATIENCE[rank]

    def _transit(self, proxy: str) -> Transit:
        """The one of this proxy; several may have clocks of their own."""
        found = self._transits.get(proxy)
        if found is None:
            if len(self._transits) >= MOST_PROXIES:
                self._transits.clear()
            found = self._transits[proxy] = Transit()
        return found

    def _watch(self, seconds: float, now: float) -> None:
        """Threads may cross here; what they write differs by microseconds."""
        if seconds < CALM:
            self._calm_at = now
            self._overloaded = self._overloaded and now - self._late_at < STANDING
        else:
            self._late_at = now
            self._overloaded = self._overloaded or now - self._calm_at > STANDING
