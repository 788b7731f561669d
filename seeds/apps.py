"""The demo world: installed only when DEMO=1, never in production."""

from django.apps import AppConfig


class SeedsConfig(AppConfig):
    """Fictional people, places and statements, and the command that loads them."""

    name = "seeds"
