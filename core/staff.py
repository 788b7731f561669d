"""The staff pages as one site. A module of its own, because Django makes the site before it reads any admin.py."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

LAST = ["core", "auth", "axes"]


class StaffSite(AdminSite):
    """Django's admin under the publisher's name; its home is what waits."""

    site_header = f"{settings.SITE_NAME}: staff"
    site_title = f"{settings.SITE_NAME}: staff"
    index_title = "What waits"
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        """What people come for first, machinery last."""
        return sorted(super().get_app_list(request, app_label), key=lambda app: (app["app_label"] in LAST, app["name"]))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What waits, the numbers, then everything else there is."""
        from core import desk  # noqa: PLC0415 - models must be loaded first

        return super().index(request, {**desk.home(request), **(extra_context or {})})
