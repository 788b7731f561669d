from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import passwords, switches


class Command(BaseCommand):
    """`undersigned passwords on`"""

    help = "Lets staff log in with their passwords again, or no more; the way back when the other way in is closed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("turn", choices=["on", "off"])

    def handle(self, *args: Any, turn: str, **options: Any) -> None:
        """Turn the switch, and say whether it has an effect."""
        {"on": switches.turn_on, "off": switches.turn_off}[turn](name=passwords.SWITCH)
        if turn == "on" or passwords.are_off():
            self.stdout.write(f"Passwords are {turn}.")
        else:
            self.stdout.write("Passwords go on until an administrator has logged in the other way.")
