"""Where the addresses of this site lead on another host: as a table, and as a map for nginx."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext

from core import csv
from core.models import Redirect
from organisations.models import Organisation
from petitions.models import Event, Statement

_ORIGIN = re.compile(r"https?://[^/\s?#\"\\$]+(?:/[^\s?#\"\\$]*)?")


class NoOrigin(ValueError):
    """This is no address of a site."""

    def __str__(self) -> str:
        return gettext("Write where the site is now, such as https://sign.example.org.")


def clean_origin(typed: str) -> str:
    """The address of the new site, without a slash at its end. Raises NoOrigin."""
    found = _ORIGIN.fullmatch(typed.strip())
    if found is None or not urlsplit(found[0]).hostname:
        raise NoOrigin
    return found[0].rstrip("/")


def pairs(statements: list[Statement], *, to: str) -> Iterator[tuple[str, str]]:
    """Old path and new address, one after the other: pages, and what led to them from the table of redirects."""
    own = [statement.get_absolute_url() for statement in statements]
    events = Event.objects.filter(statement__in=statements).order_by("pk")
    own += [event.get_absolute_url() for event in events]
    backing = Organisation.objects.filter(endorsements__statement__in=statements).order_by("pk").distinct()
    own += [organisation.get_absolute_url() for organisation in backing]
    yield from ((path, f"{to}{path}") for path in own)
    for redirect in Redirect.objects.order_by("pk").iterator():
        if any(redirect.target.startswith(path) for path in own):
            yield redirect.path, f"{to}{redirect.target}"


def as_csv(statements: list[Statement], *, to: str) -> Iterator[bytes]:
    """Two columns, for any server."""
    yield csv.BOM + csv.line(["old", "new"])
    for old, new in pairs(statements, to=to):
        yield csv.line([old, new])


def as_nginx(statements: list[Statement], *, to: str) -> Iterator[bytes]:
    """A map for nginx. All that is below a statement's address leads to the same place below the new one."""
    yield _HEAD.encode()
    for old, new in pairs(statements, to=to):
        if old.endswith("/"):
            yield f'    {_quoted("~^" + re.escape(old) + "(?<rest>.*)$")} {_quoted(new)[:-1]}$rest";\n'.encode()
            old = old.rstrip("/")  # noqa: PLW2901  without its slash it is another one
        yield f"    {_quoted(old)} {_quoted(new)};\n".encode()
    yield b"}\n"


_HEAD = """# Where the addresses of the old site lead. In the http part of nginx:
#     include /etc/nginx/undersigned-moved.map;
# and in its server:
#     if ($undersigned_moved) { return 301 $undersigned_moved$is_args$args; }
map $uri $undersigned_moved {
    default "";
"""


def _quoted(text: str) -> str:
    """As nginx reads a string; `$` would be a variable, and nothing of ours has one but a pattern's end."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
