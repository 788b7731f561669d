"""Addresses that carry a statement to calendars, feeds, other websites and paper. Add, never change."""

from django.urls import path

from petitions import event_views

urlpatterns = [
    path("events/", event_views.event_list, name="events"),
    path("events.ics", event_views.all_ics, name="events_ics"),
    path("events/<slug:slug>/", event_views.event, name="event"),
    path("events/<slug:slug>.ics", event_views.event_ics, name="event_ics"),
    path("statements/<slug:slug>/events.ics", event_views.statement_ics, name="statement_ics"),
]
