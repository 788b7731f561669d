"""Links that carry a statement further: plain addresses, no network's script (UX 2.7)."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.db import connection
from django.utils.translation import gettext as _

from petitions.statements.models import Statement


def address(statement: Statement, via: str = "") -> str:
    """The statement's whole address, with a source code when there is one."""
    query = f"?{urlencode({'via': via})}" if via else ""
    return f"{statement.who.home}{statement.get_absolute_url()}{query}"


def whole(statement: Statement, path: str) -> str:
    """The whole address of a page of this site that is about the statement, at its publisher's own host."""
    return f"{statement.who.home}{path}"


BLUESKY_LETTERS = 300
LEAST_SHOWN, MOST_COUNTED = 20, 10_000
SERVER = re.compile(r"(?=.{4,253}\Z)[a-z0-9-]+(\.[a-z0-9-]+)+")


def clean_server(typed: str) -> str:
    """The host name of a Mastodon server in what somebody typed, such as `mastodon.social`, or nothing."""
    name = typed.strip().lower().removeprefix("https://").removeprefix("@").rstrip("/").rpartition("@")[2]
    return name if SERVER.fullmatch(name) else ""


def _words(statement: Statement) -> str:
    if statement.who.share_words:
        return statement.who.share_words
    return _("I've just signed “%(title)s”. Will you sign too? It takes a minute:") % {"title": statement.title}


def mastodon(statement: Statement, server: str, via: str = "") -> str:
    """Where to share on the reader's own server."""
    text = f"{_words(statement)} {address(statement, via or 'masto')}"
    return f"https://{server}/share?text={quote(text, safe='')}"


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def links(statement: Statement, via: str = "") -> dict[str, str]:
    """Where to share to, by name, and the `words` and `via` that go with it.

    A partner's `via` survives the re-share; else each way has a code of its own.
    """
    text = _words(statement)

    def url(code: str) -> str:
        return address(statement, via or code)

    def both(code: str, between: str = " ", room: int = 1000) -> str:
        where = between + url(code)
        return quote(_short(text, room - len(where)) + where, safe="")

    in_mail = both("mail", "\r\n\r\n")
    alone = quote(text, safe="")
    return {
        "via": via,
        "words": text,
        "copy": url("link"),
        "whatsapp": f"https://wa.me/?text={both('wa')}",
        "facebook": f"https://www.facebook.com/sharer/sharer.php?u={quote(url('fb'), safe='')}",
        "x": f"https://x.com/intent/post?text={alone}&url={quote(url('x'), safe='')}",
        "bluesky": f"https://bsky.app/intent/compose?text={both('bsky', room=BLUESKY_LETTERS)}",
        "telegram": f"https://t.me/share/url?url={quote(url('tg'), safe='')}&text={alone}",
        "email": f"mailto:?subject={quote(statement.title, safe='')}&body={in_mail}",
        "sms": f"sms:?&body={both('sms')}",
    }


@dataclass(frozen=True)
class Brought:
    """How many confirmed signatures a source code brought; `is_least` when there were too many to count on a page."""

    people: int
    is_least: bool

    @property
    def is_shown(self) -> bool:
        """Whether it is too many to tell by it who signed: anybody may send one person a code of its own."""
        return self.people >= LEAST_SHOWN


# The newest signatures with the code on any statement: a code that brought millions costs no more than one of ours.
_BROUGHT = """
SELECT count(*) FILTER (WHERE statement_id = %(statement)s AND state = 'confirmed'), count(*) = %(most)s
FROM (
    SELECT statement_id, state FROM petitions_signature WHERE via = %(via)s ORDER BY id DESC LIMIT %(most)s
) newest
"""


def brought(statement: Statement, via: str) -> Brought:
    """Count them, at most MOST_COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(_BROUGHT, {"statement": statement.pk, "via": via, "most": MOST_COUNTED})
        return Brought(*cursor.fetchone())
