"""The installed program: `undersigned migrate`, `undersigned worker` and whatever else Django and the apps can do."""

import os
import sys
from importlib import import_module
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from undersigned import __version__

# These work where there are no settings yet, or those of another version; all others are commands of Django.
OPERATIONS = ("install", "upgrade")


def main(arguments: list[str] | None = None) -> None:
    """Run the command that `arguments` (those of the process by default) name, the program's own name first.

    A setting that is missing or wrong ends it with status 1 and the sentence that says how to mend it; `--traceback`
    shows where it came from as well. `manage.py` runs the same.

    Raises SystemExit, as Django's commands do.
    """
    arguments = sys.argv if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "undersigned.settings")
    if arguments[1:] in (["--version"], ["version"]):
        sys.stdout.write(f"undersigned {__version__} (Django {django.get_version()})\n")
        return
    if arguments[1:2] and arguments[1] in OPERATIONS:
        import_module(f"undersigned.operations.{arguments[1]}").main(arguments[2:])
        return
    try:
        execute_from_command_line(arguments)
    except ImproperlyConfigured as error:
        if "--traceback" in arguments:
            raise
        sys.exit(f"{Path(arguments[0]).name}: {error}")
