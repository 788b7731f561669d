"""Public addresses of this app. What is printed on paper must work for ever: add, never change."""

from django.urls import path

from exchange.packs import views

urlpatterns = [
    path("statements/<slug:slug>/packs/<slug:code>/", views.pack, name="pack"),
]
