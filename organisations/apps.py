from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Organisations that stand behind a statement, and the proof that they do."""

    name = "organisations"

    def ready(self) -> None:
        """Register the mails and the housekeeping of this app."""
        from organisations import chores, emails  # noqa: F401, PLC0415 - models must be loaded first
