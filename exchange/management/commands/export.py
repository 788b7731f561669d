"""Take everything away, or one statement."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.archive import writing
from petitions.models import Statement


class Command(BaseCommand):
    """`undersigned export FILE.zip [--statement SLUG]`."""

    help = "Write an archive of the site, or of one statement, that another site reads (docs/exchange/archive.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Where to write the archive; it must not be there yet.")
        parser.add_argument("--statement", metavar="SLUG", help="Only this one.")

    def handle(self, *args: Any, file: Path, statement: str | None, **options: Any) -> None:
        chosen = Statement.objects.filter(slug=statement).first() if statement else None
        if statement and chosen is None:
            raise CommandError(f"There is no statement “{statement}”.")
        beside = file.with_name(f"{file.name}.part")
        try:
            with beside.open("xb") as made:
                beside.chmod(0o600)
                written = writing.write(made, statement=chosen, told=self._told)
        except FileExistsError as error:
            raise CommandError(
                f"{beside} is there: another export is under way, or one broke off. Delete it."
            ) from error
        except OSError as error:
            raise CommandError(f"It can't be written: {error}") from error
        if file.exists():
            beside.unlink()
            raise CommandError(f"{file} is there already.")
        beside.rename(file)
        told = ", ".join(f"{number:,} {name}" for name, number in written["counts"].items() if number)
        self.stdout.write(f"{file}: {told or 'nothing yet'}.")

    def _told(self, path: str) -> None:
        if path.endswith(".csv"):
            self.stderr.write(path)
