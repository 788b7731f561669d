"""Page views, counted from the edge's log: by day and page, and without people, because that log knows of none.

A line is that of deploy/nginx/undersigned.conf: `time method path status bytes seconds`. The edge writes one for what
it answers from its own copies, too, of which this program never hears. Robots are counted: the log knows nobody.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# The day, the path, and only what a browser shows: a whole page, or that the one it has is still true.
_LINE = re.compile(r"(\d{4}-\d\d-\d\d)T\S+ GET (/\S*) (?:200|304) \d+ [\d.]+\s*")
# Pages for people end in a slash; these are no pages, not for everybody, or of one person.
_NOT_COUNTED = re.compile(
    r"/(?:admin|static|media|api|fediverse|oembed|confirm|manage|unsubscribe|mine|mailbox)/|.*/(?:feed|sent)/\Z"
)


@dataclass(frozen=True)
class Views:
    """How often each page was shown on each day, and how many lines were of another form."""

    by: Counter[tuple[str, str]]
    unread: int


def count(lines: Iterable[str]) -> Views:
    """The views in these lines of a log; what is in none of them is counted as unread."""
    by: Counter[tuple[str, str]] = Counter()
    unread = 0
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            unread += not _is_ours(line)
        elif found[2].endswith("/") and not _NOT_COUNTED.match(found[2]):
            by[found[1], found[2]] += 1
    return Views(by, unread)


def _is_ours(line: str) -> bool:
    """Whether a line is of the right form and simply no view."""
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\S+ [A-Z]+ .* \d{3} \d+ [\d.]+\s*", line) is not None
