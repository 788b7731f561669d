"""What staff ask for on the desk and the worker writes, file by file: archives, packs, farewells.

The database keeps it for a week, so a web machine and a worker need not share a disk. A file that is written stays
written, so that a worker that stops is followed by one that goes on with the next.
"""

import logging
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from core.making import Busy
from core.mistakes import MISTAKES
from exchange.models import Kept
from exchange.parts import Counting, Part

logger = logging.getLogger(__name__)
State = Kept.State
PIECE = 1024 * 1024  # bytes of a file in one row, before it is packed
SECONDS = 5.0
WHOLE = ".zip"  # the path of a zip that is kept as such; what begins with a dot is no file in it


class NotNow(Exception):
    """It is past that, or not there yet."""

    def __str__(self) -> str:
        return str(_("That is not possible any more. Look at how far it is."))


@dataclass(frozen=True)
class Kind:
    """What is written of one model's rows: `parts` are its files as far as they are known, `finish` is called when all
    are there and returns what the row then says."""

    model: type[Kept]
    parts: Callable[[Any], list[Part]]
    finish: Callable[[Any], dict[str, Any]]


_kinds: dict[type[Kept], Kind] = {}


def kind(model: type[Kept], *, parts: Callable[[Any], list[Part]], finish: Callable[[Any], dict[str, Any]]) -> None:
    """Register how the rows of `model` are written."""
    _kinds[model] = Kind(model, parts, finish)


def _called(asked: Kept) -> str:
    return str(asked._meta.verbose_name)


@transaction.atomic
def start(asked: Kept, *, why: str, by: Staff = None) -> Kept:
    """Let the worker write it; who takes it, and why, is on record. `asked` is not saved yet."""
    asked.created_by = by
    asked.files_in_all = len(_kinds[type(asked)].parts(asked))
    asked.save()
    audit.record(by=by, on=asked, what=f"Had a file written ({_called(asked)})", why=why, label=str(asked))
    return asked


@transaction.atomic
def stop(*, asked: Kept, by: Staff = None) -> None:
    """Stop before the next file. Raises NotNow."""
    _move(asked, [State.RUNNING], State.STOPPED)
    audit.record(by=by, on=asked, what=f"Stopped a file ({_called(asked)})", label=str(asked))


@transaction.atomic
def resume(*, asked: Kept, by: Staff = None) -> None:
    """Go on with the next file. Raises NotNow."""
    _move(asked, [State.STOPPED, State.FAILED], State.RUNNING, problem="")
    audit.record(by=by, on=asked, what=f"Went on with a file ({_called(asked)})", label=str(asked))


def _move(asked: Kept, was: list[Kept.State], becomes: Kept.State, **values: object) -> None:
    if not _rows(asked).filter(state__in=was).update(state=becomes, **values):
        raise NotNow
    asked.refresh_from_db()


def _rows(asked: Kept) -> Any:
    return type(asked)._default_manager.filter(pk=asked.pk)


def work(model: type[Kept]) -> int:
    """Write files of the oldest row for some seconds, at least one; returns how many.

    What fails says so and stops no other.
    """
    done, until = 0, time.monotonic() + SECONDS
    while not done or time.monotonic() < until:
        asked = model._default_manager.filter(state=State.RUNNING).order_by("pk").first()
        if asked is None:
            break
        try:
            written = _next_file(asked)
            done += written
            if not written:
                break  # another worker has it
        except (*MISTAKES, DatabaseError, Busy) as error:
            logger.exception("%s %s failed", _called(asked), asked.pk)
            _rows(asked).update(state=State.FAILED, problem=type(error).__name__)
    return done


@transaction.atomic
def _next_file(asked: Kept) -> int:
    with connection.cursor() as cursor:  # a paper is set meanwhile, and a million names are read
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    locked = _rows(asked).select_for_update(skip_locked=True, no_key=True).filter(state=State.RUNNING).first()
    if locked is None:
        return 0
    of = _kinds[type(asked)]
    known = set(locked.parts.values_list("path", flat=True))
    left = [part for part in of.parts(locked) if part.path not in known]
    if left:
        _keep(locked, left[0])
        _rows(locked).update(files_in_all=len(of.parts(locked)))
    else:
        _rows(locked).update(state=State.DONE, finished_at=Now(), **of.finish(locked))
    return 1


