"""A closed statement as one folder of plain pages: what a visitor reads, asked of the site itself, page by page.

Only what everybody may read is asked for, in the words of the public pages, so nothing private can be in it. What a
page leads to and shows is found as the page is written, and is written next (exchange/keeping.py).
"""

import io
import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cache, partial
from hashlib import sha256
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from core.audit import Staff
from exchange import keeping
from exchange.farewell import plain
from exchange.models import Farewell
from exchange.parts import Part
from petitions.models import Statement
from petitions.statements import sharing

FIRST = "index.html"
MOST = 20_000  # files
# Below a statement's own address, and beside it: what is a page to read. No form, no feed, nothing that counts on.
_OF_IT = re.compile(r"(?:|signatures/|organisations/(?:[-\w]+/)?|comments/|history/|updates/(?:[-\w]+/)?|motion/)")
_FILES = re.compile(r"(?:motion\.(?:pdf|txt|docx)|events\.ics)")
_BESIDE = re.compile(r"/(?:privacy|accessibility)/|/events/[-\w]+(?:/|\.ics)")
_SHOWN = re.compile(r"/(?:static|pictures|logos|look|media)/.+|/statements/[-\w]+/card-v\d+\.png")
_STATIC = re.compile(r"/static/(.+)")


class NotClosed(Exception):
    """Only what is over is written for ever."""

    def __str__(self) -> str:
        return str(_("A farewell is written of a statement that is closed and not hidden."))


def start(*, statement: Statement, why: str, by: Staff = None) -> Farewell:
    """Let the worker write the pages of a closed statement. Raises NotClosed."""
    if statement.status != "closed" or statement.hidden_at:
        raise NotClosed
    farewell = Farewell(statement=statement, found=[statement.get_absolute_url()])
    keeping.start(farewell, why=why, by=by)
    return farewell


def _parts(farewell: Farewell) -> list[Part]:
    found = farewell.found
    if farewell.pk:
        found = Farewell.objects.values_list("found", flat=True).get(pk=farewell.pk)
    first = farewell.statement.get_absolute_url()
    return [Part(file_of(address, first), partial(_written, farewell, address, first)) for address in found]


def _finish(farewell: Farewell) -> dict[str, Any]:
    keeping.zip_up(farewell)
    return {}


keeping.kind(Farewell, parts=_parts, finish=_finish)


def file_of(address: str, first: str) -> str:
    """Where in the folder the page or file of an address (path and query) lies."""
    if address == first:
        return FIRST
    path, _mark, query = address.partition("?")
    if _SHOWN.fullmatch(path):
        return f"assets{path}"
    name = path.removeprefix(first).strip("/").replace("/", "-")
    if query:
        name += f"-{sha256(query.encode()).hexdigest()[:8]}"
    return name if path.endswith((".pdf", ".txt", ".docx", ".ics")) else f"{name}.html"


def belongs(address: str, statement: Statement) -> bool:
    """Whether this address (path and query) of the site is part of the farewell to the statement."""
    first, (path, _mark, query) = statement.get_absolute_url(), address.partition("?")
    if query and set(parse_qs(query)) != {"after"}:
        return False
    if _SHOWN.fullmatch(path) or _BESIDE.fullmatch(path):
        return (
            not path.startswith("/events/") or statement.events.filter(slug=path.split("/")[2].split(".")[0]).exists()
        )
    under = path.removeprefix(first)
    return path.startswith(first) and bool(_OF_IT.fullmatch(under) or _FILES.fullmatch(under))


def _written(farewell: Farewell, address: str, first: str) -> Iterator[bytes]:
    """The page or file, with what it leads to put at the end of what is to be written."""
    origin = farewell.statement.who.home
    at, (kind, content) = origin + address, fetched(address, origin=origin)
    found: list[str] = []
    leads = partial(_leads, farewell.statement, address, found)
    if kind.startswith("text/html"):
        notice = _notice(farewell.statement)
        content = plain.page(content.decode(), at=at, leads=leads, notice=notice).encode()
    elif kind.startswith("text/css"):
        content = plain.sheet(content.decode(), at=at, leads=leads).encode()
    known = Farewell.objects.values_list("found", flat=True).get(pk=farewell.pk)
    new = [one for one in dict.fromkeys(found) if one not in set(known)]
    Farewell.objects.filter(pk=farewell.pk).update(found=[*known, *new][:MOST])
    yield content


def _leads(statement: Statement, page: str, found: list[str], whole: str) -> str | None:
    """Where a link leads from inside the folder; an address of the site that is not in it leads nowhere."""
    parts, own = urlsplit(whole), urlsplit(statement.who.home)
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        return whole
    address = parts.path + (f"?{parts.query}" if parts.query else "")
    if not belongs(address, statement):
        return None
    found.append(address)
    first = statement.get_absolute_url()
    here, there = file_of(page, first), file_of(address, first)
    return posixpath.relpath(there, posixpath.dirname(here) or ".") + (f"#{parts.fragment}" if parts.fragment else "")


def _notice(statement: Statement) -> str:
    made = formats.date_format(timezone.localdate(), "j F Y")
    words = _("This is a copy of %(day)s. The original stood at %(address)s.") % {
        "day": made, "address": sharing.address(statement),
    }  # fmt: skip
    return f'<p class="meta"><small>{escape(words)}</small></p>'


@cache
def _site() -> BaseHandler:
    """The site's own views behind its middleware, without the signals that give a connection back after a request."""
    site = BaseHandler()
    site.load_middleware()
    return site


def fetched(address: str, *, origin: str) -> tuple[str, bytes]:
    """What a visitor gets at an address (path and query) of this site, at a publisher's origin: its kind and content.

    Raises LookupError if there is none.
    """
    path, _mark, query = address.partition("?")
    static = _STATIC.fullmatch(path)
    if static and (found := _static(static[1])) is not None:
        return found
    own = urlsplit(origin)
    port = own.port or (443 if own.scheme == "https" else 80)
    asked = WSGIRequest({
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": own.netloc,
        "SERVER_NAME": own.hostname or "localhost", "SERVER_PORT": str(port), "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": own.scheme, "wsgi.input": io.BytesIO(),
    })  # fmt: skip
    answer = _site().get_response(asked)
    if answer.status_code != HTTPStatus.OK:
        raise LookupError(f"{address}: {answer.status_code}")
    content = b"".join(cast("Iterable[bytes]", answer))
    return answer.headers.get("Content-Type", ""), content


_KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def _static(name: str) -> tuple[str, bytes] | None:
    """A static file, which in production a proxy gives out before the site is asked."""
    kept = settings.STATIC_ROOT / name
    path = kept if kept.is_file() else finders.find(name)
    if not path:
        return None
    return _KINDS.get(Path(path).suffix, "application/octet-stream"), Path(path).read_bytes()
