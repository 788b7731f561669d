"""Addresses of the API. Each goes through the door (door.py)."""

from django.urls import URLPattern, path, register_converter

from api import pages
from api.door import through
from api.interface import api


class Anything:
    """Whatever stands in a path, line ends too."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Anything, "anything")

urlpatterns = [
    path("", pages.index, name="api"),
    path("openapi.json", pages.openapi, name="openapi"),
    *(
        path(f"v1/{one.pattern}", through(one.callback), name=f"api_{one.name}")
        for one in api.urls[0]
        if isinstance(one, URLPattern) and one.callback is not None and one.name != "api-root"  # which is nothing
    ),
    path("<anything:rest>", through(pages.nothing), name="api_nothing"),
]
