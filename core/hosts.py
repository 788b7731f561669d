"""Whose host a request is for: each publisher may have its own names, and a name that nobody has gets nothing.

The names in ORIGIN and EXTRA_HOSTS are the site's; others are read from what the desk keeps (publishers/hosting.py),
at most once in PUBLISHER_FRESH_SECONDS, and only for a request that names one of them.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout

from core import identity
from core.speed import memory

Reader = Callable[[], dict[str, int]]
_readers: list[Reader] = []
_last: dict[str, int] = {}
_USUAL = {"80", "443"}


def read_by(reader: Reader) -> Reader:
    """Register how the hosts of publishers are read: by name, the row id of whose it is."""
    _readers[:] = [reader]
    return reader


def tidied(host: str) -> str:
    """A host as it is compared: in small letters, without the port that goes without saying."""
    name, colon, port = host.strip().lower().rpartition(":")
    return name if colon and port in _USUAL else host.strip().lower()


def is_the_sites(host: str) -> bool:
    """Whether that is a name that the operator gave the site itself."""
    return host == tidied(urlsplit(settings.ORIGIN).netloc) or host in settings.ALLOWED_HOSTS


def publisher_at(host: str) -> int | None:
    """The row id of the publisher whose host that is, if it is one's own."""
    name = tidied(host)
    if name == tidied(urlsplit(settings.ORIGIN).netloc):
        return None
    return _kept().get(name)


def _kept() -> dict[str, int]:
    try:
        found = memory.remember(identity.HOSTS, settings.PUBLISHER_FRESH_SECONDS, _read)
    except (OperationalError, InterfaceError, PoolTimeout):
        return _last
    return found


def _read() -> dict[str, int]:
    global _last  # noqa: PLW0603 - what was read last, for when the database is away
    _last = {name: pk for reader in _readers for name, pk in reader().items()}
    return _last


class HostMiddleware:
    """Has the whole request speak for the publisher whose host it is for (core/identity.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "")
        pk = publisher_at(host) if host and host not in settings.ALLOWED_HOSTS else None
        if pk is not None:
            # Django knows only hosts that stood in its settings when it started; this one has just been found.
            request.get_host = lambda: tidied(host)  # type: ignore[method-assign]  # of this one request, on purpose
        with identity.at(pk):
            return self.get_response(request)
