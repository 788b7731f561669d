"""Addresses of accounts in the fediverse."""

from django.urls import path

from integrations.fediverse import views

urlpatterns = [
    path(".well-known/webfinger", views.webfinger, name="webfinger"),
    path("fediverse/<slug:name>/", views.account, name="fediverse_actor"),
    path("fediverse/<slug:name>/inbox/", views.inbox, name="fediverse_inbox"),
    path("fediverse/<slug:name>/outbox/", views.outbox, name="fediverse_outbox"),
    path("fediverse/<slug:name>/outbox/<int:before>/", views.outbox_page, name="fediverse_outbox_page"),
    path("fediverse/<slug:name>/followers/", views.followers, name="fediverse_followers"),
    path("fediverse/<slug:name>/posts/<int:pk>/", views.post, name="fediverse_post"),
]
