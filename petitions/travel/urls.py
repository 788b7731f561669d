"""Addresses that carry a statement to calendars, feeds, other websites and paper. Add, never change."""

from django.urls import path

from petitions.travel import card_views, embeds, feeds, paper_views

urlpatterns = [
    path("events/<slug:slug>/card-v<int:number>.png", card_views.of_event, name="event_card"),
    path("feed/", feeds.statements, name="feed"),
    path("statements/<slug:slug>/feed/", feeds.updates, name="update_feed"),
    path("statements/<slug:slug>.json", feeds.statement_json, name="statement_json"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path(
        "statements/<slug:slug>/updates/<slug:update>/card-v<int:number>.png",
        card_views.of_update,
        name="update_card",
    ),
    path("statements/<slug:slug>/card-v<int:number>.png", card_views.of_statement, name="card"),
    path("statements/<slug:slug>/embed-code/", embeds.embed_code, name="embed_code"),
    path("statements/<slug:slug>/via/<slug:code>/", embeds.signed_via, name="via"),
    path("statements/<slug:slug>/sheet.pdf", paper_views.sheet, name="sheet"),
    path("statements/<slug:slug>/poster.pdf", paper_views.poster, name="poster"),
    path("statements/<slug:slug>/qr.svg", paper_views.qr, name="qr"),
    path("statements/<slug:slug>/live/", paper_views.live, name="live"),
    path("oembed/", embeds.oembed, name="oembed"),
    path("embed/<slug:slug>/", embeds.embed, name="embed"),
    path("embed/<slug:slug>/badge.svg", embeds.badge, name="embed_badge"),
]
