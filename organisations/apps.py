from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Organisations that stand behind a statement, and the proof that they do."""

    name = "organisations"
