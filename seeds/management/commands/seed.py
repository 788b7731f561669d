"""`manage.py seed`: fill an empty demo with a fictional world."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from seeds import comments, endorsements, publisher, staff, statements
from seeds.world import Clock

# What is loaded, in this order. Each loader adds what is missing and returns how many rows that was: a new app
# brings its own data/<name>.toml and one function here.
LOADERS = {
    "staff log-ins": staff.load,
    "pages": publisher.load,
    "statements": statements.load,
    "endorsements": endorsements.load,
    "comments": comments.load,
    "assignments": staff.assign,
}


class Command(BaseCommand):
    """Load the demo world through the same verbs as the site. Running it again changes nothing."""

    help = "Load the fictional demo world (only with DEMO=1). Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything or nothing. Raises CommandError outside the demo, whose passwords everybody knows."""
        if not settings.DEMO:
            raise CommandError(
                "This is not a demo, so nothing was loaded: the demo world has log-ins with a published password. "
                "Set DEMO=1 on a database that may hold it."
            )
        with transaction.atomic():
            clock = Clock(now=timezone.now())
            added = {name: load(clock) for name, load in LOADERS.items()}
        if options["verbosity"]:
            self.stdout.write(self._summary(added))

    def _summary(self, added: dict[str, int]) -> str:
        told = ", ".join(f"{name} ({count})" for name, count in added.items() if count)
        return f"Added: {told}." if told else "The demo world is already there."
