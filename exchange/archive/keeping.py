"""An archive that staff ask for on the desk: the worker writes it file by file, and the database keeps it for a week.

A web machine and a worker need not share a disk. A file that is written stays written, so that a worker that stops is
followed by one that goes on with the next.
"""

import logging
import time
import zipfile
import zlib
from collections.abc import Iterator

from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from core.mistakes import MISTAKES
from exchange.archive import writing
from exchange.models import Archive, ArchivePart
from petitions.models import Statement

logger = logging.getLogger(__name__)
State = Archive.State
PIECE = 1024 * 1024  # bytes of a file in one row, before it is packed
SECONDS = 5.0


class NotNow(Exception):
    """It is past that, or not there yet."""

    def __str__(self) -> str:
        return str(_("That is not possible any more. Look at how far it is."))


@transaction.atomic
def start(*, statement: Statement | None, why: str, by: Staff = None) -> Archive:
    """Let the worker write an archive of the statement, or of the whole site; who takes it, and why, is on record."""
    asked = Archive.objects.create(
        statement=statement, created_by=by, files_in_all=len(writing.parts(statement=statement))
    )
    audit.record(by=by, on=asked, what="Had an archive written", why=why, label=f"Archive {asked.pk}")
    return asked


@transaction.atomic
def stop(*, asked: Archive, by: Staff = None) -> None:
    """Stop before the next file. Raises NotNow."""
    _move(asked, [State.RUNNING], State.STOPPED)
    audit.record(by=by, on=asked, what="Stopped an archive", label=f"Archive {asked.pk}")


@transaction.atomic
def resume(*, asked: Archive, by: Staff = None) -> None:
    """Go on with the next file. Raises NotNow."""
    _move(asked, [State.STOPPED, State.FAILED], State.RUNNING, problem="")
    audit.record(by=by, on=asked, what="Went on with an archive", label=f"Archive {asked.pk}")


def _move(asked: Archive, was: list[Archive.State], becomes: Archive.State, **values: object) -> None:
    if not Archive.objects.filter(pk=asked.pk, state__in=was).update(state=becomes, **values):
        raise NotNow
    asked.refresh_from_db()


def work() -> int:
    """Write files of the oldest archive for some seconds; returns how many. What fails says so and stops no other."""
    done, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        asked = Archive.objects.filter(state=State.RUNNING).order_by("pk").first()
        if asked is None:
            break
        try:
            done += _next_file(asked)
        except (*MISTAKES, DatabaseError) as error:
            logger.exception("archive %s failed", asked.pk)
            Archive.objects.filter(pk=asked.pk).update(state=State.FAILED, problem=type(error).__name__)
    return done


@transaction.atomic
def _next_file(asked: Archive) -> int:
    mine = Archive.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=asked.pk, state=State.RUNNING)
    locked = mine.first()
    if locked is None:
        return 0
    known = set(locked.parts.values_list("path", flat=True))
    left = [part for part in writing.parts(statement=locked.statement) if part.path not in known]
    if left:
        _keep(locked, left[0])
    else:
        _finish(locked)
    return 1


def _keep(asked: Archive, part: writing.Part) -> None:
    counting = writing.Counting(part.path)
    number = 0
    for number, piece in enumerate(_pieces(part), 1):
        counting.add(piece)
        ArchivePart.objects.create(of=asked, path=part.path, number=number, data=zlib.compress(piece, 3))
    entry = counting.entry
    if not number:
        ArchivePart.objects.create(of=asked, path=part.path, number=1, data=zlib.compress(b""))
    ArchivePart.objects.filter(of=asked, path=part.path, number=1).update(entry=entry)
    rows = entry["rows"] or 0
    Archive.objects.filter(pk=asked.pk).update(files_written=F("files_written") + 1, rows=F("rows") + rows)


def _pieces(part: writing.Part) -> Iterator[bytes]:
    kept = bytearray()
    for piece in part.pieces():
        kept += piece
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


def _finish(asked: Archive) -> None:
    """The manifest is last: without it nobody takes an archive for a whole one."""
    entries = list(asked.parts.filter(number=1).order_by("id").values_list("entry", flat=True))
    data = writing.manifest(entries, statement=asked.statement)
    ArchivePart.objects.create(of=asked, path="manifest.json", number=1, data=zlib.compress(data), entry={})
    Archive.objects.filter(pk=asked.pk).update(state=State.DONE, finished_at=Now())


class _Pipe:
    """What `zipfile` writes to when nobody can go back in it."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, data: bytes, /) -> int:
        self.kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written can still be taken."""

    def taken(self) -> bytes:
        """What was written since."""
        data = bytes(self.kept)
        self.kept.clear()
        return data


def zipped(asked: Archive) -> Iterator[bytes]:
    """The archive as one zip, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        paths = asked.parts.filter(number=1).order_by("id").values_list("path", flat=True)
        for path in list(paths):
            with made.open(path, "w", force_zip64=True) as inside:
                pieces = asked.parts.filter(path=path).order_by("number").values_list("data", flat=True)
                for data in pieces.iterator(chunk_size=1):
                    inside.write(zlib.decompress(data))
                    yield pipe.taken()
            yield pipe.taken()
    yield pipe.taken()
