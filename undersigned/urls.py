"""Every address of the site; each app lists its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # Django tries one after the other, so what is asked for most stands first.
    path("", include("core.urls")),
    path("", include("petitions.urls")),
    path("", include("submissions.urls")),
    path("", include("publishers.urls")),
    path("", include("comments.urls")),
    path("", include("organisations.urls")),
    path("", include("exchange.urls")),
    path("", include("integrations.urls")),
    path("api/", include("api.urls")),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("", include("seeds.urls")))

handler400 = "core.http.bad_request"
handler403 = "core.http.forbidden"
handler404 = "petitions.pages.views.not_found"
handler500 = "core.http.broken"
