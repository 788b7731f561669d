"""The addresses of the site when it is a demo."""

from seeds.urls import urlpatterns as demo_only
from undersigned.urls import handler404
from undersigned.urls import urlpatterns as always

__all__ = ["handler404"]

urlpatterns = [*always, *demo_only]
