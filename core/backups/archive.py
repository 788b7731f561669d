"""The file: written as a stream, read back whole before it gets its name."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import pyrage

DUMP, MANIFEST, MEDIA = "database.dump", "manifest.json", "media/"
PIECE = 1 << 20  # bytes


class BadBackup(Exception):
    """A backup that can't be made or read; the text says why and what to do."""


class _Hashed:
    """A stream that takes what is written, knows its SHA-256, and passes it on to `target` if there is one."""

    def __init__(self, target: IO[bytes] | None = None) -> None:
        self._target = target
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        return self._target.write(data) if self._target else len(data)

    def flush(self) -> None:
        if self._target:
            self._target.flush()


def recipient(text: str) -> pyrage.x25519.Recipient:
    """The public key that is written `age1…`. Raises BadBackup."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BadBackup("BACKUP_RECIPIENT is not an age key: undersigned backup --new-key makes one.") from error


def identities(path: Path) -> list[pyrage.x25519.Identity]:
    """The private keys in a file as age-keygen writes them. Raises BadBackup."""
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BadBackup(f"{path} holds no age key (AGE-SECRET-KEY-1…): {error}") from error
    if not found:
        raise BadBackup(f"{path} holds no age key (AGE-SECRET-KEY-1…).")
    return found


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A private file beside `path` to write into, which takes its name at the end; whatever fails leaves nothing."""
    part = path.with_name(f"{path.name}.unfinished")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        part.unlink(missing_ok=True)


def write(path: Path, whom: pyrage.x25519.Recipient, fill: Callable[[ZipFile], None]) -> int:
    """Make the file `path` from what `fill` puts into a ZIP; returns its size in bytes.

    It is read back and decrypted to its last byte before it gets its name, by a second key that is made for that and
    thrown away. Raises BadBackup, and what `fill` raises; nothing is left then.
    """
    for_now = pyrage.x25519.Identity.generate()
    with unfinished(path) as part:
        with part.open("wb") as target:
            wrote = _encrypt(target, [whom, for_now.to_public()], fill)
        read = _Hashed()
        with part.open("rb") as source:
            _decrypt(source, read, [for_now])
        if not wrote.size or read.hash.digest() != wrote.hash.digest():
            raise BadBackup(f"{path.name} reads otherwise than it was written: the disk or its memory is faulty.")
        return part.stat().st_size


def _encrypt(target: IO[bytes], whom: list[pyrage.x25519.Recipient], fill: Callable[[ZipFile], None]) -> _Hashed:
    """Two threads with a pipe between them: one puts the ZIP together, the other encrypts it."""
    source, drain = os.pipe()

    def put_together() -> _Hashed:
        with os.fdopen(drain, "wb", buffering=PIECE) as pipe:
            hashed = _Hashed(pipe)
            with ZipFile(hashed, "w") as made:  # type: ignore[call-overload]  # it only writes, and needs no more
                fill(made)
            return hashed

    with ThreadPoolExecutor(1) as other, os.fdopen(source, "rb", buffering=PIECE) as pipe:
        wrote = other.submit(put_together)
        try:
            pyrage.encrypt_io(pipe, target, whom)
        except (OSError, pyrage.EncryptError) as error:
            raise BadBackup(f"The backup can't be written: {error}") from error
        finally:
            pipe.close()  # or the other would wait for ever
        return wrote.result()


def _decrypt(source: IO[bytes], target: Any, whose: list[pyrage.x25519.Identity]) -> None:
    try:
        pyrage.decrypt_io(source, target, whose)
    except (OSError, pyrage.DecryptError) as error:
        raise BadBackup(
            "It can't be decrypted: it is damaged or cut short, or was made for another key, or there is no room. "
            f"({error})"
        ) from error


def digest_of(source: IO[bytes]) -> str:
    """The SHA-256 of what is left of a stream."""
    hashed = _Hashed()
    while piece := source.read(PIECE):
        hashed.write(piece)
    return hashed.hash.hexdigest()


def copy_in(made: ZipFile, name: str, source: IO[bytes]) -> str:
    """Put a stream of any length into the ZIP; returns its SHA-256. Raises BadBackup when there is nothing in it."""
    hashed = _Hashed()
    with made.open(ZipInfo(name), "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            hashed.write(piece)
            target.write(piece)
    if not hashed.size:
        raise BadBackup(f"{name} is empty: nothing was kept.")
    return hashed.hash.hexdigest()


@contextmanager
def opened(path: Path, whose: list[pyrage.x25519.Identity], folder: Path) -> Iterator[tuple[ZipFile, dict[str, Any]]]:
    """The ZIP in the file `path`, decrypted into a private file in `folder` for as long as it is needed; its manifest.

    Raises BadBackup, also where one byte of it is not as it was.
    """
    with TemporaryDirectory(prefix="restoring-", dir=folder) as private:
        plain = Path(private, "plain.zip")
        with path.open("rb") as source, plain.open("wb") as target:
            _decrypt(source, target, whose)
        try:
            with ZipFile(plain) as found:
                if damaged := found.testzip():
                    raise BadBackup(f"{damaged} in {path.name} is damaged.")
                manifest = json.loads(found.read(MANIFEST))
                yield found, manifest
        except (BadZipFile, KeyError, ValueError) as error:
            raise BadBackup(f"{path.name} is no backup of Undersigned: {error}") from error


def put_media(found: ZipFile, folder: Path) -> int:
    """Write the uploads into `folder`, which must not be there or be empty; returns how many. Raises BadBackup."""
    names = [name for name in found.namelist() if name.startswith(MEDIA)]
    part = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in names:
        target = (part / name.removeprefix(MEDIA)).resolve()
        if not target.is_relative_to(part.resolve()):
            raise BadBackup(f"{name} would be written outside of {folder}.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with found.open(name) as source, target.open("wb") as written:
            shutil.copyfileobj(source, written, PIECE)
    if folder.exists():
        folder.rmdir()
    part.rename(folder)
    return len(names)
