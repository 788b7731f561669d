import sys
from typing import Any

from django.core.management.base import BaseCommand

from core import lights

WORDS = {"green": "ok   ", "amber": "LOOK ", "red": "WRONG", "unknown": "?    "}


class Command(BaseCommand):
    """`manage.py doctor`"""

    help = (
        "Says whether this site is set up well. Exit code 0: all is well; 1: something is wrong; 2: look at something."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each light and what to do."""
        found = lights.all_lights(ask=True)
        for light in found:
            self.stdout.write(f"{WORDS[light.light]} {light.label}")
            if light.light != "green":
                self.stdout.write(f"      {light.advice}")
        colours = {light.light for light in found}
        if code := 1 if "red" in colours else 2 if "amber" in colours else 0:
            sys.exit(code)
