from typing import Any

from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError

from mail.carrier import FAILURES


class Command(BaseCommand):
    """`undersigned try_mail`"""

    help = "Says whether the mail server can be reached and lets us in. No mail is sent."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Open a connection and close it."""
        server = get_connection()
        try:
            server.open()
            server.close()
        except FAILURES as error:
            raise CommandError(f"The mail server does not let us in: {error}") from error
        self.stdout.write("The mail server lets us in.")
