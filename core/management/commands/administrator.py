from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import welcome


class Command(BaseCommand):
    """`undersigned administrator`"""

    help = (
        "Makes the first administrator and prints the link by which they choose a password. It works once, for 3 days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("email", help="their address, which is also the name they log in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """Print the link and nothing else."""
        try:
            self.stdout.write(welcome.link(welcome.first_administrator(email)))
        except welcome.Unwelcome as error:
            raise CommandError(str(error)) from error
