"""Opening an archive: that it is one, whole, of a version that is known, and no trap."""

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from exchange.archive import layout
from exchange.files import BROKEN, CHUNK, ENCRYPTED, Unreadable, refuse_bomb

LARGEST_INSIDE = 64 * 1024**3  # bytes of an archive once it is unpacked
LONGEST_MANIFEST = 64 * 1024**2
_PATH = re.compile(r"(?:statements/[-a-z0-9_]+/)?(?:media/(?:logos/)?)?[^/\\\0]{1,200}")

NO_ARCHIVE = _("This is no archive of Undersigned: it has no manifest.")
NEWER = _("This archive was made by a newer version of Undersigned. Bring this site up to date first.")
NOT_WHOLE = _("“%(path)s” is missing or was changed since the archive was made. Nothing was brought in.")
STRAY = _("The manifest doesn't know “%(path)s”. Nothing was brought in.")


@dataclass
class Opened:
    """An archive whose files are all what the manifest says."""

    zip: zipfile.ZipFile
    manifest: dict[str, Any]

    @property
    def slugs(self) -> list[str]:
        """The statements in it, in their order."""
        paths = [one["path"] for one in self.manifest["files"]]
        return [path.split("/")[1] for path in paths if path.endswith("/statement.json")]

    def json(self, path: str) -> Any:
        """What a JSON file says."""
        with self.zip.open(path) as file:
            return json.load(file)

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return any(one["path"] == path for one in self.manifest["files"])


def open_archive(file: IO[bytes]) -> Opened:
    """Read the manifest and prove every file by its SHA-256. Raises Unreadable."""
    try:
        packed = zipfile.ZipFile(file)
        inside = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable(BROKEN) from error
    if any(one.flag_bits & 0x1 for one in inside):
        raise Unreadable(ENCRYPTED)
    refuse_bomb(inside, largest=LARGEST_INSIDE)
    manifest = _manifest(packed)
    _prove(packed, manifest, {one.filename for one in inside})
    return Opened(packed, manifest)


def _manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with packed.open("manifest.json") as file:
            found = json.loads(file.read(LONGEST_MANIFEST))
        is_ours = found["format"] == layout.FORMAT
        version, files = int(found["version"]), found["files"]
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise Unreadable(NO_ARCHIVE) from error
    if not is_ours or not all(isinstance(one, dict) and {"path", "sha256"} <= one.keys() for one in files):
        raise Unreadable(NO_ARCHIVE)
    if version > layout.VERSION:
        raise Unreadable(NEWER)
    return dict(found)


def _prove(packed: zipfile.ZipFile, manifest: dict[str, Any], inside: set[str]) -> None:
    known = {one["path"]: one["sha256"] for one in manifest["files"]}
    for path in sorted(inside - known.keys() - {"manifest.json"}):
        raise Unreadable(STRAY, path=path[:80])
    for path, sha256 in known.items():
        if not _PATH.fullmatch(str(path)) or _digest(packed, path) != sha256:
            raise Unreadable(NOT_WHOLE, path=str(path)[:80])


def _digest(packed: zipfile.ZipFile, path: str) -> str:
    digest = hashlib.sha256()
    try:
        with packed.open(path) as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, EOFError):
        return ""
    return digest.hexdigest()
