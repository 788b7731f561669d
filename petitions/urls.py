"""Addresses of statements. What people were once sent must work for ever: add, never change."""

from django.urls import include, path

from core import resolver
from petitions.pages import attendance_views, call_views, event_views, sign_views, update_views, views

resolver.home("statement", of="slug", under=("statements", "embed"))
resolver.home("publisher", of="slug", under=("p",))
resolver.home("event", of="slug", under=("events",))

urlpatterns = [
    path("", views.home, name="home"),
    path("statements/", views.statement_list, name="statements"),
    path("p/<slug:slug>/", views.publisher, name="publisher"),
    path("statements/<slug:slug>/", views.statement, name="statement"),
    path("statements/<slug:slug>/sign/", sign_views.sign, name="sign"),
    path("statements/<slug:slug>/check-email/", sign_views.check_email, name="check_email"),
    path("statements/<slug:slug>/thanks/", sign_views.thanks, name="thanks"),
    path("embed/<slug:slug>/form/", sign_views.framed_sign, name="embed_form"),
    path("embed/<slug:slug>/form/sent/", sign_views.framed_check_email, name="embed_sent"),
    path("statements/<slug:slug>/signatures/", views.signatures, name="signatures"),
    path("statements/<slug:slug>/history/", views.version_history, name="history"),
    path("statements/<slug:slug>/share/", views.share, name="share"),
    path("statements/<slug:slug>/write/<int:position>/", call_views.write, name="call_write"),
    path("statements/<slug:slug>/count.json", views.count, name="count"),
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/versions/", views.privacy_versions, name="privacy_versions"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("events/", event_views.event_list, name="events"),
    path("events.ics", event_views.all_ics, name="events_ics"),
    path("events/<slug:slug>/", event_views.event, name="event"),
    path("events/<slug:slug>.ics", event_views.event_ics, name="event_ics"),
    path("events/<slug:slug>/coming/", attendance_views.coming, name="coming"),
    path("events/<slug:slug>/check-email/", attendance_views.check_email, name="coming_check_email"),
    path("statements/<slug:slug>/events.ics", event_views.statement_ics, name="statement_ics"),
    path("statements/<slug:slug>/updates/", update_views.update_list, name="updates"),
    path("statements/<slug:slug>/updates/<slug:update>/", update_views.update, name="update"),
    path("", include("petitions.travel.urls")),
    path("robots.txt", views.robots, name="robots"),
]
