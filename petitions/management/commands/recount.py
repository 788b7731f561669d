"""Prove the public numbers from the rows, and mend them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from petitions.statements import counting
from petitions.statements.models import Statement


class Command(BaseCommand):
    """`manage.py recount [--repair] [slug …]`: exit code 1 when a number was wrong and was not mended."""

    help = "Compare each statement's stored numbers with its signatures; --repair makes them equal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", help="Only these statements.")
        parser.add_argument("--repair", action="store_true", help="Write the true numbers.")

    def handle(self, *args: Any, slugs: list[str], repair: bool, **options: Any) -> None:
        statements = Statement.objects.filter(slug__in=slugs) if slugs else Statement.objects.all()
        wrong = [slug for statement in statements if not self._check(statement, repair) for slug in [statement.slug]]
        if wrong and not repair:
            raise CommandError(f"Numbers do not agree: {', '.join(wrong)}. Run again with --repair.")

    def _check(self, statement: Statement, repair: bool) -> bool:
        result = counting.recount(statement=statement, repair=repair)
        verdict = "agrees" if result.agrees else ("mended" if repair else "DIFFERS")
        self.stdout.write(f"{statement.slug}: stored {result.stored[0]}, rows {result.rows[0]}: {verdict}")
        return result.agrees
