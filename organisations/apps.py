from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Organisations, their endorsements of statements, and the evidence for them."""

    name = "organisations"
