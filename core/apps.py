from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The shared floor: mail, tokens, forms, headers. It knows no petition, comment or organisation."""

    name = "core"
