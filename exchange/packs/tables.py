"""The tables of a pack: CSV and XLSX, none of whose cells is ever a formula (core/csv.py)."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from core import csv
from exchange.keeping import PIECE
from exchange.packs.collecting import ANSWERS

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Row = list[str]
HEAD: Row = ["name", *ANSWERS, "signed_on", "agreed"]
MOST_ROWS = 1_000_000  # of a sheet, less than Excel's own limit


def names(volumes: Iterable[bytes]) -> Iterator[Row]:
    """The rows of a table of names; a yes is `yes`, and no is nothing."""
    for volume in volumes:
        for row in json.loads(volume):
            yield [("yes" if cell else "") if isinstance(cell, bool) else str(cell) for cell in row[:-1]]


def as_csv(head: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """A table for every program: UTF-8 with its mark, each cell in quotes."""
    yield csv.BOM + csv.line(head)
    for row in rows:
        yield csv.line(row)


def _put(sheet: "WriteOnlyWorksheet", row: Row) -> int:
    sheet.append([csv.guarded(cell) for cell in row])
    return 1


def as_xlsx(title: str, head: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """The same as a spreadsheet, in the memory of some rows. Every cell is a text."""
    import openpyxl  # noqa: PLC0415 - 30 MB that only the worker needs, and only for this

    book, left, is_more = openpyxl.Workbook(write_only=True), iter(rows), True
    while is_more:
        sheet = book.create_sheet(title)
        sheet.freeze_panes, sheet.column_dimensions["A"].width = "A2", 36
        sheet.append(head)
        number = sum(_put(sheet, row) for row in islice(left, MOST_ROWS))
        is_more = number == MOST_ROWS
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
