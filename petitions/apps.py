from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PetitionsConfig(AppConfig):
    """Statements, their versions, and the people who sign them."""

    name = "petitions"

    def ready(self) -> None:
        """Tell the floors below what statements have to say there."""
        from core import staff  # noqa: PLC0415 - models must be loaded first
        from petitions import switches  # noqa: F401, PLC0415 - the same

        staff.NAMES[self.label] = _("Statements")
