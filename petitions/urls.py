"""Addresses of statements. What people were once sent must work for ever: add, never change."""

from django.urls import include, path

from petitions.pages import sign_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("statements/", views.statement_list, name="statements"),
    path("statements/<slug:slug>/", views.statement, name="statement"),
    path("statements/<slug:slug>/sign/", sign_views.sign, name="sign"),
    path("statements/<slug:slug>/check-email/", sign_views.check_email, name="check_email"),
    path("statements/<slug:slug>/thanks/", sign_views.thanks, name="thanks"),
    path("embed/<slug:slug>/form/", sign_views.framed_sign, name="embed_form"),
    path("embed/<slug:slug>/form/sent/", sign_views.framed_check_email, name="embed_sent"),
    path("statements/<slug:slug>/signatures/", views.signatures, name="signatures"),
    path("statements/<slug:slug>/history/", views.version_history, name="history"),
    path("statements/<slug:slug>/share/", views.share, name="share"),
    path("statements/<slug:slug>/count.json", views.count, name="count"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("", include("petitions.travel.urls")),
    path("robots.txt", views.robots, name="robots"),
]
