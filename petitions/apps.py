from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    """Statements, their versions, and the people who sign them."""

    name = "petitions"
