from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishersConfig(AppConfig):
    """Who publishes: names and addresses, look, pages, menu, and the people who work for a publisher."""

    name = "publishers"

    def ready(self) -> None:
        """Tell the floors below how a publisher is read."""
        from core import staff  # noqa: PLC0415 - models must be loaded first
        from publishers import reading  # noqa: F401, PLC0415 - the same

        staff.NAMES[self.label] = _("Publisher")
