from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """The way in for programs. It knows every app below, and none knows it."""

    name = "api"
    verbose_name = _("Programming interface")
