"""Addresses that belong to no single app: the links in mails, and the questions that machines ask."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from core import health, logs, resolver, tokens
from core.http import cross_site_allowed, hides_referrer, public


def _page(prefix: str) -> Callable[..., HttpResponse]:
    return require_http_methods(["GET", "HEAD", "POST"])(partial(tokens.token_page, prefix=prefix))


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon of what has no page around it, such as a PDF."""
    return public(redirect(static("img/icon.svg"), permanent=True))


resolver.case_matters(*logs.KEYED)

urlpatterns = [
    path("confirm/<str:token>/", _page("confirm"), name="confirm"),
    path("manage/<str:token>/", hides_referrer(_page("manage")), name="manage"),
    # Mail programs post here by themselves (RFC 8058).
    path("unsubscribe/<str:token>/", cross_site_allowed(_page("unsubscribe")), name="unsubscribe"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("favicon.ico", icon, name="icon"),
]
