"""The demo world: its addresses and its command exist in the demo only."""

from django.apps import AppConfig


class SeedsConfig(AppConfig):
    """Fictional people, places and statements, and the command that loads them."""

    name = "seeds"
