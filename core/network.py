"""The visitor's network address: one function for limits, reports, codes and the lock-out of staff.

What cannot be known here: a server that hands headers over as CGI variables (granian's WSGI does) folds
`X_Forwarded_For` and `X-Forwarded-For` into one name, and the later one wins, so a visitor could write their own
address where the proxy lets header names with `_` pass. nginx and gunicorn drop them, Caddy must be told to
(docs/operating.md); `probe` sees from outside whether it was.
"""

import hashlib
import hmac
import ipaddress
import re
from base64 import urlsafe_b64encode
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from core.models import AddressKey

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HttpRequest) -> str:
    """The visitor's address in its canonical spelling, or an empty text where there is none (a socket of this machine).

    Proxies are counted from the right: only the last TRUSTED_PROXIES entries of X-Forwarded-For were written by
    machines of ours. Where there are fewer, or ours is none that can be read, it is whoever has asked.
    """
    return str(_client(request) or "")


def _client(request: HttpRequest) -> IPAddress | None:
    return next((found for text in _said(request) if (found := parsed(text))), None)


def _said(request: HttpRequest) -> list[str]:
    """What may be the visitor's address, the likeliest first."""
    proxies = settings.TRUSTED_PROXIES
    chain = forwarded(request) if proxies > 0 else []
    return [*(chain[-proxies:][:1] if 0 < proxies <= len(chain) else ()), request.META.get("REMOTE_ADDR", "")]


def forwarded(request: HttpRequest) -> list[str]:
    """The entries of X-Forwarded-For as they were sent, the nearest machine last."""
    return [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]


def parsed(text: str) -> IPAddress | None:
    """An address as proxies write it: quoted, in brackets, with a port, with a zone; an IPv4 one in IPv6 is IPv4.

    None for what is no address, such as the `unknown` and `_hidden` of RFC 7239, 6. Zones (RFC 4007) are the server's
    own interfaces, and mean nothing elsewhere.
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def network(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 of an IPv6 one, which one household owns."""
    if is_plain(address):
        return address
    found = parsed(address)
    if found is None:
        return ""
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PLAIN = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}")


def is_plain(address: str) -> bool:
    """Whether that is an IPv4 address as it is usually written; `ipaddress` takes twenty times as long to say so."""
    return _PLAIN.fullmatch(address) is not None


def _network_of(request: HttpRequest) -> str:
    return next(filter(None, map(network, _said(request))), "")


def ip_key(request: HttpRequest) -> str:
    """A keyed hash of the visitor's network, 22 characters; unlinkable once the day's secret is destroyed."""
    where = _network_of(request)
    if not where:
        return ""
    digest = hmac.digest(_secret_of_day(timezone.now().date()), where.encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def hidden_address(request: HttpRequest) -> str:
    """An address that stands for the visitor's network and is nobody's, for packages that keep addresses (axes).

    A keyed hash, as in `ip_key`, written as one of the addresses that nobody is given by others (RFC 4193, `fd00::/8`).
    At midnight (UTC) everybody has another one.
    """
    where = _network_of(request)
    digest = hmac.digest(_secret_of_day(timezone.now().date()), f"login {where}".encode(), hashlib.sha256)
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


_secret_of_day = lru_cache(maxsize=2)(AddressKey.of)
