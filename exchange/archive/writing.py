"""Writing an archive: piece by piece, file by file, in the memory of one piece."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from comments.models import Thread
from core import csv
from core.addresses import mailbox_key
from exchange.archive import layout
from exchange.parts import Counting, Part, as_json
from organisations.models import Logo, Motion
from petitions.actions import calendar
from petitions.models import Statement, Version
from publishers.models import Picture

# Kept true by what they sum up, and said by files of their own.
COUNTED = {
    "id", "joint_with", "organisations", "paper", "names_only", "changed_at", "names_placed_until", "names_are_placed",
}  # fmt: skip
CHUNK = 256 * 1024
NOT_TOLD = "0123456789abcdef0123456789abcdef@archive.invalid"  # of which both sites make the same key, or not


def parts(*, statement: Statement | None = None) -> list[Part]:
    """All files of the archive of one statement or of the whole site, less the manifest.

    What others refer to comes last, so that whatever is added while this is written finds it there.
    """
    chosen = Statement.objects.filter(pk=statement.pk) if statement else Statement.objects.all()
    found = [part for one in chosen.order_by("pk") for part in _of(one)]
    found += [Part(f"media/logos/{logo}.webp", _logo(logo)) for logo in Logo.objects.values_list("uuid", flat=True)]
    found += [Part(table.file, _rows(table.select, {})) for table in reversed(layout.SITE)]
    found.append(Part("silent.csv", _rows(layout.SILENT, {})))
    return found


def _of(statement: Statement) -> Iterator[Part]:
    folder, values = f"statements/{statement.slug}", {"statement": statement.pk}
    for table in layout.EACH:
        yield Part(f"{folder}/{table.file}", _rows(table.select, values))
    yield Part(f"{folder}/decisions.csv", _rows(layout.DECISIONS, values))
    yield Part(f"{folder}/leaves.csv", _rows(layout.LEAVES, values))
    yield Part(f"{folder}/roots.csv", _rows(layout.ROOTS, values))
    yield Part(f"{folder}/events.ics", lambda: iter([calendar.write(statement.events.select_related("statement"))]))
    for name in filter(None, (statement.image_id, statement.image_small_id)):
        yield Part(f"{folder}/media/{name}.webp", _picture(name))
    yield Part(f"{folder}/statement.json", lambda: iter([as_json(_about(statement))]))


def _rows(select: str, values: dict[str, Any]) -> Callable[[], Iterator[bytes]]:
    return lambda: csv.stream(select, values)


def _logo(uuid: Any) -> Callable[[], Iterator[bytes]]:
    return lambda: iter([bytes(Logo.objects.values_list("data", flat=True).get(uuid=uuid))])


def _picture(name: str) -> Callable[[], Iterator[bytes]]:
    return lambda: iter([bytes(Picture.objects.values_list("data", flat=True).get(pk=name))])


def row(one: models.Model, *, without: set[str]) -> dict[str, Any]:
    """The columns of a row, as JSON has them."""
    fields = [field for field in one._meta.local_concrete_fields if not (field.is_relation or field.name in without)]
    return {field.name: getattr(one, field.attname) for field in fields}


def _about(statement: Statement) -> dict[str, Any]:
    statement = Statement.objects.get(pk=statement.pk)
    motion = Motion.objects.filter(statement=statement).first()
    return {
        **row(statement, without=COUNTED),
        "image": statement.image_id or "",
        "image_small": statement.image_small_id or "",
        "versions": [
            row(one, without={"id"}) for one in Version.objects.filter(statement=statement).order_by("number")
        ],
        "thread": row(Thread.objects.get(statement=statement), without={"id", "published"}),
        "motion": row(motion, without={"id"}) if motion else None,
    }


def manifest(files: list[dict[str, Any]], *, statement: Statement | None) -> bytes:
    """The manifest: files, numbers of rows, SHA-256, and what will differ after reading."""
    counts: dict[str, int] = {}
    for one in files:
        if one["rows"] is not None:
            name = PurePosixPath(one["path"]).stem
            counts[name] = counts.get(name, 0) + one["rows"]
    return as_json({
        "format": layout.FORMAT, "version": layout.VERSION, "made_at": timezone.now(), "origin": settings.ORIGIN,
        "site": settings.SITE_NAME, "statement": statement.slug if statement else None,
        "key_check": mailbox_key(NOT_TOLD).hex(), "counts": counts, "files": files, "differs": layout.DIFFERS,
    })  # fmt: skip


def write(
    file: IO[bytes], *, statement: Statement | None = None, told: Callable[[str], object] = str
) -> dict[str, Any]:
    """Write the archive of a statement, or of the whole site, to `file`; returns the manifest.

    `told` hears the path of each file as it begins. Raises psycopg.Error when the database stops: the zip then has no
    manifest, and nobody takes it for a whole one.
    """
    entries = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        for part in parts(statement=statement):
            told(part.path)
            counting = Counting(part.path)
            with made.open(part.path, "w", force_zip64=True) as inside:
                for piece in part.pieces():
                    counting.add(piece)
                    inside.write(piece)
            entries.append(counting.entry)
        data = manifest(entries, statement=statement)
        made.writestr("manifest.json", data)
    found: dict[str, Any] = json.load(io.BytesIO(data))
    return found
