"""Leave for good: archives, files that lead old addresses on, and, asked for by name, the erasure of everything."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.archive import writing
from exchange.leaving import erasing, redirects
from petitions.models import Statement
from publishers.models import Publisher


class Command(BaseCommand):
    """`undersigned leave FOLDER --to ORIGIN [--publisher SLUG] [--erase NAME --reason WHY]`."""

    help = "Write everything down to take along, and erase it here if its name is typed (docs/sysadmin/leave.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="Where to write archives and redirects; it must not be there yet."
        )
        parser.add_argument("--to", required=True, metavar="ORIGIN", help="Where it is now: https://sign.example.org.")
        parser.add_argument("--publisher", metavar="SLUG", help="Only this publisher; without it the whole site.")
        parser.add_argument("--erase", metavar="NAME", default="", help="Erase it all: the name exactly as it is said.")
        parser.add_argument("--reason", default="", help="Why; it goes on record and into the certificate.")

    def handle(self, *args: Any, folder: Path, publisher: str | None, **options: Any) -> None:
        chosen = Publisher.objects.filter(slug=publisher).first() if publisher else None
        if publisher and chosen is None:
            raise CommandError(f"There is no publisher “{publisher}”.")
        name = erasing.name_of(chosen)
        if options["erase"] and (options["erase"].strip() != name or not options["reason"].strip()):
            raise CommandError(f"Nothing was done. To erase it type --erase “{name}”, and --reason.")
        try:
            to = redirects.clean_origin(options["to"])
            folder.mkdir(mode=0o700)
            self._take(folder, chosen, to)
        except (redirects.NoOrigin, OSError) as error:
            raise CommandError(str(error)) from error
        if not options["erase"]:
            self.stdout.write(f"Nothing was erased. When the archive is safe elsewhere: --erase “{name}” --reason …")
            return
        certificate = erasing.erase(publisher=chosen, typed=options["erase"], why=options["reason"])
        (folder / "certificate.json").write_text(json.dumps(certificate.data, ensure_ascii=False, indent=1) + "\n")
        for table, number in certificate.rows.items():
            self.stdout.write(f"{number:>12,}  {table}")
        self.stdout.write(f"{sum(certificate.rows.values()):>12,}  rows of {name} are erased.")
        for sentence in certificate.data["stays"]:
            self.stdout.write(f"Stays: {sentence}.")

    def _take(self, folder: Path, publisher: Publisher | None, to: str) -> None:
        statements = Statement.objects.order_by("pk")
        statements = statements.filter(publisher=publisher) if publisher else statements
        for one in statements if publisher else [None]:
            path = folder / (f"{one.slug}.zip" if one else "site.zip")
            with path.open("xb") as file:
                path.chmod(0o600)
                writing.write(file, statement=one)
            self.stdout.write(str(path))
        every = list(statements)
        for name, pieces in (("redirects.csv", redirects.as_csv), ("redirects.map", redirects.as_nginx)):
            with (folder / name).open("wb") as file:
                file.writelines(pieces(every, to=to))
            self.stdout.write(str(folder / name))
