from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """What a group brings along and what it takes away."""

    name = "exchange"
