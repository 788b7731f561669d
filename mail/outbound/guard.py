"""Where a request may go: only to hosts that staff or the operator named, and never to a machine of our own network.

What a name leads to is looked up once, judged, and connected to as it was judged (door.py): a second look-up could
answer something else (DNS rebinding). Sources: OWASP's SSRF prevention sheet; IANA's special-purpose registries.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, quote, urlsplit

import idna
from django.conf import settings
from django.utils.translation import gettext as _

from mail.outbound import kinds
from mail.outbound.models import AllowedHost

Address = IPv4Address | IPv6Address

# Ways to say an IPv4 address in IPv6, behind which anything may stand, and what `is_global` is too kind to.
_REFUSED = [
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by carriers (RFC 6598)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "::/96",  # IPv4-compatible (RFC 4291, 2.5.5.1)
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291, 2.5.5.2)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64 of one's own (RFC 8215)
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056)
        "fec0::/10",  # site-local (RFC 3879)
    )
]

STRANGERS_PORTS = {443}  # nobody has us knock at others
_AS_IT_IS = "%/:?@!$&'()*+,;=-._~[]"  # RFC 3986, 2.2 and 2.3; everything else is written in its bytes


class Refused(Exception):
    """This request may not be sent, now or later; the words say how to mend it."""


class NoAddress(Exception):
    """The name servers know no address for this host, or do not answer; that may pass."""


@dataclass(frozen=True)
class Target:
    """A URL that may be asked: where it leads, by name, and whether it may lead into our own network."""

    host: str
    port: int
    path: str
    is_secure: bool
    is_private_allowed: bool


def target(url: str, *, is_stranger: bool = False) -> Target:
    """The parsed URL, if we may go there. Raises Refused.

    A stranger's host need not be on the list, and never is one of our own network, whatever the operator named.
    """
    try:
        parts = urlsplit(url)
        named, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused(_("This is no address of the web.")) from error
    if parts.username is not None or parts.password is not None or not named:
        raise Refused(_("Write the address with a host and without a log-in in it."))
    host = ascii_name(named)
    port = port or (443 if parts.scheme == "https" else 80)
    private = [] if is_stranger else _named_private(host, port)
    _judge_scheme(parts, private)
    if is_stranger and port not in STRANGERS_PORTS:
        raise Refused(_("Of hosts that are not on the list only port 443 is asked."))
    if not private and not is_stranger and not _is_allowed(host, port):
        where = {"host": shown(host, port)}
        raise Refused(
            _("%(host)s is not allowed yet. An administrator adds it under “Hosts we may send to”, with the reason.")
            % where
        )
    return Target(host, port, _path(parts), parts.scheme == "https", bool(private))


def _path(parts: SplitResult) -> str:
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_AS_IT_IS)


def path_of(url: str) -> str:
    """The path and query of a URL as they are sent. Raises Refused."""
    try:
        return _path(urlsplit(url))
    except ValueError as error:
        raise Refused(_("This is no address of the web.")) from error


def ascii_name(host: str) -> str:
    """A host as DNS has it (IDNA 2008). Raises Refused."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise Refused(_("%(host)s is no name of a host.") % {"host": host}) from error


def shown(host: str, port: int) -> str:
    """A host as the list has it: with its port, unless that is 443."""
    return host if port == 443 else f"{host}:{port}"


def host_of(url: str) -> str:
    """The host of a URL as the list has it, for the row of a request. Raises Refused."""
    try:
        parts = urlsplit(url)
        return shown(ascii_name(parts.hostname or ""), parts.port or (80 if parts.scheme == "http" else 443))
    except ValueError as error:
        raise Refused(_("This is no address of the web.")) from error


def _judge_scheme(parts: SplitResult, private: list[str]) -> None:
    is_plain_allowed = parts.scheme == "http" and any(entry.startswith("http://") for entry in private)
    if parts.scheme != "https" and not is_plain_allowed:
        raise Refused(_("Only https:// addresses can be asked."))


def _named_private(host: str, port: int) -> list[str]:
    """The entries of OUTBOUND_PRIVATE_HOSTS that name this host: `name`, `name:port`, each perhaps after http://."""
    names = {host, f"{host}:{port}", f"[{host}]", f"[{host}]:{port}"}
    return [entry for entry in settings.OUTBOUND_PRIVATE_HOSTS if entry.removeprefix("http://") in names]


def _is_allowed(host: str, port: int) -> bool:
    wanted = shown(host, port)
    own = [host_of(named) if "://" in named else named for named in kinds.hosts_of_operator()]
    return wanted in own or AllowedHost.objects.filter(host=wanted).exists()


def may_connect(address: Address) -> bool:
    """Whether an address is a machine of the public internet, written as itself."""
    if any(address in network for network in _REFUSED if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


# What asks the name servers; a test puts its own here.
Resolver = Callable[[str, int], list[str]]


def _ask_system(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[4][0]).partition("%")[0] for place in found))


resolver: Resolver = _ask_system


def resolve(where: Target, seconds: float) -> list[str]:
    """The addresses of a target that may be connected to, looked up once. Raises Refused and NoAddress.

    The system's resolver knows no time limit, so it is asked in a thread that nobody waits for any longer.
    """
    answered: SimpleQueue[list[str] | BaseException] = SimpleQueue()

    def ask() -> None:
        try:
            answered.put(resolver(where.host, where.port))
        except (OSError, UnicodeError) as error:
            answered.put(error)

    threading.Thread(target=ask, name="name server", daemon=True).start()
    try:
        found = answered.get(timeout=seconds)
    except Empty as error:
        raise NoAddress(f"The name servers did not answer about {where.host}.") from error
    if isinstance(found, BaseException) or not found:
        raise NoAddress(f"The name servers know no address of {where.host}.")
    return _permitted(where, found)


def _permitted(where: Target, found: list[str]) -> list[str]:
    good = [one for one in found if where.is_private_allowed or may_connect(ip_address(one))]
    if not good:
        raise Refused(
            _(
                "%(host)s leads to %(address)s, which is not on the public internet. If it is a machine of yours, "
                "whoever runs this site can name it in OUTBOUND_PRIVATE_HOSTS."
            )
            % {"host": where.host, "address": found[0]}
        )
    return good
