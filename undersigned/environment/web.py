"""Origins, hosts and addresses of the web, in their one canonical form (RFC 3986, 6.2; RFC 5891 for other scripts)."""

import ipaddress
import re
from urllib.parse import urlsplit

import idna
from django.core.exceptions import ImproperlyConfigured

from undersigned.environment.reading import text

PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def canonical_host(written: str, underscores: bool = False) -> str:
    """`Bücher.EXAMPLE.` as `xn--bcher-kva.example`; an IPv6 address without brackets. Raises ValueError.

    Host names have no `_` (RFC 952, RFC 1123, 2.1), and Django answers none that has; names inside a network may.
    """
    written = written.removeprefix("[").removesuffix("]").removesuffix(".")
    try:
        return str(ipaddress.ip_address(written))
    except ValueError:
        host = written.lower() if written.isascii() else idna.encode(written, uts46=True).decode()
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(written)
    if "_" in host and not underscores:
        raise ValueError(written)
    if host.replace(".", "").isdigit():  # an IPv4 address with a mistake in it
        raise ValueError(written)
    return host


def bracketed(host: str) -> str:
    """The host as it stands in an address: IPv6 in brackets (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def origin(name: str, default: str | None = None) -> str:
    """An origin such as https://example.org: scheme and host, and a port where it is not the scheme's own.

    Capitals, a last slash, a last stop, the scheme's own port and letters that host names write as punycode are
    mended. Raises ImproperlyConfigured for a path, a query, a name and password, or anything that is no host.
    """
    value = text(name, default)
    try:
        return _origin(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write scheme and host only, like https://example.org."
        ) from error


def _origin(value: str) -> str:
    if re.search(r"[\s?#@\\]", value):
        raise ValueError(value)
    parts = urlsplit(value)
    if parts.scheme not in PORTS or parts.path.strip("/"):
        raise ValueError(value)
    host = bracketed(canonical_host(parts.hostname or ""))
    port = parts.port
    if port == 0:
        raise ValueError(value)
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != PORTS[parts.scheme] else "")


def allowed_host(origin: str) -> str:
    """The host of an origin as Django's ALLOWED_HOSTS has it."""
    return bracketed(urlsplit(origin).hostname or "")


def hosts(name: str) -> list[str]:
    """Host names parted by spaces or commas, as Django's ALLOWED_HOSTS has them: `.example.org` is a domain with all
    under it. Whole addresses are taken, and their hosts used. Raises ImproperlyConfigured, also for `*`.
    """
    return [_host(name, written) for written in re.split(r"[\s,]+", text(name, "")) if written]


def _host(name: str, written: str) -> str:
    try:
        if written.startswith((".", "*.")):
            return "." + canonical_host(written.lstrip("*").lstrip("."))
        return bracketed(canonical_host(_without_port(written)))
    except ValueError as error:
        advice = "name each one, or .example.org for a domain with all under it" if "*" in written else "write hosts"
        raise ImproperlyConfigured(f"{name} has {written!r}: {advice}, parted by spaces.") from error


def _without_port(written: str) -> str:
    if written.count(":") > 1 and not written.startswith("[") and "://" not in written:  # IPv6
        return written
    return urlsplit(written if "://" in written else f"//{written}").hostname or ""


def web_address(name: str, default: str) -> str:
    """An http:// or https:// address of a service, with a slash at its end, no query. Raises ImproperlyConfigured."""
    value = text(name, default)
    parts = urlsplit(value)
    try:
        start = _origin(f"{parts.scheme}://{parts.netloc}")
        if re.search(r"[\s?#\\]", value):
            raise ValueError(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be an address such as https://example.org/1.1/.") from error
    return start + (parts.path.rstrip("/") or "") + "/"
