"""Reads the environment and refuses nonsense with a sentence that says how to mend it."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def home(default: Path) -> Path:
    """The folder of this site, with its .env and var/: UNDERSIGNED_HOME, or else `default`.

    Raises ImproperlyConfigured when there is no such folder. It is not in .env, which is looked for in it.
    """
    chosen = os.environ.get("UNDERSIGNED_HOME", "").strip()
    path = Path(chosen).expanduser().resolve() if chosen else default
    if not path.is_dir():
        raise ImproperlyConfigured(f"UNDERSIGNED_HOME is {chosen!r}: name a folder that exists.")
    return path


def read_env_file(path: Path) -> None:
    """Put the `NAME=value` lines of `path` into the environment; what is set already wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def text(name: str, default: str | None = None) -> str:
    """The text of the variable `name`; also read from the file named by `<name>_FILE`.

    Raises ImproperlyConfigured when there is neither a value nor a default.
    """
    file_name = os.environ.get(f"{name}_FILE", "")
    if file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {file_name}, which cannot be read: {error}.") from error
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment or in .env (see .env.example).")
    return value


def flag(name: str, default: bool = False) -> bool:
    """The variable `name` as yes or no (1/0, true/false, yes/no, on/off)."""
    value = os.environ.get(name, "").strip().lower() or ("1" if default else "0")
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")
    return value in TRUE


def number(name: str, default: int, least: int = 0) -> int:
    """The variable `name` as a whole number, at least `least`."""
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number, at least {least}.")
    return int(value)


def origin(name: str, default: str | None = None) -> str:
    """An origin such as https://example.org: scheme and host, no path."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name} is {value!r}: write scheme and host only, like https://example.org.")
    return value


def database(url: str) -> dict:
    """Django's settings for a `postgresql://` URL; the host may be a socket folder in `?host=`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name; "
            "Undersigned runs on PostgreSQL 14 or newer and on nothing else."
        )
    query = parse_qs(parts.query)
    host = query.get("host", [unquote(parts.hostname or "")])[0]
    port = query.get("port", [str(parts.port or "")])[0]
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or "") or query.get("user", [""])[0],
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
    }


def email(url: str) -> dict[str, object]:
    """Django's EMAIL_* settings for `smtp://user:password@host:587/?tls=starttls|implicit`."""
    parts = urlsplit(url)
    if parts.scheme != "smtp" or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:587/?tls=starttls.")
    tls = parse_qs(parts.query).get("tls", [""])[0]
    if tls not in {"", "starttls", "implicit"}:
        raise ImproperlyConfigured(f"EMAIL_URL says tls={tls}: write starttls, implicit, or leave it out.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"": 25, "starttls": 587, "implicit": 465}[tls],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
    }
