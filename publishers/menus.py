"""Menus as people write them: one line for each link, first its words, then its address."""

import re

from django.utils.translation import gettext as _

from core.identity import Link

# A path of ours, or a whole address.
_ADDRESS = re.compile(r"(/(?![/\\])\S*|https?://[^\s/]+\S*)\Z", re.IGNORECASE)
MOST = 12
LONGEST = 40  # letters of the words of one link


class BadLine(Exception):
    """A line that makes no link; the text says which, and how to mend it."""


def links(text: str) -> tuple[Link, ...]:
    """The links of a stored text, in their order; what can't be read, which no form lets in, is left out."""
    return tuple(filter(None, map(_link, text.splitlines())))


def _link(line: str) -> Link | None:
    words, _space, address = line.strip().rpartition(" ")
    return Link(words.strip(), address) if words.strip() and _ADDRESS.match(address) else None


def check(text: str) -> None:
    """Raises BadLine for the first line that makes no link."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, line in lines:
        found = _link(line)
        if found is None:
            raise BadLine(
                _(
                    "Line %(number)s: write the words and then the address, such as “Our website https://example.org/” "
                    "or “About /pages/about/”."
                )
                % {"number": number}
            )
        if len(found.label) > LONGEST:
            raise BadLine(
                _("Line %(number)s: keep the words to %(most)s letters.") % {"number": number, "most": LONGEST}
            )
    if len(lines) > MOST:
        raise BadLine(_("Keep it to %(most)s links.") % {"most": MOST})


def moved(text: str, *, old: str, new: str, label: str) -> str:
    """The text with the line of the page at `old` leading to `new` (nowhere: "") under `label`; added if it is new."""
    kept = []
    is_there = False
    for line in text.splitlines():
        found = _link(line)
        if found is None or found.address not in {old, new}:
            kept.append(line)
        elif new and not is_there:
            kept.append(f"{label} {new}")
            is_there = True
    if new and not is_there:
        kept.append(f"{label} {new}")
    return "\n".join(kept)
