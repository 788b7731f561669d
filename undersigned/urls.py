"""Every address of the site; each app lists its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("petitions.urls")),
]
