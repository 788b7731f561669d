"""The staff pages as one site. A module of its own, because Django makes the site before it reads any admin.py."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest

LAST = ["core", "auth", "axes"]


class StaffSite(AdminSite):
    """Django's admin under the publisher's name."""

    site_header = f"{settings.SITE_NAME}: staff"
    site_title = f"{settings.SITE_NAME}: staff"
    index_title = "What do you want to look at?"
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        """What people come for first, machinery last."""
        return sorted(super().get_app_list(request, app_label), key=lambda app: (app["app_label"] in LAST, app["name"]))
