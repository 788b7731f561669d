"""An event with a full hall: two places, a third who waits, somebody who cancels, and the third who is told."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from petitions.models import Attendance
from tests.factories import EventFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow
from tests.journeys.test_moderate import staff  # noqa: F401  the fixture

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PEOPLE = {"Amina Yusuf": "amina@example.org", "Derek Ormerod": "derek@example.org", "Wei Chen": "wei@example.org"}


def seen(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def event(site):
    statement = StatementFactory(slug="libraries", title="Keep our libraries open")
    return EventFactory(
        statement=statement, slug="read-in", title="Read-in at the library", venue="Eastside library",
        address="1 High Street", summary="Bring a book.", takes_names=True, capacity=2, telling="always",
    )  # fmt: skip


def comes(page: Page, mailbox, name: str) -> None:
    page.goto("/events/read-in/")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").fill(PEOPLE[name])
    follow(page.locator("#coming-form button.btn-sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    mailbox.deliver()
    page.goto(mailbox.link(PEOPLE[name], "confirm"))
    follow(page.get_by_role("button", name="Yes, I'm coming"))


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_full_hall(visit, mailbox, event, staff, javascript):  # noqa: F811
    first, second, third = (visit(phone=phone, javascript=javascript) for phone in (True, False, True))
    first.goto("/events/read-in/")
    fits(first)
    if javascript:
        accessible(first)
    seen(first, "event-phone")
    comes(first, mailbox, "Amina Yusuf")
    expect(first.get_by_role("heading", level=1)).to_have_text("You are coming")
    seen(first, "own-page-phone")
    comes(second, mailbox, "Derek Ormerod")
    third.goto("/events/read-in/")
    expect(third.get_by_text("2 people are coming.")).to_be_visible()
    expect(third.get_by_text("All places are taken.")).to_be_visible()
    seen(third, "event-full-phone")
    comes(third, mailbox, "Wei Chen")
    expect(third.get_by_role("heading", level=1)).to_have_text("You are on the waiting list")
    if javascript:
        accessible(third)
    mailbox.deliver()
    first.goto(mailbox.link(PEOPLE["Amina Yusuf"], "manage"))
    follow(first.get_by_role("button", name="I can't come any more"))
    expect(first.get_by_role("heading", level=1)).to_have_text("You are off the list")
    seen(first, "off-phone")
    mailbox.deliver()
    newest = mailbox.newest(PEOPLE["Wei Chen"])
    assert newest["Subject"] == "There is a place for you: Read-in at the library"
    third.goto(mailbox.link(PEOPLE["Wei Chen"], "manage"))
    expect(third.get_by_role("heading", level=1)).to_have_text("You are coming")
    assert sorted(Attendance.objects.values_list("name", "state")) == [
        ("Amina Yusuf", "withdrawn"), ("Derek Ormerod", "coming"), ("Wei Chen", "coming"),
    ]  # fmt: skip
    if javascript:
        _at_the_desk(staff("Campaigner", event.statement, axe=True), event)


def _at_the_desk(desk: Page, event) -> None:
    """The steward's list, with those two and no address."""
    desk.goto(f"/admin/petitions/event/{event.pk}/change/")
    seen(desk, "desk-event")
    follow(desk.get_by_role("link", name="Who comes (2)"))
    expect(desk.locator("table.door tbody th")).to_have_text(["Derek Ormerod", "Wei Chen"])
    expect(desk.get_by_text("example.org")).to_have_count(0)
    accessible(desk)
    seen(desk, "desk-coming")
    desk.goto(f"/admin/petitions/event/{event.pk}/repeat/")
    desk.get_by_label("How many more times").fill("3")
    follow(desk.get_by_role("button", name="Show the dates"))
    accessible(desk)
    seen(desk, "desk-repeat")
    follow(desk.get_by_role("button", name="Make them"))
    expect(desk.locator(".messagelist")).to_contain_text("3 events made.")
    seen(desk, "desk-events")
