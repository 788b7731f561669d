"""The kinds of text, each defined once: how it is tidied, the database's check, and the error message.

Whoever writes around our code meets the database's check; whoever writes through it never does, because the text has
been tidied before. A check is part of its column (Django's `db_check`), so that no table can forget it; it calls no
function, because a dump is read back with an empty search path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import mailboxes
from core.text import tidying

# C0 and C1 controls, line and paragraph separators, what turns the direction of all that follows (UAX 9), and
# noncharacters that XML refuses. Written as PostgreSQL's regular expressions escape it.
_BIDI = r"\u202A-\u202E\u2066-\u2069"
_NEVER = rf"\u0001-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029{_BIDI}\uFFFE\uFFFF"
_EDGES = r"^\s|\s$"


@dataclass(frozen=True)
class Kind:
    """One kind of text. `holds` is a condition in SQL about the column `{0}`."""

    name: str
    tidy: Callable[[str], str]
    holds: str
    sentence: Any  # lazy, so that each reader gets it in their language

    def check(self, column: str, *, is_filled: bool = False, longest: int | None = None) -> str:
        """The condition for a column (quoted), in SQL: not empty when it `is_filled`, at most `longest` characters."""
        parts = [self.holds.format(column)]
        if is_filled:
            parts.append(f"{column} <> ''")
        if longest is not None:
            parts.append(f"char_length({column}) <= {longest}")
        return " AND ".join(parts)


_LINE = "{0} !~ '[" + _NEVER + r"\u000A]|" + _EDGES + "'"

PERSON = Kind("person", tidying.name, _LINE, _("Write the name in one line, without control characters."))
ORGANISATION = Kind("organisation", tidying.name, _LINE, _("Write the name in one line, without control characters."))
LINE = Kind("line", tidying.line, _LINE, _("Write it in one line, without control characters."))
PROSE = Kind(
    "prose", tidying.prose, "{0} !~ '[" + _NEVER + "]|" + _EDGES + "'",
    _("The text can't have control characters, or blanks at its ends."),
)  # fmt: skip
RICH = Kind(
    "rich", tidying.marked_up, "{0} !~ '[" + _NEVER + "]'", _("The text can't have control characters.")
)  # fmt: skip
ADDRESS = Kind(
    "address", mailboxes.tidied,
    r"({0} = '' OR {0} ~ '^[^\s,;<>\u0001-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]+@"
    r"[^\s,;<>@\u0001-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]+$')",
    _("Enter one email address, like name@example.com."),
)  # fmt: skip
LINK = Kind(
    "link", tidying.link, "({0} = '' OR {0} ~* '^https?://[^\\s<>\"" + _NEVER + "]+$')",
    _("Enter a web address that begins with https:// or http://."),
)  # fmt: skip
SLUG = Kind(
    "slug",
    tidying.slug,
    "{0} ~ '^[-a-z0-9_]*$'",
    _("Use small letters without accents, digits, hyphens and underscores."),
)
