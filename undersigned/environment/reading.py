"""Reading single values: texts, switches, numbers. Names are recorded, so that an unknown one is refused."""

import os
import re
import zoneinfo
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from undersigned.environment import file

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
MOST_DIGITS = 18
PROVIDER = "ANYMAIL_"  # mail/checks.py proves those

# What other programs read that are handed the same file: containers, PostgreSQL's clients, web servers, Python.
FAMILIES = (
    *("COMPOSE_", "DOCKER_", "PODMAN_", "POSTGRES_", "PG", "GRANIAN_", "GUNICORN_", "PYTHON"),
    *("SSL_CERT_", "REQUESTS_CA_", "LC_"),
)
FOREIGN = {
    *("DJANGO_SETTINGS_MODULE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "LANG", "LANGUAGE", "TZ"),
    *("TMPDIR", "TZDIR"),
}

_asked: set[str] = set()


def home(default: Path) -> Path:
    """The folder of this site, with its .env and var/: UNDERSIGNED_HOME, or else `default`.

    Raises ImproperlyConfigured when there is no such folder. It is not in .env, which is looked for in it.
    """
    chosen = os.environ.get("UNDERSIGNED_HOME", "").strip()
    path = Path(chosen).expanduser().resolve() if chosen else default
    if not path.is_dir():
        raise ImproperlyConfigured(f"UNDERSIGNED_HOME is {chosen!r}: name a folder that exists.")
    return path


def text(name: str, default: str | None = None) -> str:
    """The text of the variable `name`, or of the file that `<name>_FILE` names.

    Raises ImproperlyConfigured when there is neither a value nor a default, or when both are set.
    """
    _asked.update((name, f"{name}_FILE"))
    said = os.environ.get(name, "").strip()
    secret = os.environ.get(f"{name}_FILE", "").strip()
    if said and secret:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
    value = (_content(name, secret) if secret else said) or default
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment or in .env (see .env.example).{_perhaps(name)}")
    return value


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which is not UTF-8.") from error


def _perhaps(name: str) -> str:
    """Whether the file has a name that may have been meant for `name`."""
    spelt = {other.upper(): other for other in file.lines if other not in _asked}
    found = spelt.get(nearest(name, spelt), "")
    return f" Line {file.lines[found]} of {file.file_name} says {found}." if found else ""


def flag(name: str, default: bool = False) -> bool:
    """The variable `name` as yes or no (1/0, true/false, yes/no, on/off)."""
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")
    return value in TRUE


def number(name: str, default: int, least: int = 0) -> int:
    """The variable `name` as a whole number, at least `least`."""
    value = text(name, str(default))
    if not value.isdecimal() or len(value) > MOST_DIGITS or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number, at least {least}.")
    return int(value)


def shaped(name: str, default: str, *, pattern: str, like: str) -> str:
    """A text that `pattern` matches as a whole, such as `like`; or an empty one."""
    value = text(name, default)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} is {value!r}: write it like {like}.")
    return value


def zone(name: str, default: str) -> str:
    """A time zone by its name in the tz database, such as Europe/London; the case is mended."""
    value = text(name, default)
    known = zoneinfo.available_timezones()
    found = value if value in known else {other.lower(): other for other in known}.get(value.lower())
    if found is None:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is no time zone.{did_you_mean(value, known)} Write one such as Europe/London."
        )
    return found


def refuse_unknown() -> None:
    """Call it after all settings have been read: any other name in .env is a typing error.

    The environment of the process holds much that is not ours, so nothing is said about that. Raises
    ImproperlyConfigured.
    """
    if "UNDERSIGNED_HOME" in file.lines:
        raise ImproperlyConfigured(
            f"{file.file_name}, line {file.lines['UNDERSIGNED_HOME']}: UNDERSIGNED_HOME says where this file is, so it "
            f"can't stand in it. Set it in the environment."
        )
    for name, line in file.lines.items():
        is_foreign = name.upper() in FOREIGN or name.upper().startswith((*FAMILIES, PROVIDER))
        if name not in _asked and not is_foreign:
            meant = did_you_mean(name.upper(), _asked) or " The settings are listed in .env.example."
            raise ImproperlyConfigured(f"{file.file_name}, line {line}: there is no setting {name}.{meant}")


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of `known` that `word` was probably meant to be, or an empty text."""
    return next(iter(get_close_matches(word, sorted(known), n=1)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence with a space before it, or an empty text."""
    found = nearest(word, known)
    return f" Did you mean {found}?" if found else ""


ROLES = ("Administrator", "Campaigner", "Moderator", "Auditor")


def roles(name: str) -> list[tuple[str, str]]:
    """Pairs such as `web-admins=Administrator; mods=Moderator`: a group, and the role that it gives."""
    found = [tuple(part.strip() for part in pair.rpartition("=")[::2]) for pair in text(name, "").split(";") if pair]
    for group, role in found:
        if not group or role not in ROLES:
            raise ImproperlyConfigured(
                f"{name} must look like group=Moderator; other=Auditor. Roles: {', '.join(ROLES)}."
            )
    return [(group, role) for group, role in found]
