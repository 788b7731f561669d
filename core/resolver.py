"""Resolving addresses as people type them: one resolver for pages, posts, tokens, JSON, oEmbed, embeds and feeds.

Nothing here is asked about an address that is right. One that would be 404 is first read as people have it in hand:
in other letters, without its last slash, with what a mail program or a chat stuck to its end; then looked up among the
redirects (core/redirects.py), for every method. A GET is led to the right address (301); a POST is acted on at once, as
if it had been sent there, because a redirect would lose what was typed (RFC 9110, 15.4.2). Whatever an address says,
nobody is ever led to another site.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from core import identity, redirects

STAFF_PATH = "/admin/"
API_PATH = "/api/"  # where programs ask: what is wrong they are told, and nothing is guessed
# What machines ask, by whatever name they know us: a load balancer goes by our number.
FOR_MACHINES = {"/healthz", "/readyz", "/metrics"}
SAFE = {"GET", "HEAD", "OPTIONS"}
NOT_FOUND = 404
MOST_READINGS = 6
LONGEST = 1000  # characters; no address of ours is nearly as long
MOST_STEPS = 3
# What a redirect says as the page it leads to says it: for how long and for whom it may be kept, and who may read it.
LIKE_ITS_PAGE = (
    "Cache-Control",
    "X-Robots-Tag",
    "Access-Control-Allow-Origin",
    "Cross-Origin-Resource-Policy",
    "Cross-Origin-Opener-Policy",
    "Content-Security-Policy",
)

_SOFT_BREAK = re.compile(r"=(?:\r\n|\r|\n|\s)*")  # quoted-printable, RFC 2045 6.7; no address of ours has a "="
_QUOTED = re.compile(r"=([2-7][0-9A-Fa-f])")  # the same: "=2E" is a full stop
_STUCK = re.compile(r"[^A-Za-z0-9_-]+$")
_MARKUP = re.compile(r"[^A-Za-z0-9]+$")  # _like this_ in a chat; tokens may end so too, so this is tried last
# What no address of ours has in it, and where prose goes on, or a query that was written as a part of the path.
_ENDS = re.compile(r"[\s<>\"'()\[\]{}|`&?#\u2026\u2018-\u201f\u00ab\u00bb\u00b7,;]")
_WHOLE = re.compile(r"/*https?:/+([^/]+)", re.IGNORECASE)

Ask = Callable[[HttpRequest], HttpResponse]
_case_matters: set[str] = set()
_homes: dict[tuple[str, str], str] = {}


def is_staff_path(request: HttpRequest) -> bool:
    """Whether this address belongs to the admin, where there are sessions and cookies."""
    return request.path_info.startswith(STAFF_PATH)


def is_for_programs(request: HttpRequest) -> bool:
    """Whether this address belongs to the API, which judges requests and words its refusals itself."""
    return request.path_info.startswith(API_PATH)


def case_matters(*first: str) -> None:
    """Register first words of paths whose rest is taken literally, such as tokens."""
    _case_matters.update(first)


def home(name: str, *, of: str, under: tuple[str, ...]) -> None:
    """Register the home page of the parameter `of` in addresses whose first word is one of `under`.

    When a redirect leads that page (the view `name`) elsewhere, all addresses with it lead there too.
    """
    _homes.update(dict.fromkeys(((first, of) for first in under), name))


class SlashMiddleware(CommonMiddleware):
    """Django's own, which adds a missing last slash for staff only; for the public that is done here.

    It also refuses hosts that are not ours, but not to machines that ask how we are.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path_info in FOR_MACHINES else super().process_request(request)

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.path_info.startswith(STAFF_PATH) and super().should_redirect_with_slash(request)


def mend(request: HttpRequest, missing: HttpResponse, ask: Ask) -> HttpResponse:
    """The answer for who meant another address than the one that is `missing`, or `missing` itself.

    `ask` answers a request; its views have done nothing yet, because they found nothing to do it to.
    """
    was, path = request.path, request.path_info
    for other in _others(path):
        where, _, query = other.partition("#")[0].partition("?")
        where = "/" + unquote(where).lstrip("/")  # "//" would begin the name of a host
        request.path_info, request.path = where, was.removesuffix(path) + where
        found = _found(request, ask)
        if found.status_code != NOT_FOUND:
            return _lead(request, found, query)
    request.path_info, request.path = path, was
    return missing


def _found(request: HttpRequest, ask: Ask) -> HttpResponse:
    """The answer at the address that may be meant; a staff page needs its session, and is not asked yet."""
    if not request.path_info.startswith(STAFF_PATH):
        return ask(request)
    status = 200 if request.method in SAFE else NOT_FOUND
    return HttpResponse(status=status, headers={"Cache-Control": "no-store"})


def _lead(request: HttpRequest, found: HttpResponse, query: str) -> HttpResponse:
    """Redirect to the page found, keeping the query; the answer to a POST or of a gone page is returned itself."""
    if request.method not in SAFE or found.status_code >= 400:
        return found
    queries = "&".join(filter(None, [query, request.META.get("QUERY_STRING", "")]))
    lead = HttpResponsePermanentRedirect(quote(request.path) + (f"?{queries}" if queries else ""))
    for name in LIKE_ITS_PAGE:
        if name in found.headers:
            lead[name] = found[name]
    return lead


