from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import tombstones


class Command(BaseCommand):
    """`manage.py replay_erasures`"""

    help = (
        "After a restore: ends again whatever its owner or staff have ended since that backup was made, from the files"
        " that the worker keeps apart from the database (ERASURES_ROOT). Run it before the site is reached again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every file, act, and say how much that was. Raises CommandError for a file that can't be read."""
        try:
            stones = list(tombstones.kept())
        except ValueError as error:
            raise CommandError(str(error)) from error
        done = tombstones.replay(stones)
        self.stdout.write(f"{len(stones)} tombstones read.")
        for kind, rows in sorted(done.items()):
            self.stdout.write(f"{kind}: {rows} ended again.")
        if not done:
            self.stdout.write("Nothing had come back.")
