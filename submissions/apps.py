from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """What a form that is confirmed by mail goes through, whichever app it belongs to."""

    name = "submissions"
