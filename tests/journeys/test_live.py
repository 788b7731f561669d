"""The number on a tablet or a projector, while a statement is handed in (UX 1c, D8)."""

import pytest

from petitions.statements import counting
from tests.factories import SignatureFactory, StatementFactory
from tests.journeys.conftest import fits, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def statement(site):
    found = StatementFactory(slug="libraries", title="Keep our libraries open")
    SignatureFactory.create_batch(30, statement=found, state="confirmed")
    counting.recount(statement=found, repair=True)
    return found


LIVE = "/statements/libraries/live/"


def sign_one_more(statement):
    SignatureFactory(statement=statement, state="confirmed")
    counting.recount(statement=statement, repair=True)


def test_the_big_screen_counts_until_it_is_paused(visit, statement, settings):
    settings.PAGE_FRESH_SECONDS = 0
    page = visit()
    page.clock.install()
    page.goto(LIVE)
    number = page.locator("[data-number]")
    assert (number.inner_text(), page.locator("header, footer, nav").count()) == ("30", 0)
    sign_one_more(statement)
    page.clock.run_for(10_000)
    page.wait_for_function("document.querySelector('[data-number]').textContent === '31'")
    page.get_by_role("button", name="Pause").click()
    sign_one_more(statement)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(30_000)
    assert (number.inner_text(), asked) == ("31", [])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_function("document.querySelector('[data-number]').textContent === '32'")
    page.get_by_role("button", name="Fill the screen").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("document.fullscreenElement === null")


def test_the_big_screen_says_when_the_connection_is_gone(visit, statement):
    page = visit()
    page.clock.install()
    page.goto(LIVE)
    page.route("**/count.json", lambda route: route.fulfill(body="no JSON"))
    page.clock.run_for(10_000)
    page.get_by_text("This is the last number we heard.").wait_for()
    assert page.locator("[data-number]").inner_text() == "30"


def test_the_big_screen_without_javascript(visit, statement):
    page = visit(javascript=False)
    page.goto(LIVE)
    assert page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "30"
    follow(page.get_by_role("link", name="Pause"))
    assert page.locator('meta[http-equiv="refresh"]').count() == 0
    follow(page.get_by_role("link", name="Go on"))
    assert page.locator('meta[http-equiv="refresh"]').count() == 1


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 768), (768, 1024), (320, 568)])
def test_the_big_screen_fits_on_every_screen(visit, statement, width, height):
    page = visit()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(LIVE)
    for number in ("30", "1,284", "1,234,567"):
        page.evaluate(
            "(text) => Object.assign(document.querySelector('[data-number]'), {textContent: text})"
            ".dataset.letters = text.length",
            number,
        )
        fits(page)
        assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= (0 if height > 600 else 80)
