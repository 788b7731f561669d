"""Addresses that belong to no single app: the links in mails, and the questions that machines ask."""

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from core import health, verification
from core.http import cross_site_allowed


def _page(prefix: str) -> Callable[..., HttpResponse]:
    return require_http_methods(["GET", "HEAD", "POST"])(partial(verification.token_page, prefix=prefix))


urlpatterns = [
    path("confirm/<str:token>/", _page("confirm"), name="confirm"),
    path("manage/<str:token>/", _page("manage"), name="manage"),
    # Mail programs post here by themselves (RFC 8058).
    path("unsubscribe/<str:token>/", cross_site_allowed(_page("unsubscribe")), name="unsubscribe"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
