"""Sealing mailboxes and postcodes anew with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import resealing
from core.sealed import Unreadable

EVERY = 50_000  # rows


class Command(BaseCommand):
    """`manage.py reseal`"""

    help = (
        "Seals what rests encrypted anew with the first of SEALING_KEYS, in small batches, while people sign. It can be"
        " stopped and run again. When it says that nothing is left, the older keys may go from SEALING_KEYS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Only count."""
        parser.add_argument("--count", action="store_true", help="Only say how many rows rest under an older key.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Every column of every table. Raises CommandError for what a missing key has sealed."""
        total = 0
        for field in resealing.columns():
            name = f"{field.model._meta.label}.{field.name}"
            if not options["count"]:
                self._reseal(name, field)
            if left := resealing.left(field):
                self.stdout.write(f"{name}: {left:,} rows under an older key.")
                total += left
        self.stdout.write(f"{total:,} rows are left." if total else "Nothing is left under an older key.")

    def _reseal(self, name: str, field: resealing.Sealed) -> None:
        done = said = 0
        try:
            for rows in resealing.reseal(field):
                done += rows
                if done - said >= EVERY:
                    self.stdout.write(f"{name}: {done:,} rows …")
                    said = done
        except Unreadable as error:
            raise CommandError(f"{name}: {error}. Then run this again.") from error
        if done:
            self.stdout.write(f"{name}: {done:,} rows sealed anew.")
