from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit
from core.models import AuditEntry


class Command(BaseCommand):
    """`manage.py verify_audit`"""

    help = "Proves that nobody has changed the record of what staff did. Exit code 1 when somebody has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("--expect", metavar="HASH", help="a newest hash noted down earlier, which must be there")

    def handle(self, *args: Any, expect: str | None, **options: Any) -> None:
        """Print the number of lines and the newest hash, or say where the chain breaks."""
        verdict = audit.verify()
        if not verdict.holds:
            raise CommandError(f"The record was tampered with: line {verdict.broken_at} is not what was written.")
        if expect and not AuditEntry.objects.filter(hash=expect).exists():
            raise CommandError("The record was cut short: the hash you noted is not in it.")
        self.stdout.write(f"{verdict.lines} lines, unbroken. Newest hash: {verdict.head or 'none'}")