def _keep(asked: Kept, part: Part) -> None:
    counting = Counting(part.path)
    pieces = part.pieces() if part.is_cut else _pieces(part.pieces())
    number = _put(asked, part.path, (counted(piece, counting) for piece in pieces))
    if not number:
        _put(asked, part.path, iter([b""]))
    asked.parts.filter(path=part.path, number=1).update(entry=counting.entry)
    rows = counting.entry["rows"] or 0
    _rows(asked).update(files_written=F("files_written") + 1, rows=F("rows") + rows)


def counted(piece: bytes, counting: Counting) -> bytes:
    """The piece, once it was counted."""
    counting.add(piece)
    return piece


def _put(asked: Kept, path: str, pieces: Iterator[bytes]) -> int:
    """Keep these pieces of a file; returns how many they were."""
    number = 0
    for number, piece in enumerate(pieces, 1):
        asked.parts.create(path=path, number=number, data=zlib.compress(piece, 3))
    return number


def _pieces(given: Iterator[bytes]) -> Iterator[bytes]:
    kept = bytearray()
    for piece in given:
        kept += piece
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


def paths(asked: Kept) -> list[str]:
    """The files that are written, in the order in which they were."""
    found = asked.parts.filter(number=1).exclude(path__startswith=".").order_by("id")
    return list(found.values_list("path", flat=True))


def entries(asked: Kept) -> list[dict[str, Any]]:
    """What a manifest says of each."""
    found = asked.parts.filter(number=1).exclude(path__startswith=".").order_by("id")
    return list(found.values_list("entry", flat=True))


def pieces_of(asked: Kept, path: str) -> Iterator[bytes]:
    """What a file holds."""
    for data in asked.parts.filter(path=path).order_by("number").values_list("data", flat=True).iterator(chunk_size=1):
        yield zlib.decompress(data)


def piece_of(asked: Kept, path: str, number: int) -> bytes:
    """One piece of what a file holds."""
    return zlib.decompress(asked.parts.values_list("data", flat=True).get(path=path, number=number))


def add(asked: Kept, path: str, data: bytes) -> None:
    """One file more, small and written at the end."""
    asked.parts.create(path=path, number=1, data=zlib.compress(data), entry={})


class Pipe:
    """A stream for `zipfile` that cannot seek."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, data: bytes, /) -> int:
        self.kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to do: written bytes can still be taken."""

    def taken(self) -> bytes:
        """The bytes written since the last call."""
        data = bytes(self.kept)
        self.kept.clear()
        return data


def zipped(asked: Kept) -> Iterator[bytes]:
    """All files as one zip, piece by piece; as it was zipped, if it was (zip_up)."""
    if asked.parts.filter(path=WHOLE).exists():
        yield from pieces_of(asked, WHOLE)
        return
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        for path in paths(asked):
            with made.open(path, "w", force_zip64=True) as inside:
                for piece in pieces_of(asked, path):
                    inside.write(piece)
                    yield pipe.taken()
            yield pipe.taken()
    yield pipe.taken()


def zip_up(asked: Kept) -> str:
    """Keep the zip itself in place of its files, so that its bytes never change again; returns its SHA-256."""
    when = asked.created_at.timetuple()[:6]
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
            for path in paths(asked):
                with made.open(_info(path, when), "w") as inside:
                    for piece in pieces_of(asked, path):
                        inside.write(piece)
        file.seek(0)
        digest = sha256()
        asked.parts.all().delete()
        for number, piece in enumerate(_read(file), 1):
            digest.update(piece)
            asked.parts.create(path=WHOLE, number=number, data=zlib.compress(piece, 0))
    return digest.hexdigest()


def _info(path: str, when: tuple[Any, ...]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, when)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
