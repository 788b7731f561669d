"""The numbers of a statement in a real browser: on a desk, on a phone and in the dark."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from petitions.models import Mailing, Statement, Update
from petitions.signatures import sums
from petitions.statements import counting
from tests.factories import EventFactory, SignatureFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow
from tests.journeys.test_moderate import staff  # noqa: F401  the fixture

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def seen(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def grown(title: str, slug: str, days: int) -> Statement:
    """A statement with signatures on each of its days, from several sources."""
    now = timezone.now()
    statement = StatementFactory(title=title, slug=slug, published_at=now - timedelta(days=days))
    for day in range(days):
        for number in range(1 + (day * 7) % 5):
            SignatureFactory(
                statement=statement, confirmed_at=now - timedelta(days=day, hours=number),
                via=["", "blog", "wa"][number % 3], show_name=number % 2 == 0, email_updates=day % 3 == 0,
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO petitions_askedday (statement_id, day, source, asked, agreed)"
            " SELECT %s, current_date - n, 'page', 20, 13 + n %% 6 FROM generate_series(0, %s) n",
            [statement.pk, days],
        )
    counting.recount(statement=statement, repair=True)
    sums.count(statement.pk)
    return statement


def test_the_numbers_of_a_statement(site, staff):  # noqa: F811
    statement, other = grown("Keep our libraries open", "libraries", 30), grown("Save the baths", "baths", 12)
    now = timezone.now()
    EventFactory(statement=statement, title="Protest outside the town hall", starts_at=now - timedelta(days=20))
    news = Update.objects.create(
        statement=statement, title="We were heard", slug="heard", body="<p>N</p>", published_at=now - timedelta(days=9)
    )
    Mailing.objects.create(update=news, started_at=now - timedelta(days=8))
    cam = staff("Campaigner", statement, other, axe=True)
    cam.goto(f"/admin/petitions/statement/{statement.pk}/")
    follow(cam.get_by_role("link", name="Numbers", exact=True).first)
    expect(cam.get_by_role("heading", name="Signatures by the day")).to_be_visible()
    expect(cam.locator(".marks li").first).to_contain_text("Event: Protest outside the town hall")
    accessible(cam)
    seen(cam, "numbers")
    cam.get_by_label("Compare it with").select_option("Save the baths")
    follow(cam.get_by_role("button", name="Compare"))
    expect(cam.locator("svg.chart polyline").first).to_be_visible()
    accessible(cam)
    seen(cam, "numbers-compared")
    with cam.expect_download() as file:
        cam.locator("#of-days ~ .files a").nth(1).click()
    assert file.value.suggested_filename.endswith(".svg")
    if folder := os.environ.get("SHOTS"):
        for name in ("days", "rate", "sources", "compared"):
            with cam.expect_download() as file:
                cam.locator(f"#of-{name} ~ .files a").nth(1).click()
            file.value.save_as(Path(folder) / f"alone-{name}.svg")
    mo = staff("Moderator", statement, phone=True, dark=True, axe=True)
    mo.goto(f"/admin/petitions/statement/{statement.pk}/numbers/")
    fits(mo)
    assert mo.evaluate("document.documentElement.scrollWidth") == 390
    accessible(mo)
    seen(mo, "numbers-phone-dark")
