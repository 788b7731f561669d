"""The common form of EMAIL_URL, CACHE_URL and the like: scheme://user:password@host:port/path?option=value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured

from undersigned.environment.reading import did_you_mean
from undersigned.environment.web import canonical_host

FORM = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?:(?P<user>[^\s:/?#\[\]]*)(?::(?P<password>[^\s/?#\[\]]*))?@)?"
    r"(?P<host>\[[^\[\]]+\]|[^\s:/?#\[\]@]*)(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/[^\s?#]*)?(?:\?(?P<query>[^\s#]*))?",
    re.IGNORECASE,
)
PERCENT = "Signs such as # / ? [ ] % and spaces in a name or password are written with %: # as %23, / as %2F, % as %25."


@dataclass(frozen=True)
class Service:
    """Where a service answers; what is left out is an empty text, or 0 for the port."""

    scheme: str
    user: str
    password: str
    host: str
    port: int
    path: str
    options: dict[str, str]


def split(name: str, url: str, like: str, options: Iterable[str]) -> Service:
    """The parts of `url`, which is the setting `name` and looks like `like`; only `options` are known after its `?`.

    Raises ImproperlyConfigured with a sentence that repeats no part of the name or password.
    """
    found = FORM.fullmatch(url)
    if not found or re.search(r"%(?![0-9a-fA-F]{2})", url):
        raise ImproperlyConfigured(f"{name} must look like {like}. {PERCENT}")
    port = int(found["port"] or 0)
    if found["port"] and not 0 < port < 65536:
        raise ImproperlyConfigured(f"{name} has the port {found['port']}: ports go from 1 to 65535.")
    try:
        host = canonical_host(unquote(found["host"]), underscores=True) if found["host"] else ""
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must look like {like}, with a host name after the last @.") from error
    return Service(
        found["scheme"].lower(),
        unquote(found["user"] or ""),
        unquote(found["password"] or ""),
        host,
        port,
        unquote(found["path"] or ""),
        options_of(name, found["query"] or "", options),
    )


def options_of(name: str, query: str, known: Iterable[str]) -> dict[str, str]:
    """The options of a query, each once, with a value, and one of `known`."""
    known = sorted(known)
    found: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        option, equals, value = (unquote(piece) for piece in part.partition("="))
        if option not in known:
            meant = did_you_mean(option, known) or f" It knows {', '.join(known)}." * (len(known) < 20)
            raise ImproperlyConfigured(f"{name} has no option {option!r}.{meant}")
        if not equals or not value:
            raise ImproperlyConfigured(f"{name} has the option {option} without a value: write {option}=….")
        if option in found:
            raise ImproperlyConfigured(f"{name} has the option {option} twice: keep one.")
        found[option] = value
    return found
