"""Tables: text with separators in whatever letters, and the spreadsheets that offices write."""

import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.csv import plain
from exchange import columns, encodings, sources
from exchange.files import CHUNK, ENCRYPTED, Unreadable
from exchange.models import Brings

MOST_COLUMNS = 200
MOST_ROWS = 2_000_000
LONGEST_CELL = 20_000  # characters
SHEETS = Path(__file__).with_name("sheets.py")
LONGEST_SECONDS = 300  # of a spreadsheet

TOO_WIDE = _("This table has more than 200 columns. Keep those with names, addresses and dates.")
TOO_LONG = _("This list has more than two million rows. Split it, and bring the parts in one after the other.")
LONG_CELL = _("Line %(line)s has a cell of more than 20,000 characters. A quotation mark may be missing before it.")
NO_ROWS = _("There are no rows in this file.")
SPREAD = _(
    "This spreadsheet is spread over too many cells; perhaps one stands far below or far to the right of the list. "
    "Copy the list into a new one, or save it as CSV, and choose that file."
)
DAMAGED = _("This spreadsheet can't be read. Open it, save it as CSV, and choose that file.")
UNEVEN = _("%(number)s headings stand over %(cells)s cells: look at the rows below.")


@dataclass
class Table:
    """A list as it came: its headings, and its rows one after the other, with how it was read."""

    headings: list[str]
    rows: Iterator[tuple[int, list[str]]]  # with the number of the line, from 1
    source: sources.Source
    brings: Brings
    encoding: str = ""
    separator: str = ""
    remarks: list[str | Promise] = field(default_factory=list)


def text(file: IO[bytes], *, encoding: str = "", source: str = "", brings: str = "") -> Table:
    """A table or a plain list in a text file. Raises Unreadable."""
    found, is_guess = encodings.find(file, chosen=encoding)
    lines = io.TextIOWrapper(file, encoding=found, newline="")
    sample = [line for line in islice(lines, 60) if line.strip()][:40]
    separator = encodings.separator(sample)
    lines.seek(0)
    head = sample[0].rstrip("\r\n").split(",") if sample else []
    if sources.recognise(head or [""], found).name == "speakout_old":
        rows = _bounded(_quoted_by_hand(lines))
    else:
        rows = _cells(csv.reader(lines, delimiter=separator or "\x1f"))
    remarks: list[str | Promise] = [encodings.GUESSED] if is_guess else []
    return _table(_lent(lines, rows), found, separator, remarks, source, brings)


