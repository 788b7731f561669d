"""In a flood a browser works for its writer, under the site's own policy; without scripts what is sent waits."""

import pytest
from playwright.sync_api import Page, expect

from comments.models import CommentSubmission
from core import switches
from petitions.models import SignatureSubmission
from tests.factories import StatementFactory
from tests.journeys.conftest import Watch, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def sign(page: Page, address: str) -> None:
    page.goto("/statements/libraries/")
    page.get_by_label("Full name").fill("Amina Yusuf")
    page.get_by_label("Email", exact=True).fill(address)
    follow(page.locator("#sign form .btn-sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")


def confirm(page: Page, mailbox, address: str) -> str:
    mailbox.deliver()
    page.goto(mailbox.link(address, "confirm"))
    follow(page.get_by_role("button", name="Confirm my signature"))
    return page.locator("h1").inner_text()


def test_with_a_script_it_counts_and_without_it_waits(browser, site, mailbox):
    StatementFactory(slug="libraries", title="Keep our libraries open")
    switches.turn_on(name="work")
    found = []
    for address, javascript in (("amina@example.org", True), ("bo@example.org", False)):
        context = browser.new_context(base_url=site, java_script_enabled=javascript, locale="en-GB")
        watch, page = Watch(context, site), context.new_page()
        sign(page, address)
        found.append((SignatureSubmission.objects.latest("pk").signals, confirm(page, mailbox, address)))
        watch.is_clean()
        context.close()
    assert [signals for signals, _ in found] == ["", "work"]
    statement = SignatureSubmission.objects.latest("pk").statement
    assert dict(statement.signatures.values_list("email", "state")) == {
        "amina@example.org": "confirmed", "bo@example.org": "held",
    }  # fmt: skip


def test_what_takes_long_is_said_and_the_comment_arrives_whatever_fails(browser, site):
    """The challenge does not come: the page says that it works, and sends what was typed all the same."""
    StatementFactory(slug="libraries")
    switches.turn_on(name="work")
    context = browser.new_context(base_url=site, locale="en-GB")
    page = context.new_page()
    waiting = []
    page.route("**/proof-of-work/**", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    page.goto("/statements/libraries/")
    form = page.locator("#comment-form")
    form.get_by_label("Your comment").fill("I learnt to read here.")
    form.get_by_label("Your name").fill("Amina")
    form.get_by_label("Email").fill("amina@example.org")
    form.get_by_role("button", name="Post my comment").click()
    expect(form.get_by_role("status")).to_contain_text("your browser is doing a small calculation")
    with page.expect_navigation():
        for route in waiting:
            route.abort()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    assert CommentSubmission.objects.get().signals == "work"
    context.close()
