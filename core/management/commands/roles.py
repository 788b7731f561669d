from typing import Any

from django.core.management.base import BaseCommand

from core import roles


class Command(BaseCommand):
    """`manage.py roles`"""

    help = "Makes the roles of the staff, or brings their permissions up to date. Harmless to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each role and how many permissions it has."""
        for role, permissions in roles.establish().items():
            self.stdout.write(f"{role}: {permissions} permissions")
