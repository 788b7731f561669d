from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """What a group already uses, told of what happens here. It knows every app below, and none knows it."""

    name = "integrations"
    verbose_name = "Other services"