def _others(path: str) -> Iterator[str]:
    """Other addresses than `path` that may be meant, likeliest first; the redirects are asked once they are needed."""
    tried = {path}
    for other in chain(read(path), _moved([path, *read(path), *_spelt(path)])):
        if other not in tried:
            tried.add(other)
            yield other


def _moved(paths: list[str]) -> Iterator[str]:
    """Where these addresses lead now, by the redirects, each step as long as what it leads to has moved too."""
    for _ in range(MOST_STEPS):
        led = redirects.lead(paths, _named)
        paths = [other for path in led for other in (path, *read(path))]
        yield from paths
        if not paths:
            return


def _named(path: str) -> Iterator[tuple[str, Callable[[str], str | None]]]:
    """The home pages of what `path` names, each with what turns its new address into the new one of `path`."""
    match = _match(path)
    if match is None:
        return
    first = path.split("/", 2)[1].lower()
    for of, value in captured(match).items():
        name = _homes.get((first, of))
        if name and isinstance(value, str):
            yield reverse(name, args=[value]), partial(_renamed, match=match, of=of, name=name)


def _renamed(target: str, *, match: ResolverMatch, of: str, name: str) -> str | None:
    """The address of `match` when what `of` names is at `target` now, if that is such a page still."""
    there = _match(target)
    if there is None or there.view_name != name:
        return None
    (value,) = captured(there).values()
    return reverse(match.view_name, kwargs={**captured(match), of: value})


def captured(match: ResolverMatch) -> dict[str, Any]:
    """The values in a path for the names in its route."""
    given: dict[str, Any] = match.captured_kwargs  # type: ignore[attr-defined]  # the stubs leave it out
    return given


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def read(path: str) -> list[str]:
    """The addresses of this site that `path` may be a spelling of, likeliest first, without asking their pages."""
    either = (text + slash for text in _spelt(path) for slash in ("/", ""))
    return [other for other in dict.fromkeys(either) if other != path and _match(other)][:MOST_READINGS]


def _spelt(path: str) -> list[str]:
    """The ways to read it, likeliest first, without a last slash."""
    if len(path) > LONGEST:
        return []
    return list(dict.fromkeys(_in_case(text) for text in _spellings(_decoded(path))))


def _decoded(path: str) -> str:
    """Without double encoding, a whole address in place of a path, and invisible characters."""
    text = _seen(html.unescape(unquote(path)))
    whole = _WHOLE.match(text)
    return text[whole.end() :] if whole and is_own_host(whole[1]) else text


def _seen(text: str) -> str:
    """The text without invisible characters, such as zero-width spaces and combining marks."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cf", "Mn"})


def _spellings(text: str) -> Iterator[str]:
    """The ways to read it: whole, with its lines joined, cut where prose goes on, without a chat's markup."""
    joined = _SOFT_BREAK.sub("", text)
    quoted = _QUOTED.sub(lambda found: chr(int(found[1], 16)), text)
    for way in (text, joined, quoted):
        yield _plain("".join(way.split()))
    for way in (text, joined, quoted):
        yield _plain(_ENDS.split(way, maxsplit=1)[0])
    yield _plain(_MARKUP.sub("", _ENDS.split(joined, maxsplit=1)[0]))


def _plain(text: str) -> str:
    """With single slashes, and nothing stuck to its end."""
    return "/" + re.sub(r"[/\\]+", "/", _STUCK.sub("", text)).strip("/")


def _in_case(text: str) -> str:
    first, slash, rest = text[1:].partition("/")
    first = first.lower()
    return f"/{first}{slash}{rest if first in _case_matters else rest.lower()}".rstrip("/")


def clean_value(text: str) -> str:
    """A signed or sealed value from a link, without what was stuck to it or broke it: letters, digits, `.`, `_`, `-`.

    A quoted-printable "=3D" in front of it is the "=" of its query.
    """
    text = _SOFT_BREAK.sub("", _seen(html.unescape(text)).removeprefix("3D"))
    return _STUCK.sub("", _ENDS.split("".join(text.split()), maxsplit=1)[0])


def is_own_host(host: str) -> bool:
    """Whether `host`, with or without a port, is a name of this site."""
    own = urlsplit(identity.origin())
    try:
        asked = urlsplit(f"//{host.lower()}")
        port = asked.port
    except ValueError:
        return False
    ports = {None, 80, 443, own.port} if own.port is None else {own.port}
    return asked.hostname == own.hostname and port in ports


def at(address: str) -> Iterator[tuple[ResolverMatch, str]]:
    """The pages that a whole address of this site may mean, likeliest first, each with the query of the address.

    http stands for https, and an old or garbled address for the right one. Yields nothing for another site's.
    """
    try:
        parts = urlsplit(address.strip()[:LONGEST])
    except ValueError:
        return
    if parts.scheme.lower() not in {"http", "https"} or not is_own_host(parts.netloc.rpartition("@")[2]):
        return
    path = unquote(parts.path) or "/"
    for candidate in chain([path], _others(path)):
        if match := _match(candidate.partition("?")[0]):
            yield match, parts.query
