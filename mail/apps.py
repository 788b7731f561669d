from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    """Outgoing mail: the outbox, its limits and its worker. It knows no petition, comment or organisation."""

    name = "mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        """Register mail's lights, alarms and health checks with core."""
        from core import staff  # noqa: PLC0415 - models must be loaded first
        from mail import alarms, checks, controls, health, lights, switches  # noqa: F401, PLC0415 - the same

        staff.LAST.append(self.label)
