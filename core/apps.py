from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The shared floor: mail, tokens, forms, headers. It knows no petition, comment or organisation."""

    name = "core"

    def ready(self) -> None:
        """Register the system checks."""
        from core import checks  # noqa: F401, PLC0415 - models must be loaded first
