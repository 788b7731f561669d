"""Write a closed statement as plain pages."""

import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange import keeping
from exchange.farewell import writing
from exchange.models import Farewell
from petitions.models import Statement


class Command(BaseCommand):
    """`undersigned farewell SLUG FOLDER`."""

    help = "Write a closed statement as one folder of plain pages that needs no server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("statement", metavar="SLUG")
        parser.add_argument("folder", type=Path, help="Where to write it; it must not be there yet.")

    def handle(self, *args: Any, statement: str, folder: Path, **options: Any) -> None:
        chosen = Statement.objects.filter(slug=statement).first()
        if chosen is None:
            raise CommandError(f"There is no statement “{statement}”.")
        try:
            folder.mkdir()
            farewell = writing.start(statement=chosen, why="")
        except writing.NotClosed as error:
            folder.rmdir()
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"It can't be written: {error}") from error
        while keeping.work(Farewell):
            pass
        farewell.refresh_from_db()
        if farewell.state != Farewell.State.DONE:
            raise CommandError(f"It is {farewell.get_state_display()}: {farewell.problem}")
        beside = folder / ".zip"
        with beside.open("wb") as file:
            file.writelines(keeping.zipped(farewell))
        with zipfile.ZipFile(beside) as packed:
            packed.extractall(folder)
        beside.unlink()
        farewell.delete()
        self.stdout.write(f"{folder}: {farewell.files_written:,} files. Open {folder / writing.FIRST}.")
