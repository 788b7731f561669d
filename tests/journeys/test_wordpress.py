"""A reader of a WordPress page signs in the frame that they asked for; before that, nobody heard of them."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from petitions.models import Signature
from petitions.statements import counting
from tests.factories import SignatureFactory, StatementFactory
from tests.integrations.wordpress.playing import PLUGIN, play, record
from tests.journeys.conftest import DESKTOP, PHONE, accessible, fits, follow
from tests.journeys.test_travel import foreign  # noqa: F401  the fixture

pytestmark = [pytest.mark.journey, pytest.mark.wordpress, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES")


def page_of(html: str) -> str:
    """A post as a theme might draw it, with what the plugin enqueued."""
    style, script = ((PLUGIN / "assets" / f"undersigned.{kind}").read_text() for kind in ("css", "js"))
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Our blog</title>
    <meta name="viewport" content="width=device-width"><style>body {{ font: 18px/1.5 Georgia; margin: 1rem; }}
    .screen-reader-text {{ position: absolute; clip-path: inset(50%); }}{style}</style></head>
    <body><main><h1>Our blog</h1>{html}</main><script>{script}</script></body></html>"""


def test_nothing_is_loaded_before_a_click_and_then_they_sign(browser: Browser, site, client, foreign, mailbox):  # noqa: F811
    statement = StatementFactory(slug="libraries", title="Keep our libraries open")
    SignatureFactory.create_batch(30, statement=statement)
    counting.recount(statement=statement, repair=True)
    answers = record(client, "/api/v1/statements/libraries", "/api/v1/statements/libraries/events?limit=100", site=site)
    saved = {"site": site, "click": True, "minutes": 5}
    shows = [
        ("block", {"statement": "libraries", "show": show, "via": "our-blog"}) for show in ("card", "form", "events")
    ]
    html = "".join(play(*shows, answers=answers, saved=saved)["shown"])
    blog = foreign(page_of(html))
    for kind in (PHONE, DESKTOP):
        context = browser.new_context(locale="en-GB", **kind)
        context.set_default_timeout(30_000)
        asked: list[str] = []
        context.on("request", lambda request, asked=asked: asked.append(request.url))
        page = context.new_page()
        page.goto(blog)
        expect(page.get_by_role("button", name="Show the form")).to_be_visible()
        fits(page)
        accessible(page)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"wordpress-{len(kind)}.png", full_page=True)
        assert asked == [blog]
        page.get_by_role("button", name="Show the form").click()
        frame = page.frame_locator("iframe[title='Sign: Keep our libraries open']")
        expect(frame.get_by_label("Full name")).to_be_visible()
        email = f"ada{len(kind)}@example.org"
        frame.get_by_label("Full name").fill("Ada Long")
        frame.get_by_label("Email", exact=True).fill(email)
        frame.locator("button.btn-sign").click()
        expect(frame.get_by_text(email)).to_be_visible()
        mailbox.deliver()
        assert context.cookies() == []
        page.goto(mailbox.link(email, "confirm"))
        follow(page.get_by_role("button", name="Confirm my signature"))
        context.close()
    mine = Signature.objects.filter(name="Ada Long").order_by("pk").values_list("email", "via", "channel")
    assert sorted(mine) == [(f"ada{n}@example.org", "our-blog", "embed") for n in sorted({len(PHONE), len(DESKTOP)})]
