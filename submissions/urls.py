"""Addresses of the flow that belong to no single kind. Add, never change."""

from django.urls import path

from submissions import mine_views, work

urlpatterns = [
    path("mine/", mine_views.mine, name="mine"),
    path("proof-of-work/<str:scope>/", work.ask, name="work"),
]
