from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from core.backups import archive, database
from core.backups.archive import BadBackup

# What a backup can't know: what people asked for after it was made. Run where there is such a command.
REPLAY = "replay_erasures"


class Command(BaseCommand):
    """`undersigned restore`"""

    help = (
        "Puts a backup into an empty database and an empty folder of uploads, then proves it: the rows of each table, "
        "the public numbers, the record. What people asked to have forgotten since is forgotten again."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("file", type=Path, help="what undersigned backup wrote")
        parser.add_argument(
            "--key", type=Path, required=True, metavar="FILE", help="the secret half of the key it was made for"
        )
        parser.add_argument("--check", action="store_true", help="only see that it can be read, and say what is in it")

    def handle(self, *args: Any, file: Path, key: Path, check: bool, **options: Any) -> None:
        """Read it, then put it in."""
        work = settings.HOME / "var"
        try:
            work.mkdir(exist_ok=True)
            if not check:
                self._refuse_what_is_not_empty()
            with archive.opened(file, archive.identities(key), work) as (found, manifest):
                self._prove(found, manifest)
                if not check:
                    self._put_in(found, manifest)
        except BadBackup as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}") from error
        except OSError as error:
            raise CommandError(f"{error}") from error
        if not check:
            self._bring_up_to_date()

    def _refuse_what_is_not_empty(self) -> None:
        if not database.is_empty():
            raise CommandError(
                f"The database {connection.settings_dict['NAME']} is not empty. Make a new one (createdb "
                "--owner=undersigned --encoding=UTF8 --template=template0 NAME) and name it in DATABASE_URL."
            )
        if settings.MEDIA_ROOT.exists() and any(settings.MEDIA_ROOT.iterdir()):
            raise CommandError(f"{settings.MEDIA_ROOT} is not empty: move it aside first.")

    def _prove(self, found: ZipFile, manifest: dict[str, Any]) -> None:
        for name, digest in manifest["sha256"].items():
            with found.open(name) as source:
                if archive.digest_of(source) != digest:
                    raise BadBackup(f"{name} is not as it was when the backup was made.")
        known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
        if strange := [name for name in manifest["migrations"] if name not in known]:
            raise BadBackup(f"It was made by a newer version, which knows {strange[0]}: install that version first.")
        rows = sum(manifest["rows"].values())
        self.stdout.write(f"Made at {manifest['made_at']}: {rows:,} rows, {len(manifest['sha256']) - 1} uploads; whole")

    def _put_in(self, found: ZipFile, manifest: dict[str, Any]) -> None:
        with found.open(archive.DUMP) as source:
            database.restore(source)
        there = database.counts()
        wrong = [table for table, rows in manifest["rows"].items() if there.get(table) != rows]
        if wrong:
            raise BadBackup(
                f"The numbers of rows differ from the backup's: {', '.join(wrong)}. Do not use this database."
            )
        self.stdout.write(f"The database is in: {len(there)} tables, every one with the rows it had")
        self.stdout.write(f"Uploads: {archive.put_media(found, settings.MEDIA_ROOT)} files")

    def _bring_up_to_date(self) -> None:
        call_command("migrate", verbosity=0, stdout=self.stdout)
        if REPLAY in get_commands():
            call_command(REPLAY, stdout=self.stdout)
        else:
            self.stdout.write("Erasures since the backup are not known here: ask whoever keeps the list of them.")
        call_command("recount", stdout=self.stdout)
        call_command("verify_audit", stdout=self.stdout)
        self.stdout.write("Restored. Start the web server and the worker; then undersigned doctor.")
