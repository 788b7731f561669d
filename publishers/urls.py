"""Addresses of what a publisher brings to every page, and of the pages that it wrote."""

from django.urls import path

from core import resolver
from publishers import views

resolver.home("page", of="slug", under=("pages",))

urlpatterns = [
    path("look/<slug:name>.css", views.look_sheet, name="look"),
    path("pictures/<slug:name>.webp", views.picture, name="publisher_picture"),
    path("write/", views.write, name="write"),
    path("pages/<slug:slug>/", views.page, name="page"),
]
