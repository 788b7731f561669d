import csv
import gzip
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import page_views


class Command(BaseCommand):
    """`undersigned views /var/log/undersigned/access.log*`"""

    requires_system_checks = []  # it asks no database
    help = "Counts page views by day and page from the log of the proxy in front, as CSV; the log names nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("logs", nargs="*", type=Path, help="files of the log, also .gz; none: what is piped in")
        parser.add_argument("--least", type=int, default=1, help="leave out pages with fewer views on a day")

    def handle(self, *args: Any, logs: list[Path], least: int, **options: Any) -> None:
        """Write the table to the standard output, and to the other what could not be read."""
        try:
            found = page_views.count(chain.from_iterable(map(_lines, logs)) if logs else sys.stdin)
        except OSError as error:
            raise CommandError(f"{error.filename} can't be read: {error.strerror}.") from error
        table = csv.writer(self.stdout, lineterminator="\n")
        table.writerow(["day", "page", "views"])
        for (day, page), number in sorted(found.by.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1])):
            if number >= least:
                table.writerow([day, page, number])  # a page begins with a slash, so no cell is a formula
        if found.unread:
            form = "deploy/nginx/undersigned.conf writes"
            self.stderr.write(f"{found.unread} lines are of another form than {form}, and were left out.")


def _lines(log: Path) -> Iterator[str]:
    """The lines of one file; what is no text in it is shown as such."""
    with gzip.open(log, "rt", errors="replace") if log.suffix == ".gz" else log.open(errors="replace") as lines:
        yield from lines
