"""The first step of bringing a list in: it is read, and its rows are kept until it is known what to do with them."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from core.sealed import seal, what_of
from core.text import tidying
from exchange import columns, files, sources
from exchange.dates import is_day_first
from exchange.files import LARGEST, Looks, Unreadable
from exchange.models import Brings, Import, ImportRow, Matching
from exchange.readers import action_network, tables, wxr
from petitions.models import Statement

IS_ARCHIVE = _("This is an archive of Undersigned. Bring it in with “Read an archive”, or with `undersigned import`.")
IS_XML_ONLY = _("Only WordPress exports may be several files. Choose one file at a time.")
FIRST = 200  # rows from which the order of day and month is told


def read_in(
    *, chosen: Sequence[tuple[str, IO[bytes]]], statement: Statement | None, source: str = "", brings: str = "",
    encoding: str = "", post: str = "", most: int = LARGEST, by: Staff = None,
) -> Import:  # fmt: skip
    """Read the files (name, content) and keep their rows; nothing is brought in before `running.start`.

    Several files are taken for the parts of one WordPress export, of which `post` names the one to bring (its title or
    its address). `source`, `brings` and `encoding` say what would be found out otherwise; `most` is the size in bytes
    that a file may have. Raises Unreadable, with nothing kept.
    """
    looks = [files.look(file, most=most) for _name, file in chosen]
    name, file = chosen[0]
    fresh = Import(statement=statement, file_name=tidying.line(name)[:120], created_by=by,
                   file_sha256=files.fingerprint(file))  # fmt: skip
    if Looks.ARCHIVE in looks:
        raise Unreadable(IS_ARCHIVE)
    if looks == [Looks.XML] * len(looks):
        return _keep_post(fresh, wxr.choose(wxr.posts([file for _name, file in chosen]), post), by)
    if len(chosen) > 1:
        raise Unreadable(IS_XML_ONLY)
    if looks[0] == Looks.TABLE:
        table = tables.spreadsheet(file, source=source, brings=brings)
    else:
        table = tables.text(file, encoding=encoding, source=source, brings=brings)
    return _keep(fresh, table, by)


def read_pasted(*, written: str, statement: Statement, brings: str, by: Staff = None) -> Import:
    """The same for pasted text. Raises Unreadable."""
    table = tables.pasted(written, brings=brings)
    digest = hashlib.sha256(written.encode()).hexdigest()
    return _keep(Import(statement=statement, file_name=str(_("Pasted")), created_by=by, file_sha256=digest), table, by)


def read_petition(*, petition: str, key: str, statement: Statement, api: str = "", by: Staff = None) -> Import:
    """The same for the signatures of a petition of Action Network, fetched by its API. Raises Unreadable."""
    table = action_network.read(petition=petition, key=key, **({"api": api} if api else {}))
    rows = list(table.rows)
    digest = hashlib.sha256(json.dumps([cells for _line, cells in rows]).encode()).hexdigest()
    table.rows = iter(rows)
    name = f"Action Network {petition}"[:120]
    return _keep(Import(statement=statement, file_name=name, created_by=by, file_sha256=digest), table, by)


@transaction.atomic
def _keep(fresh: Import, table: tables.Table, by: Staff) -> Import:
    fresh.source, fresh.brings = table.source.name, table.brings
    fresh.encoding, fresh.separator = table.encoding, table.separator
    fresh.headings, fresh.remarks = table.headings, [str(remark) for remark in table.remarks]
    fresh.columns = _remembered(table) or sources.matched(table.source, table.headings, brings=table.brings)
    fresh.save()
    fresh.rows_in_all = _copy(fresh, ((line, cells) for line, cells in table.rows))
    fresh.day_first = _day_first(fresh)
    fresh.save(update_fields=["rows_in_all", "day_first"])
    audit.record(by=by, on=fresh, what=f"Read a list of {fresh.rows_in_all:,} rows", label=f"Import {fresh.pk}")
    return fresh


def _remembered(table: tables.Table) -> dict[str, int]:
    """The matching used before for a list with the same headings."""
    known = Matching.objects.filter(pk=heading_key(table.brings, table.headings)).first()
    return dict(known.columns) if known else {}


def heading_key(brings: str, headings: Sequence[str]) -> str:
    """By what a list is known again: what it brings, and its headings in their order."""
    said = json.dumps([str(brings), *headings], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _day_first(fresh: Import) -> bool:
    place = fresh.columns.get("signed_at")
    if place is None:
        return True
    first = fresh.rows.order_by("line").values_list("cells", flat=True)[:FIRST]
    found = is_day_first(cells[place] for cells in first if place < len(cells))
    return True if found is None else found


def _copy(fresh: Import, rows: Iterable[tuple[int, Any]]) -> int:
    """Write the rows as they come; a list of any length takes the memory of one row."""
    number, what = 0, what_of(ImportRow, "cells")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        with cursor.copy(f"COPY {ImportRow._meta.db_table} (of_id, line, cells, read_as, private) FROM STDIN") as copy:
            for line, cells in rows:
                copy.write_row((fresh.pk, line, seal(json.dumps(cells, ensure_ascii=False), what), "{}", b""))
                number += 1
        # Or the planner takes the table for as empty as it was, and looks every row up by reading all of them.
        cursor.execute(f"ANALYZE {ImportRow._meta.db_table}")
    return number


@transaction.atomic
def _keep_post(fresh: Import, post: wxr.Post, by: Staff) -> Import:
    fresh.source, fresh.brings, fresh.encoding = sources.WORDPRESS.name, Brings.COMMENTS, "utf-8"
    fresh.headings = [str(_("Name")), str(_("Email address")), str(_("Date")), str(_("Comment")), str(_("Answers"))]
    fresh.columns = {
        "title": post.title, "path": post.path, "excerpt": post.excerpt, "html": post.html, "id": post.id,
        "written_at": post.written_at.isoformat() if post.written_at else "", "closed": post.is_closed,
    }  # fmt: skip
    fresh.save()
    fresh.rows_in_all = _copy(fresh, _numbered(post))
    fresh.save(update_fields=["rows_in_all"])
    audit.record(by=by, on=fresh, what=f"Read a post with {fresh.rows_in_all:,} comments", label=f"Import {fresh.pk}")
    return fresh


def _numbered(post: wxr.Post) -> Iterator[tuple[int, list[str]]]:
    for line, note in enumerate(wxr.in_order(post.notes.values()), 1):
        when = note.written_at.isoformat() if note.written_at else ""
        parent = str(note.parent or "")
        yield line, [note.author, note.email, when, note.html, parent, str(note.id), note.approved, note.kind]


@transaction.atomic
def match(*, listed: Import, chosen: dict[str, int]) -> None:
    """Say which column is which, and remember it for lists with the same headings."""
    listed.columns = {name: place for name, place in chosen.items() if name in columns.BY_NAME}
    listed.save(update_fields=["columns"])
    Matching.objects.update_or_create(
        pk=heading_key(listed.brings, listed.headings), defaults={"columns": listed.columns}
    )
