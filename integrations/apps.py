from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Webhooks to other programs. It knows every app below, and none knows it."""

    name = "integrations"
    verbose_name = _("Other services")

    def ready(self) -> None:
        """Tell the floors below whom people are passed on to."""
        from integrations import recipients  # noqa: F401, PLC0415 - models must be loaded first
        from integrations.oidc import views  # noqa: F401, PLC0415 - it registers its pages
