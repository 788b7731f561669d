"""The database and the shared cache."""

from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict

from undersigned.environment import urls
from undersigned.environment.reading import did_you_mean
from undersigned.environment.web import canonical_host

DATABASE_LIKE = "postgresql://user:password@host:5432/name"
# PostgreSQL's manual, 32.1.2 and 32.19.1. libpq itself notices a wrong one only when it connects, a page at a time.
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# Django's own names for what libpq calls otherwise.
NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def database(url: str) -> dict[str, Any]:
    """Django's settings for a `postgresql://` URL as libpq reads it: several hosts, a socket folder in `?host=`.

    What libpq knows besides, such as `sslmode` and `sslrootcert`, is passed on in OPTIONS. Raises
    ImproperlyConfigured for anything that libpq would refuse, or read otherwise than it was meant.
    """
    url = url.strip()
    if not url.lower().startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            f"DATABASE_URL must look like {DATABASE_LIKE}; "
            "Undersigned runs on PostgreSQL 14 or newer and on nothing else."
        )
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    urls.options_of("DATABASE_URL", url.partition("?")[2], known | {"ssl"})
    scheme, _, rest = url.partition("://")
    try:
        found = conninfo_to_dict(f"{scheme.lower()}://{rest}")
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL must look like {DATABASE_LIKE}. {urls.PERCENT}") from error
    _prove_database(found)
    named = {django: str(found.pop(libpq, "")) for django, libpq in NAMES.items()}
    return {**named, "HOST": ",".join(map(_database_host, named["HOST"].split(","))), "OPTIONS": found}


def _prove_database(found: dict[str, Any]) -> None:
    """An unwritten / or @ in a password moves what follows into the port, the host or the name."""
    host, port, name = (str(found.get(part, "")) for part in ("host", "port", "dbname"))
    ports_are_good = all(not one or (one.isdecimal() and 0 < int(one) < 65536) for one in port.split(","))
    if not ports_are_good or "@" in host or "@" in name or not (name.strip("/") or "service" in found):
        raise ImproperlyConfigured(f"DATABASE_URL must look like {DATABASE_LIKE}. {urls.PERCENT}")
    found["dbname"] = name.strip("/")
    mode = found.get("sslmode", SSL_MODES[0])
    if mode not in SSL_MODES:
        meant = did_you_mean(str(mode), SSL_MODES) or f" Write one of {', '.join(SSL_MODES)}."
        raise ImproperlyConfigured(f"DATABASE_URL has sslmode={mode}, which does not exist.{meant}")


def _database_host(host: str) -> str:
    if not host or host.startswith(("/", "@")):  # this machine, or a socket
        return host
    try:
        return canonical_host(host, underscores=True)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL must look like {DATABASE_LIKE}, with a host name after the last @."
        ) from error


def cache(url: str) -> str:
    """A `redis://` URL, or `rediss://` with TLS, which is always verified; with `?ssl_ca_certs=` for a CA of one's own.

    Raises ImproperlyConfigured, also where the package for it is missing.
    """
    like = "redis://127.0.0.1:6379/0"
    found = urls.split("CACHE_URL", url, like, ["db", "ssl_ca_certs"])
    if found.scheme not in {"redis", "rediss"} or not found.host:
        raise ImproperlyConfigured(f"CACHE_URL must look like {like}, or rediss:// with TLS.")
    if found.scheme == "redis" and "ssl_ca_certs" in found.options:
        raise ImproperlyConfigured("CACHE_URL names a CA, but redis:// has no TLS: write rediss://.")
    if find_spec("redis") is None:
        raise ImproperlyConfigured("CACHE_URL needs the package redis: install requirements/extras.txt.")
    return url
