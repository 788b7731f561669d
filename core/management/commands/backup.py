import json
import os
import re
import secrets
import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyrage
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from core import watching
from core.backups import archive, database
from core.backups.archive import BadBackup

NAME = re.compile(r"undersigned-(\d{4}-\d\d-\d\dT\d{6}Z)\.age")
FORM = "%Y-%m-%dT%H%M%SZ"
KEYS = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "HASH_SECRET", "SEALING_KEYS")


class Command(BaseCommand):
    """`undersigned backup`"""

    help = (
        "Writes the whole site, database and uploads, into one encrypted file in FOLDER, and reads it back before it "
        "gets its name. The keys of the site are not in it: keep .env, or what --keys writes, somewhere else."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument(
            "folder", nargs="?", type=Path, help="where the file goes: an existing folder, best on another machine"
        )
        parser.add_argument(
            "--keep-days",
            type=int,
            metavar="DAYS",
            help="afterwards delete backups in FOLDER older than DAYS (35 is what the privacy notice says)",
        )
        parser.add_argument(
            "--new-key",
            type=Path,
            metavar="FILE",
            help="make a key to encrypt for, write its secret half into FILE, and end",
        )
        parser.add_argument(
            "--keys", type=Path, metavar="FILE", help="write the keys of the site, encrypted, into FILE, and end"
        )

    def handle(
        self,
        *args: Any,
        folder: Path | None,
        keep_days: int | None,
        new_key: Path | None,
        keys: Path | None,
        **options: Any,
    ) -> None:
        """Make a backup, or a key, or a copy of the site's keys."""
        try:
            if new_key:
                self._make_key(new_key)
            elif keys:
                self._write_keys(keys)
            elif folder is None:
                raise CommandError("Say where to: undersigned backup FOLDER.")
            else:
                self._back_up(folder, keep_days)
        except BadBackup as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer, nothing was written: {error}") from error
        except OSError as error:
            raise CommandError(f"Nothing was written: {error}") from error

    def _make_key(self, path: Path) -> None:
        key = pyrage.x25519.Identity.generate()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(f"# public key: {key.to_public()}\n{key}\n")
        self.stdout.write(f"BACKUP_RECIPIENT={key.to_public()}")
        self.stdout.write(
            f"Put that line into .env. Move {path} off this machine to where two people can find it (a password "
            "manager, a safe): without it no backup can be read, and with it every one can."
        )

    def _whom(self) -> pyrage.x25519.Recipient:
        if not settings.BACKUP_RECIPIENT:
            raise CommandError(
                "BACKUP_RECIPIENT is not set: undersigned backup --new-key FILE makes a key and says what to do."
            )
        return archive.recipient(settings.BACKUP_RECIPIENT)

    def _write_keys(self, path: Path) -> None:
        said = {name: getattr(settings, name) for name in KEYS}
        lines = "".join(
            f"{name}={value if isinstance(value, str) else ' '.join(value)}\n" for name, value in said.items()
        )
        with archive.unfinished(path) as part:
            part.write_bytes(pyrage.encrypt(lines.encode(), [self._whom()]))
        self.stdout.write(f"{path}: {', '.join(KEYS)}. Keep it apart from the backups.")

    def _back_up(self, folder: Path, keep_days: int | None) -> None:
        if keep_days is not None and keep_days < 1:
            raise CommandError("--keep-days takes a number from 1.")
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder: make it, owned by who runs this, and closed to others.")
        whom = self._whom()
        path = folder / f"undersigned-{datetime.now(UTC).strftime(FORM)}.age"
        self.stdout.write(f"Writing {path}")
        began = time.monotonic()
        size = archive.write(path, whom, self._fill)
        seconds = time.monotonic() - began
        self.stdout.write(f"Read back whole: {size / 1e6:.1f} MB in {seconds:.1f} seconds")
        watching.note(watching.BACKUP, at=time.time(), bytes=size, name=path.name)
        if keep_days:
            self._forget(folder, timedelta(days=keep_days), path)

    def _fill(self, made: ZipFile) -> None:
        try:
            with database.snapshot() as view:
                with database.dump(view) as stream:
                    digest = archive.copy_in(made, archive.DUMP, stream)
                rows = database.counts()
                applied = sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations())
                server = database.version()
        finally:
            connection.close()  # of this thread
        self.stdout.write(f"The database: {sum(rows.values()):,} rows in {len(rows)} tables")
        files = self._copy_media(made)
        manifest = {
            "made_at": datetime.now(UTC).isoformat(),
            "nonce": secrets.token_hex(8),
            "postgresql": server,
            "sha256": {archive.DUMP: digest, **files},
            "rows": rows,
            "migrations": applied,
        }
        made.writestr(archive.MANIFEST, json.dumps(manifest, indent=1))

    def _copy_media(self, made: ZipFile) -> dict[str, str]:
        if not isinstance(storages["default"], FileSystemStorage):
            self.stdout.write("Uploads rest in another store, whose own backups keep them; they are not in the file.")
            return {}
        found = {}
        for path in sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()):
            name = archive.MEDIA + str(path.relative_to(settings.MEDIA_ROOT))
            if not path.stat().st_size:
                made.writestr(name, b"")
                continue
            with path.open("rb") as source:
                found[name] = archive.copy_in(made, name, source)
        self.stdout.write(f"Uploads: {len(found)} files")
        return found

    def _forget(self, folder: Path, age: timedelta, newest: Path) -> None:
        before = (datetime.now(UTC) - age).strftime(FORM)
        for path in sorted(folder.iterdir()):
            named = NAME.fullmatch(path.name)
            if named and named[1] < before and path != newest:
                path.unlink()
                self.stdout.write(f"Deleted {path.name}, older than {age.days} days")
