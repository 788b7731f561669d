from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """What a form that is confirmed by mail goes through, whichever app it belongs to."""

    name = "submissions"

    def ready(self) -> None:
        """Tell the floor below what rings and is measured here, and in which order people are served."""
        from submissions import desk, ranks, requests, switches  # noqa: F401, PLC0415 - models must be loaded first
