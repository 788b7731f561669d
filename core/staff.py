"""The staff pages as one site. A module of its own, because Django makes the site before it reads any admin.py."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core import identity

LAST = ["core", "auth", "axes"]
NAMES: dict[str, str | Promise] = {
    "auth": gettext_lazy("People who log in"),
    "core": gettext_lazy("Record and switches"),
}


class StaffSite(AdminSite):
    """Django's admin under the publisher's name; its home is what waits."""

    site_title = gettext_lazy("Staff")  # until a page knows whose; each_context says it
    index_title = gettext_lazy("What waits")
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        """The list of apps: daily work first, machinery last."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = str(NAMES.get(app["app_label"], app["name"]))
        return sorted(apps, key=lambda app: (app["app_label"] in LAST, app["name"]))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Context of every staff page: Django's, and a red bar when something is badly wrong."""
        from core import desk, passwords  # noqa: PLC0415 - models must be loaded first

        context = super().each_context(request)
        header = f"{identity.publisher().name}: staff"
        context |= {"site_header": header, "site_title": header}
        context["passwords_are_off"], context["ways_in"] = passwords.are_off(), passwords.ways()
        return {**context, "alarm": desk.ringing() if context["has_permission"] else None}

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Second factors have no page: their rows are secrets."""
        if getattr(model_or_iterable, "__module__", "").startswith("django_otp."):
            return
        super().register(model_or_iterable, *args, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's pages, and those that belong to no model."""
        from core import controls, second_factor, welcome  # noqa: PLC0415 - models must be loaded first

        view_on_site = path(
            "r/<path:content_type_id>/<path:object_id>/", self.admin_view(self.view_on_site), name="view_on_site"
        )
        own = [*second_factor.urls(self.admin_view), *controls.urls(self.admin_view), *welcome.urls(), view_on_site]
        return [*own, *(one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site")]

    def view_on_site(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
        """The public page of a row that this person may see, as the link on its staff page promises; else 404.

        Django's own view asks for any row of any table, and answers 500 to a key that the table can't have.
        """
        from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - models must be loaded first

        kind = ContentType.objects.filter(pk=content_type_id).first() if content_type_id.isdecimal() else None
        model = kind.model_class() if kind else None
        pages = self._registry.get(model) if model else None
        row = pages.get_object(request, object_id) if pages else None
        if pages is None or row is None or not pages.has_view_permission(request, row):
            raise Http404
        is_public = not callable(pages.view_on_site) or pages.view_on_site(row)
        if not is_public or not hasattr(row, "get_absolute_url"):
            raise Http404
        return redirect(row.get_absolute_url())

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The home page: queues, numbers, then the list of apps."""
        from core import desk  # noqa: PLC0415 - models must be loaded first

        return super().index(request, {**desk.home(request), **(extra_context or {})})