def _lent(lines: io.TextIOWrapper, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows; then the file goes back to who opened it, for what wraps it would close it."""
    try:
        yield from rows
    finally:
        lines.detach()


def spreadsheet(file: IO[bytes], *, source: str = "", brings: str = "") -> Table:
    """The first sheet that has rows, of XLSX, XLS, XLSB or ODS; of formulas it has the results. Raises Unreadable.

    Two cells far apart make a table of billions between them, from a file of a kilobyte: what reads it is a process of
    its own, which the kernel ends in time (sheets.py).
    """
    with tempfile.TemporaryFile() as given:
        file.seek(0)
        shutil.copyfileobj(file, given, CHUNK)
        given.seek(0)
        rows = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - whoever reads the rows closes it
        try:
            _read_apart(given, rows)
        except BaseException:
            rows.close()
            raise
    return _table(_bounded(enumerate(_kept(rows), 1)), "", "", [], source, brings)


def _read_apart(given: IO[bytes], rows: IO[str]) -> None:
    command = [sys.executable, "-I", str(SHEETS), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(  # noqa: S603 - all of it is ours
            command, stdin=given, stdout=rows, stderr=subprocess.DEVNULL, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(SPREAD) from error
    why = _last(rows).get("refused", "") if done.returncode == 0 else "spread"
    if why:
        raise Unreadable({"wide": TOO_WIDE, "encrypted": ENCRYPTED, "damaged": DAMAGED}.get(why, SPREAD))


def _last(rows: IO[str]) -> dict[str, str]:
    """The line that says how it ended, which is taken off."""
    end = rows.seek(0, 2)
    rows.seek(max(0, end - 200))
    line = rows.read().splitlines()[-1]
    rows.truncate(end - len(line) - 1)
    rows.seek(0)
    return json.loads(line)


def _kept(rows: IO[str]) -> Iterator[list[str]]:
    with rows:
        for line in rows:
            yield json.loads(line)


def pasted(written: str, *, brings: str) -> Table:
    """Pasted text: a table from a spreadsheet, or one name a line."""
    found = encodings.separator([line for line in written.splitlines()[:40] if line.strip()])
    separator = found if found in {"\t", ";"} else ""  # a comma stands inside of names
    rows = _cells(csv.reader(io.StringIO(written, newline=""), delimiter=separator or "\x1f"))
    return _table(rows, "", separator, [], sources.PASTED.name, brings)


def _cells(reader: Any) -> Iterator[tuple[int, list[str]]]:
    line = 0
    try:
        for row in _numbered(reader):
            line = row[0]
            yield row
    except csv.Error as error:
        raise Unreadable(LONG_CELL, line=line + 1) from error


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """With the line on which each row began; a cell may go over several."""
    began = 1
    rows = []
    for row in reader:
        rows = row
        yield from _bounded([(began, rows)])
        began = reader.line_num + 1


def _quoted_by_hand(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows of 25 cells, each in quotation marks, and possibly with unescaped ones inside."""
    began, kept = 1, ""
    for number, line in enumerate(lines, 1):
        if number == 1:
            yield 1, next(csv.reader([line]))
            began = 2
            continue
        kept += line
        if kept.rstrip("\r\n").endswith('"') and kept.count('","') >= 24:
            yield began, kept.rstrip("\r\n")[1:-1].split('","')
            began, kept = number + 1, ""
    if kept.strip():
        yield began, [kept.strip()]


def _bounded(rows: Any) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows:
        if len(row) > MOST_COLUMNS:
            raise Unreadable(TOO_WIDE)
        if any(len(cell) > LONGEST_CELL for cell in row):
            raise Unreadable(LONG_CELL, line=line)
        if line > MOST_ROWS:
            raise Unreadable(TOO_LONG)
        yield line, row


def _table(
    rows: Iterator[tuple[int, list[str]]], encoding: str, separator: str, remarks: list[str | Promise], source: str,
    brings: str,
) -> Table:  # fmt: skip
    first = next((one for one in rows if any(cell.strip() for cell in one[1])), None)
    if first is None:
        raise Unreadable(NO_ROWS)
    following = next((one for one in rows if any(cell.strip() for cell in one[1])), None)
    rest = chain([following] if following else [], rows)
    headings = [cell.strip() for cell in first[1]]
    origin = sources.ALL[source] if source else sources.recognise(headings, encoding)
    kind = Brings(brings or origin.brings)
    if following and len(headings) != len(following[1]) and origin is not sources.PASTED:
        remarks = [*remarks, str(UNEVEN) % {"number": len(headings), "cells": len(following[1])}]
    if not _is_head(headings, kind):
        rest, headings = chain([first], rest), _made_up(headings, kind)
    tidy = ((line, _tidied(origin, headings, row)) for line, row in rest if any(cell.strip() for cell in row))
    return Table(headings, tidy, origin, kind, encoding, separator, [*remarks, *origin.remarks])


def _is_head(headings: list[str], brings: Brings) -> bool:
    """Whether the first row is a row of headings."""
    if any("@" in heading for heading in headings):
        return False
    return len(headings) > 1 or bool(columns.match(headings, brings=brings))


def _made_up(cells: list[str], brings: Brings) -> list[str]:
    """Headings for a list without: an address is known by its @, and a single column is the name."""
    own = "organisation" if brings == Brings.ORGANISATIONS else "name"
    made = ["email" if "@" in cell else f"column {at}" for at, cell in enumerate(cells, 1)]
    place = next((at for at, heading in enumerate(made) if heading != "email"), 0)
    made[place] = own if "email" not in made[place] else made[place]
    return made


def _tidied(source: sources.Source, headings: list[str], row: list[str]) -> list[str]:
    """The cells as they are kept: without what must not be, and without the apostrophe that guards a formula."""
    cells = ["" if at in source.never else plain(cell.replace("\0", "")) for at, cell in enumerate(row)]
    if source.name == "speakout_old" and len(cells) > 4 and headings[-1]:
        cells[4] = cells[4].removesuffix(headings[-1]).rstrip()
    return cells
