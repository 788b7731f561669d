"""The tables of a pack: CSV and XLSX, none of whose cells is ever a formula (core/csv.py)."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from core import csv
from exchange.keeping import Pipe
from exchange.packs.collecting import ANSWERS

Row = list[str]
HEAD: Row = ["name", *ANSWERS, "signed_on", "agreed"]
MOST_ROWS = 1_000_000  # of a sheet, less than Excel's own limit
AT_ONCE = 500

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


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


def as_xlsx(title: str, head: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """The same as a spreadsheet (ECMA-376), in the memory of some rows. Every cell is a text."""
    pipe = Pipe()
    left, sheets = iter(rows), 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        is_more = True
        while is_more:
            sheets += 1
            with made.open(zipfile.ZipInfo(f"xl/worksheets/sheet{sheets}.xml"), "w", force_zip64=True) as sheet:
                sheet.write(_SHEET_BEGINS + _row(head, style=1))
                number, some = 0, list[bytes]()
                for row in left:
                    some.append(_row(row))
                    number += 1
                    if len(some) == AT_ONCE:
                        sheet.write(b"".join(some))
                        some.clear()
                        yield pipe.taken()
                    if number == MOST_ROWS:
                        break
                is_more = number == MOST_ROWS
                sheet.write(b"".join(some) + b"</sheetData></worksheet>")
        for path, content in _about(title, sheets).items():
            made.writestr(zipfile.ZipInfo(path), _XML + content, zipfile.ZIP_DEFLATED)
    yield pipe.taken()


_SHEET_BEGINS = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="1" width="36" '
    'customWidth="1"/></cols><sheetData>'
).encode()


def _row(cells: Row, style: int = 0) -> bytes:
    drawn = f' s="{style}"' if style else ""
    inside = "".join(
        f'<c t="inlineStr"{drawn}><is><t xml:space="preserve">{escape(csv.guarded(cell))}</t></is></c>'
        for cell in cells
    )
    return f"<row>{inside}</row>".encode()


def _about(title: str, sheets: int) -> dict[str, str]:
    numbers = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}officedocument.spreadsheetml.'
        'worksheet+xml"/>'
        for n in numbers
    )
    listed = "".join(
        f'<sheet name="{escape(title, {chr(34): "&quot;"})}{"" if n == 1 else f" {n}"}" sheetId="{n}" r:id="r{n}"/>'
        for n in numbers
    )
    leads = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType='
        f'"application/xml"/><Default Extension="rels" ContentType="{_TYPE}package.relationships+xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{_TYPE}officedocument.spreadsheetml.sheet.main+xml"/><Override '
        f'PartName="/xl/styles.xml" ContentType="{_TYPE}officedocument.spreadsheetml.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{leads}<Relationship Id="s" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills '
        'count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>',
    }
