"""Bring the demo's tables and its world up to date.

One process for both: starting Django a second time would take as long as the work itself.
"""

import sys

import django
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError


def main() -> int:
    """Migrate, then seed. Returns the exit status."""
    django.setup()
    for step in ("migrate", "seed"):
        try:
            call_command(step, verbosity=0)
        except (CommandError, SystemCheckError) as error:
            print(f"manage.py {step}: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
