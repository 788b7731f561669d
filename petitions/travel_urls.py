"""Addresses that carry a statement to calendars, feeds, other websites and paper. Add, never change."""

from django.urls import path

from petitions import card_views, embed_views, event_views, feeds, paper_views, update_views

urlpatterns = [
    path("events/", event_views.event_list, name="events"),
    path("events.ics", event_views.all_ics, name="events_ics"),
    path("events/<slug:slug>/", event_views.event, name="event"),
    path("events/<slug:slug>/card-v<int:number>.png", card_views.of_event, name="event_card"),
    path("events/<slug:slug>.ics", event_views.event_ics, name="event_ics"),
    path("statements/<slug:slug>/events.ics", event_views.statement_ics, name="statement_ics"),
    path("feed/", feeds.statements, name="feed"),
    path("statements/<slug:slug>/feed/", feeds.updates, name="update_feed"),
    path("statements/<slug:slug>.json", feeds.statement_json, name="statement_json"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("statements/<slug:slug>/updates/", update_views.update_list, name="updates"),
    path("statements/<slug:slug>/updates/<slug:update>/", update_views.update, name="update"),
    path(
        "statements/<slug:slug>/updates/<slug:update>/card-v<int:number>.png",
        card_views.of_update,
        name="update_card",
    ),
    path("statements/<slug:slug>/card-v<int:number>.png", card_views.of_statement, name="card"),
    path("statements/<slug:slug>/embed-code/", embed_views.embed_code, name="embed_code"),
    path("statements/<slug:slug>/via/<slug:code>/", embed_views.signed_via, name="via"),
    path("statements/<slug:slug>/sheet.pdf", paper_views.sheet, name="sheet"),
    path("statements/<slug:slug>/poster.pdf", paper_views.poster, name="poster"),
    path("statements/<slug:slug>/qr.svg", paper_views.qr, name="qr"),
    path("statements/<slug:slug>/live/", paper_views.live, name="live"),
    path("oembed/", embed_views.oembed, name="oembed"),
    path("embed/<slug:slug>/", embed_views.embed, name="embed"),
    path("embed/<slug:slug>/form/", embed_views.form, name="embed_form"),
    path("embed/<slug:slug>/form/sent/", embed_views.sent, name="embed_sent"),
    path("embed/<slug:slug>/badge.svg", embed_views.badge, name="embed_badge"),
]
