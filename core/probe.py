"""Whether this site can be reached at its own public address, and whether what stands before it tells the truth.

Both are asked through ORIGIN, since from inside neither can be seen (core/network.py says why). A request goes out with
a header name in `_` and an X-Forwarded-For of ours; `/healthz` says how it arrived, and only to who knows SECRET_KEY.
Then the home page is fetched, and followed where it leads, as long as that is this site.
"""

import json
import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.translation import gettext

from core import network

SALT = "core.probe"
MADE_UP = "192.0.2.77"  # reserved for documentation (RFC 5737): nobody's address
GOOD_FOR_SECONDS = 60
TIMEOUT_SECONDS = 5
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
AWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
KEPT_OUT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class NoAnswer(Exception):
    """The site's own public address does not answer as this site does; the text says how it failed, and what to do."""


@dataclass(frozen=True)
class Found:
    """How many machines wrote themselves into X-Forwarded-For, whether names with `_` arrived, and whether by HTTPS."""

    proxies: int
    underscores: bool
    secure: bool


@dataclass(frozen=True)
class _Answer:
    status: int
    location: str
    body: bytes


def ask() -> Found:
    """Ask the site through ORIGIN how we arrive. Raises NoAnswer."""
    token = signing.dumps("probe", salt=SALT)
    headers = {"X-Undersigned-Probe": token, "X_Undersigned_Underscore": token, "X-Forwarded-For": MADE_UP}
    answer = _fetch(f"{settings.ORIGIN}/healthz", headers)
    if answer.location:
        raise NoAnswer(_leads_on(urljoin(f"{settings.ORIGIN}/healthz", answer.location)))
    _refuse(answer.status)
    try:
        said = json.loads(answer.body)
        found = Found(**said["probe"])
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswer(
            gettext(
                "Another site answers at %(origin)s, or one with another SECRET_KEY: have the "
                "proxy lead that name to this site, or set ORIGIN to this site's own."
            )
            % {"origin": settings.ORIGIN}
        ) from error
    if not said.get("is_host_known", True):
        _refuse(HTTPStatus.BAD_REQUEST)
    return found


def follow() -> None:
    """See that a visitor who opens ORIGIN ends on a page of this site. Raises NoAnswer."""
    found = ask()
    if settings.ORIGIN.startswith("https://") and not found.secure:
        raise NoAnswer(_comes_by_http(found))
    url = f"{settings.ORIGIN}/"
    seen = {url}
    for _ in range(MOST_REDIRECTS):
        answer = _fetch(url, {})
        if not answer.location:
            return _refuse(answer.status)
        url = urljoin(url, answer.location)
        if _origin(url) != _origin(settings.ORIGIN):
            raise NoAnswer(_leads_on(url))
        if url in seen:
            break
        seen.add(url)
    raise NoAnswer(
        f"{settings.ORIGIN}/ redirects for ever, over {url}: take the proxy's own redirects away, and have it reach "
        "the web server as visitors reach it."
    )


def _comes_by_http(found: Found) -> str:
    loop = gettext("Visitors come by HTTPS, but the web server is not told so and would send them there for ever: ")
    if not settings.TRUSTED_PROXIES:
        return f"{loop}set TRUSTED_PROXIES={found.proxies or 1}, and have the proxy send X-Forwarded-Proto: https."
    return f"{loop}have the proxy send X-Forwarded-Proto: https."


def _leads_on(url: str) -> str:
    scheme, host, port = _origin(url)
    there = f"{scheme}://{host}" + (f":{port}" if port != PORTS.get(scheme) else "")
    if there == settings.ORIGIN:
        return gettext("%(origin)s/healthz leads on to %(url)s: have the proxy leave that path to this site.") % {
            "origin": settings.ORIGIN,
            "url": url,
        }
    return gettext(
        "%(origin)s leads on to %(there)s: set ORIGIN to that if it is this site, or take the redirect away."
    ) % {"origin": settings.ORIGIN, "there": there}


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme, parts.hostname or "", port or PORTS.get(parts.scheme)


