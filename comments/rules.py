"""The rules a thread is kept by, and what they say about a text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments import text
from comments.models import Approve, Order, Rules, SiteRules, Thread
from core.speed.prepared import Prepared


@dataclass(frozen=True)
class InForce:
    """The rules of one thread: its own where it has one, else the site's. Listed words of both apply."""

    approve: str = Approve.FIRST_TIMERS
    trusted_after: int = 1
    links_allowed: int = 0
    depth: int = 2
    per_page: int = 50
    order: str = Order.OLDEST
    close_after_days: int = 0
    reports_hide: int = 3
    watched_words: str = ""
    refused_words: str = ""

    @property
    def newest_first(self) -> bool:
        """Whether the latest comment is read first."""
        return self.order == Order.NEWEST

    @property
    def takes_replies(self) -> bool:
        """Whether a comment can be answered."""
        return self.depth > 1


_of_the_site = Prepared(SiteRules.objects.all)
_WORDS = ("watched_words", "refused_words")


def of(thread: Thread, site: Iterable[SiteRules] | None = None) -> InForce:
    """The rules of `thread`, in one query for the site's unless they are given (threads.look brings them)."""
    rows = [thread, *(_of_the_site() if site is None else site)]
    chosen: dict[str, Any] = {name: "\n".join(getattr(row, name) for row in rows) for name in _WORDS}
    for rule in fields(InForce):
        if rule.name not in _WORDS and (value := _first_said(rule.name, *rows)) is not None:
            chosen[rule.name] = value
    return InForce(**chosen)


def _first_said(name: str, *rules: Rules) -> Any:
    return next((value for row in rules if (value := getattr(row, name)) not in {None, ""}), None)


def words_in(written: str, listed: str) -> list[str]:
    """The listed words that `written` contains as whole words, spelt as listed.

    `listed` has one word or phrase a line; what follows a `#` is a note. Case does not matter.
    """
    pattern = _pattern(listed)
    if pattern is None:
        return []
    return list(dict.fromkeys(re.sub(r"\s+", " ", found).casefold() for found in pattern.findall(written)))


@lru_cache(maxsize=64)
def _pattern(listed: str) -> re.Pattern | None:
    lines = (line.partition("#")[0].split() for line in listed.splitlines())
    words = sorted({r"\s+".join(map(re.escape, line)) for line in lines if line}, key=len, reverse=True)
    # Not \b: a listed word may begin or end with a sign, such as "$$$".
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None


def doubts(*, name: str, body: str, rules: InForce) -> list[str]:
    """Why a moderator should read this text first, in words for moderators; nothing when its words raise no doubt."""
    found = []
    links = text.links_in(body)
    if links > rules.links_allowed:
        found.append(ngettext("%(number)s link", "%(number)s links", links) % {"number": links})
    if watched := words_in(f"{name}\n{body}", rules.watched_words):
        found.append(_("Watched: %(words)s") % {"words": ", ".join(watched[:5])})
    return found
