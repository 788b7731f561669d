"""Public pages, rendered once and kept until what they show changes.

A kept page is looked up by address. Its stamp, one cheap query, says whether it is still true; the stamp itself is
looked up at most once in PAGE_FRESH_SECONDS, so a page under load costs no query and no template at all.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from psycopg_pool import PoolTimeout
from zlib_ng import gzip_ng

from core.encoding import takes_gzip
from core.http import public
from core.speed.front import FRESH_UNTIL

KEPT_SECONDS = 3600
RENDERING_SECONDS = 5
AWAY_SECONDS = 5


@dataclass(frozen=True)
class Kept:
    """One rendered page: what it was made from, its bytes plain and compressed, and its ETag."""

    stamp: str
    body: bytes
    packed: bytes
    etag: str


def keep(
    request: HttpRequest,
    *,
    key: str,
    stamp: Callable[[], str],
    render: Callable[[], str],
    fill: tuple[bytes, bytes] | None = None,
    content_type: str = "text/html; charset=utf-8",
) -> HttpResponse:
    """The page kept under `key` for the reader's language, rendered anew when its `stamp()` has changed.

    Only one request renders; others meanwhile get the page as it was. `fill` replaces a mark in the page (such as the
    empty `via` field) for this answer only, so that source codes do not multiply the kept pages. Without SPEED every
    answer is rendered, and says the same.
    """
    page, checked = _fresh(f"{get_language()}.{key}", stamp, render)
    if fill is not None and fill[1]:
        return public(HttpResponse(page.body.replace(*fill), content_type=content_type))
    # Monotonic: what is left of the page's second.
    left = checked + settings.PAGE_FRESH_SECONDS - time.time()
    if left > 0:
        request.META[FRESH_UNTIL] = time.monotonic() + left
    return _given(request, page, content_type)


def give(request: HttpRequest, text: str, *, content_type: str) -> HttpResponse:
    """An answer that is the same for everybody and that nobody keeps here, with the tag of its bytes."""
    return _given(request, _make("", text), content_type)


def _given(request: HttpRequest, page: Kept, content_type: str) -> HttpResponse:
    """As the client takes it, or that it has it already (RFC 9110, 13.1.2)."""
    packed = takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    response = HttpResponse(page.packed if packed else page.body, content_type=content_type)
    if packed:
        response["Content-Encoding"] = "gzip"
    response["ETag"] = f'"{page.etag}{"-gz" if packed else ""}"'
    patch_vary_headers(response, ["Accept-Encoding"])
    response = public(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _fresh(key: str, stamp: Callable[[], str], render: Callable[[], str]) -> tuple[Kept, float]:
    """The page, and when (seconds since 1970) it was last known to be true; 0.0: not to be given again."""
    if not settings.SPEED:
        return _make(stamp(), render()), 0.0
    kept: tuple[Kept, float] | None = cache.get(f"page.{key}")
    now = time.time()
    if kept and now - kept[1] < settings.PAGE_FRESH_SECONDS:
        return kept
    try:
        current = stamp()
    except (OperationalError, InterfaceError, PoolTimeout):
        if kept is None:
            raise
        # The database is away: an old page is better than none, and for a while nobody else waits for it.
        kept = (kept[0], now + AWAY_SECONDS)
        cache.set(f"page.{key}", kept, KEPT_SECONDS)
        return kept
    if kept and kept[0].stamp == current:
        kept = (kept[0], now)
        cache.set(f"page.{key}", kept, KEPT_SECONDS)
        return kept
    if kept and settings.PAGE_FRESH_SECONDS and not cache.add(f"rendering.{key}", 1, RENDERING_SECONDS):
        return kept
    page = _make(current, render())
    cache.set(f"page.{key}", (page, now), KEPT_SECONDS)
    cache.delete(f"rendering.{key}")
    return page, now


def _make(stamp: str, html: str) -> Kept:
    body = html.encode()
    # mtime=0: the same page is the same bytes on every machine. Level 6 takes a third longer for a hundredth less.
    packed = gzip_ng.compress(body, compresslevel=4, mtime=0)
    # Of what was packed, which is a fifth as long and just as different.
    return Kept(stamp=stamp, body=body, packed=packed, etag=hashlib.sha256(packed).hexdigest()[:24])
