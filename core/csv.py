"""Tables for spreadsheets: as long as the database can read, never stored, never whole in memory, and never a formula.

PostgreSQL writes the lines (COPY … TO STDOUT) and we pass them on, so a million rows cost a few seconds and no memory.
UTF-8 begins with its mark (BOM), because Excel takes a file without one for Latin-1 and spoils every other script.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.abc import Buffer

from core import sealed

BOM = b"\xef\xbb\xbf"
CHUNK = 64 * 1024
BROKEN = b'"THIS FILE IS INCOMPLETE: the database stopped before its end. Download it again."\n'
# A reader as slow as this is cut off: its snapshot keeps the database from tidying up.
LONGEST = "30min"

# What makes a spreadsheet compute a cell, at its beginning or after blanks, also in full width (OWASP, CSV injection).
# NUL, the one more, cannot be stored. Control characters are written so, because SQL has no escapes in plain strings.
_FORMULA = r"^([\t\r\n]|\s*[=+@\-＝＋－＠])"


def cell(sql: str) -> str:
    """`sql`, an expression of text, as a cell that no spreadsheet computes: `'` is put before a formula."""
    return f"CASE WHEN {sql} ~ '{_FORMULA}' THEN '''' || {sql} ELSE {sql} END"


# How a sealed cell leaves PostgreSQL. No text of ours has U+001E in it.
_SEALED = re.compile(b"\x1e([apg])([^:]+):([0-9a-f]+)\x1e")
_ADDRESS = re.compile(r"[-+][A-Za-z0-9_.+-]*@[^|!()=]+$")


def mailbox(sql: str, what: bytes) -> str:
    """`sql`, a column with an address sealed as `what`, as `address_cell` writes it. Only for `stream`."""
    return _marked("a", sql, what)


def unsealed_cell(sql: str, what: bytes) -> str:
    """`sql`, a column with a text sealed as `what`, as `cell` has one that isn't. Only for `stream`."""
    return _marked("p", sql, what)


def guarded_sealed(sql: str, what: bytes) -> str:
    """`sql`, a column sealed as `what`, as `guarded_sql` has one that isn't. Only for `stream`."""
    return _marked("g", sql, what)


def _marked(how: str, sql: str, what: bytes) -> str:
    mark = f"chr(30) || '{how}{what.decode()}:'"
    return f"CASE WHEN octet_length({sql}) = 0 THEN '' ELSE {mark} || encode({sql}, 'hex') || chr(30) END"


def opened(lines: bytes) -> bytes:
    """Whole lines of a table with what is sealed in them written as it is."""
    return _SEALED.sub(_unsealed, lines)


def _unsealed(found: re.Match[bytes]) -> bytes:
    text = sealed.unseal(bytes.fromhex(found[3].decode()), found[2])
    return _WRITTEN[found[1]](text).replace('"', '""').encode()


def address_cell(text: str) -> str:
    """An e-mail address as a cell from which people can be written to.

    What begins with `-` or `+` and goes on in plain letters may look wrong in a spreadsheet and calls nothing there.
    """
    return text if _ADDRESS.match(text) else _cell(text)


def _cell(text: str) -> str:
    return f"'{text}" if re.match(_FORMULA, text) else text


def stream(select: str, values: dict[str, Any]) -> Iterator[bytes]:
    """The rows of `select` as CSV (RFC 4180, every cell in quotes), the names of the columns first; 64 KiB at a time.

    It is one moment in time (one snapshot, read only) over a connection of its own, so that nobody waits for the pool.
    Whoever stops reading closes this, which cancels the COPY. When the database stops, the last line is BROKEN and
    psycopg.Error is raised: granian ends such an answer as if it were whole, so the file itself must say it is not.
    """
    try:
        yield from _pieces(f"COPY ({select}) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)", values)
    except psycopg.Error:
        yield BROKEN
        raise


def _pieces(copy: str, values: dict[str, Any]) -> Iterator[bytes]:
    kept: list[Buffer] = [BOM]
    size = 0
    with _snapshot() as cursor, cursor.copy(copy, values) as lines:
        for line in lines:
            kept.append(line)
            size += len(line)
            if size >= CHUNK:
                yield opened(b"".join(kept))
                kept, size = [], 0
    yield opened(b"".join(kept))


@contextmanager
def _snapshot() -> Iterator[psycopg.ClientCursor]:
    """A cursor in a transaction that only reads, as of now. Sorting would keep the first row back, so indexes do it."""
    with psycopg.connect(**connection.get_connection_params()) as own:
        own.read_only, own.isolation_level = True, psycopg.IsolationLevel.REPEATABLE_READ
        own.execute(f"SET LOCAL statement_timeout = '{LONGEST}'")
        own.execute("SET LOCAL enable_sort = off")
        yield psycopg.ClientCursor(own)


# What `guarded` puts an apostrophe before: a formula, and what would be read back as a guarded one.
_NEEDS_GUARD = re.compile(f"'*(?:{_FORMULA[1:]})")


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet computes and `plain` reads back, whatever it is.

    A text that itself begins with `'` before what would begin a formula gets another one, so nothing is ambiguous.
    """
    return f"'{text}" if _NEEDS_GUARD.match(text) else text


def guarded_sql(sql: str) -> str:
    """The same for `sql`, an expression of text."""
    return f"CASE WHEN {sql} ~ '^''*({_FORMULA[1:]})' THEN '''' || {sql} ELSE {sql} END"


def plain(cell: str) -> str:
    """A cell as it was before `guarded` or `cell` made it safe: one apostrophe goes."""
    return cell[1:] if cell.startswith("'") and _NEEDS_GUARD.match(cell) else cell


def line(cells: Iterable[str]) -> bytes:
    """One line of a table (RFC 4180, every cell in quotes), which `plain` reads back cell by cell."""
    quoted = (guarded(cell).replace('"', '""') for cell in cells)
    return (",".join(f'"{cell}"' for cell in quoted) + "\r\n").encode()


_WRITTEN: dict[bytes, Callable[[str], str]] = {b"a": address_cell, b"p": _cell, b"g": guarded}
