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
    if _is_bare_ipv6(written) and "://" not in written:
        return written
    return urlsplit(written if "://" in written else f"//{written}").hostname or ""


def web_address(name: str, default: str, *, in_the_open: list[str]) -> str:
    """An https:// address of a service, with a slash at its end, no query; http:// for a machine of our own network,
    whose host `in_the_open` has as private_hosts() wrote it. Raises ImproperlyConfigured.
    """
    value = text(name, default)
    try:
        parts = urlsplit(value)
        start = _origin(f"{parts.scheme}://{parts.netloc}")
        if re.search(r"[\s?#\\]", value):
            raise ValueError(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be an address such as https://example.org/1.1/.") from error
    if parts.scheme.lower() == "http" and not {start, start.removesuffix(f":{parts.port}")} & set(in_the_open):
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which would be asked in the open: write https://, or name {start} in "
            f"OUTBOUND_PRIVATE_HOSTS as well if it is a machine of your own network."
        )
    return start + (parts.path.rstrip("/") or "") + "/"


def private_hosts(name: str) -> list[str]:
    """Machines of our own network, parted by spaces or commas: `host` or `host:port` to be asked by https, and after
    `http://` in the open as well. Capitals, a last slash and other scripts are mended; `https://` says nothing more.
    Raises ImproperlyConfigured for anything else, such as a path, a range of addresses or `*`.
    """
    return [_private_host(name, written) for written in re.split(r"[\s,]+", text(name, "")) if written]


def _private_host(name: str, written: str) -> str:
    scheme, mark, rest = written.rpartition("://")
    try:
        if (mark and scheme.lower() not in PORTS) or re.search(r"[/?#@\\]", rest.removesuffix("/")):
            raise ValueError(written)
        named = rest if not _is_bare_ipv6(rest) else f"[{rest}]"
        parts = urlsplit(f"//{named}")
        host = bracketed(canonical_host(parts.hostname or "", underscores=True))
        if parts.port == 0:
            raise ValueError(written)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} has {written!r}: name single machines, like list.internal, 10.0.0.5:9000 or "
            f"http://list.internal:9000, parted by spaces."
        ) from error
    return ("http://" if scheme.lower() == "http" else "") + host + (f":{parts.port}" if parts.port else "")


def _is_bare_ipv6(written: str) -> bool:
    return written.count(":") > 1 and not written.startswith("[")
