"""Addresses of the API. Each goes through the door (door.py)."""

from django.urls import path

from api import pages
from api.door import through
from api.interface import api

urlpatterns = [
    path("", pages.index, name="api"),
    path("openapi.json", pages.openapi, name="openapi"),
    *(path(f"v1/{one.pattern}", through(one.callback), name=f"api_{one.name}") for one in api.urls[0]),
    path("<path:rest>", through(pages.nothing), name="api_nothing"),
]
