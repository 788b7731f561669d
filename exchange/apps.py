from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Imports and archives."""

    name = "exchange"
