from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """The shared floor: tokens, forms, headers, the record. It knows no petition, comment or organisation."""

    name = "core"
    verbose_name = _("Record and switches")

    def ready(self) -> None:
        """Register the system checks."""
        from core import checks, register, watching  # noqa: F401, PLC0415 - models must be loaded first


class StaffConfig(admin.AdminConfig):
    """Django's admin with our own site."""

    default = False  # of this module CoreConfig is the one that "core" means
    default_site = "core.staff.StaffSite"