def _refuse(status: int) -> None:
    """Raise NoAnswer for a status that no page of ours has for a visitor of the home page."""
    host = urlsplit(settings.ORIGIN).hostname
    if status == HTTPStatus.BAD_REQUEST:
        raise NoAnswer(
            gettext(
                "The web server refuses the host name it is asked for (400): have the proxy pass "
                "on Host: %(host)s, or add the name it sends to EXTRA_HOSTS."
            )
            % {"host": host}
        )
    if status in AWAY:
        raise NoAnswer(
            gettext("The proxy reaches no web server (%(status)s): start it, and see that both name the same port.")
            % {"status": status}
        )
    if status in KEPT_OUT:
        raise NoAnswer(
            gettext("The proxy keeps visitors out (%(status)s): take the password or the rule away.")
            % {"status": status}
        )
    if status != HTTPStatus.OK:
        raise NoAnswer(
            gettext("%(origin)s answers with status %(status)s: look into the logs of web server and proxy.")
            % {"origin": settings.ORIGIN, "status": int(status)}
        )


class _Staying(HTTPRedirectHandler):
    """Follows nothing by itself: where it leads is what we want to know."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _fetch(url: str, headers: dict[str, str]) -> _Answer:
    request = Request(url, headers={"User-Agent": "Undersigned", **headers})  # noqa: S310  ORIGIN is http or https
    try:
        with build_opener(_Staying).open(request, timeout=TIMEOUT_SECONDS) as response:
            return _Answer(response.status, "", response.read(4096))
    except HTTPError as error:
        with error:
            is_redirect = error.code in range(300, 400)
            return _Answer(error.code, error.headers.get("Location", "") if is_redirect else "", b"")
    except (URLError, HTTPException, OSError) as error:
        raise NoAnswer(_why(getattr(error, "reason", error))) from error


def _why(error: object) -> str:
    """What keeps us from any answer, and what to do about it."""
    host = urlsplit(settings.ORIGIN).hostname
    if isinstance(error, ssl.SSLCertVerificationError):
        return gettext("The certificate is not valid (%(said)s): give the proxy a valid one for %(host)s.") % {
            "said": error.verify_message,
            "host": host,
        }
    if isinstance(error, ssl.SSLError):
        return gettext("No HTTPS is spoken at %(origin)s (%(reason)s): give the proxy a certificate for %(host)s.") % {
            "origin": settings.ORIGIN,
            "reason": error.reason,
            "host": host,
        }
    if isinstance(error, socket.gaierror):
        return gettext("No name server knows %(host)s: publish its address, or mend ORIGIN.") % {"host": host}
    if isinstance(error, ConnectionRefusedError):
        return gettext("Nobody listens at %(origin)s: start the proxy, or mend ORIGIN.") % {"origin": settings.ORIGIN}
    if isinstance(error, TimeoutError):
        return gettext("%(origin)s is silent for %(seconds)s seconds from here: look for a firewall between.") % {
            "origin": settings.ORIGIN,
            "seconds": TIMEOUT_SECONDS,
        }
    return gettext("%(origin)s does not answer from here (%(error)s): mend the proxy or ORIGIN.") % {
        "origin": settings.ORIGIN,
        "error": str(error) or type(error).__name__,
    }


def answer(request: HttpRequest) -> dict[str, Any]:
    """How a probe of our own arrived, as a part of /healthz; nothing for anybody else."""
    token = request.META.get("HTTP_X_UNDERSIGNED_PROBE")
    if not token or not _is_ours(token):
        return {}
    chain = network.forwarded(request)
    after = chain[len(chain) - chain[::-1].index(MADE_UP) :] if MADE_UP in chain else chain
    underscores = request.META.get("HTTP_X_UNDERSIGNED_UNDERSCORE") == token
    found = {"proxies": len(after), "underscores": underscores, "secure": request.is_secure()}
    return {"probe": found, "is_host_known": _is_host_known(request)}


def _is_host_known(request: HttpRequest) -> bool:
    """Whether a visitor who came by this host name would be answered; /healthz itself answers by any."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _is_ours(token: str) -> bool:
    try:
        return signing.loads(token, salt=SALT, max_age=GOOD_FOR_SECONDS) == "probe"
    except signing.BadSignature:
        return False
