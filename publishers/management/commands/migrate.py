"""`manage.py migrate`: Django's own, after which the site has a publisher."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from publishers import founding
from publishers.models import Publisher


class Command(migrate.Command):
    """The tables, then the first publisher with the environment's settings for its defaults."""

    def handle(self, *args: Any, **options: Any) -> None:
        """As Django's; only a whole migration founds, and never one that just shows or checks."""
        super().handle(*args, **options)
        if options["app_label"] or options["plan"] or options["check_unapplied"] or options["database"] != "default":
            return
        if Publisher._meta.db_table not in connections["default"].introspection.table_names():
            return
        founded = founding.found()
        if founded.is_new and options["verbosity"]:
            self.stdout.write(f"The publisher is {founded.publisher.name}; the desk keeps it from now on.")
