"""From what people type to what others read: plain text in, paragraphs, quotations, lists and links out.

Every tag is written here and every word escaped, whatever the text holds. Time grows with its length and no faster.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from itertools import groupby, pairwise

from markupsafe import Markup

from core.text.tidying import prose as tidy

__all__ = ["digest", "html", "links_in", "tidy"]

DEEPEST = 3  # quotations within quotations; further `>` are left as they stand

_QUOTED = re.compile(r"^>[ ]?")
_NUMBERED = re.compile(r"^(\d{1,3})[.)][ ]+(?=\S)")
_LINK = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_TRAILING = ".,;:!?…'‘’"
_ADDRESS = re.compile(
    r"https?://\S+|\bwww\.\S+|\b[\w-]+\.(?:com|net|org|info|biz|xyz|online|site|shop|top|ru|cn|co\.uk)\b", re.I
)


def digest(text: str) -> str:
    """A key that is equal for texts with the same words: case, spaces and punctuation do not matter."""
    return sha256(" ".join(re.findall(r"\w+", text.casefold()) or [text]).encode()).hexdigest()


def links_in(text: str) -> int:
    """How many web addresses a reader sees in `text`, with or without http."""
    return len(_ADDRESS.findall(text))


def html(text: str) -> Markup:
    """`text` for a page. Each block finds its own direction, so a comment can mix Arabic and English."""
    # Every word of it has been through _with_links, which escapes.
    return Markup(_blocks(text.split("\n"), DEEPEST))


def _blocks(lines: list[str], deeper: int) -> str:
    """Lines that begin with `>`, with a number, or with neither, and blank lines between paragraphs."""
    return "".join(
        _quotation(list(group), deeper) if is_quote else _plain(group)
        for is_quote, group in groupby(lines, key=lambda line: deeper > 0 and line.startswith(">"))
    )


def _quotation(lines: list[str], deeper: int) -> str:
    inner = [_QUOTED.sub("", line, count=1) for line in lines]
    return f'<blockquote dir="auto">{_blocks(inner, deeper - 1)}</blockquote>'


def _plain(lines: Iterable[str]) -> str:
    return "".join(
        _paragraph(list(group)) for is_blank, group in groupby(lines, key=lambda line: not line.strip()) if not is_blank
    )


def _paragraph(lines: list[str]) -> str:
    """A paragraph, or a list from the first of two lines that count on; other lines belong to the item above."""
    begin = _list_start(lines)
    if begin is None:
        return f'<p dir="auto">{_lines(lines)}</p>'
    start, first = begin
    return (f'<p dir="auto">{_lines(lines[:start])}</p>' if start else "") + _list(lines[start:], first)


def _list_start(lines: list[str]) -> tuple[int, int] | None:
    """The place of a list's first line, and its number."""
    numbers = [(place, int(found[1])) for place, line in enumerate(lines) if (found := _NUMBERED.match(line))]
    return next((one for one, (_, following) in pairwise(numbers) if following == one[1] + 1), None)


def _list(lines: list[str], first: int) -> str:
    """`lines`, of which the first has the number `first`, as a list."""
    items: list[list[str]] = []
    for line in lines:
        found = _NUMBERED.match(line)
        if found and int(found[1]) == first + len(items):
            items.append([line[found.end() :]])
        else:
            items[-1].append(line)
    inner = "".join(f'<li dir="auto">{_lines(item)}</li>' for item in items)
    return f'<ol start="{first}">{inner}</ol>' if first != 1 else f"<ol>{inner}</ol>"


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(map(_with_links, lines))


def _with_links(line: str) -> str:
    """The line in HTML, with a link for each web address."""
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(line):
        address = _without_tail(found[0])
        if not re.search(r"://\w", address):
            continue
        parts += [escape(line[end : found.start()]), _anchor(escape(address))]
        end = found.start() + len(address)
    return "".join([*parts, escape(line[end:])])


def _without_tail(address: str) -> str:
    """Leave out the full stop of the sentence, and a bracket that was opened before the address."""
    address = address.rstrip(_TRAILING)
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(_TRAILING)
    return address


def _anchor(address: str) -> str:
    return f'<a href="{address}" rel="nofollow ugc noopener" dir="ltr">{address}</a>'
