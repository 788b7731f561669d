from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Imports and archives."""

    name = "exchange"

    def ready(self) -> None:
        """Let links in mail find their pages (core/tokens.py): this app has no addresses of its own."""
        from exchange import inquiry_views  # noqa: F401, PLC0415 - it registers what it answers
