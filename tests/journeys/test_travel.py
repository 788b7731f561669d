"""A statement on other people's websites, in calendars and in chats (UX E2, E4, E5, E10, A5)."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from petitions import counting
from petitions.models import Signature
from tests.factories import EventFactory, SignatureFactory, StatementFactory
from tests.journeys.conftest import accessible, fits

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def statement(site):
    found = StatementFactory(slug="libraries", title="Keep our libraries open")
    SignatureFactory.create_batch(30, statement=found, state="confirmed")
    counting.recount(statement=found, repair=True)
    return found


class Host(BaseHTTPRequestHandler):
    """Somebody else's website with one page."""

    def __init__(self, html: str, *args: Any) -> None:
        self.html = html
        super().__init__(*args)

    def do_GET(self) -> None:
        found = self.path == "/"
        self.send_response(200 if found else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.html.encode() if found else b"")

    def log_message(self, *args: Any) -> None:
        """Quietly."""


@pytest.fixture
def foreign() -> Iterator[Any]:
    """`foreign(html)`: the address of a page on another host name and another port."""
    servers = []

    def serve(html: str) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, html))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


LISTEN = (
    "<script>window.heard = []; addEventListener('message', (e) => heard.push({...e.data, from: e.origin}))</script>"
)


def wordpress(site: str, width: int) -> str:
    """What WordPress makes of our oEmbed answer (wp-includes/embed.php)."""
    frame = f'src="{site}/embed/libraries/#?secret=Ab3dEf6hIj" data-secret="Ab3dEf6hIj" width="{width}" height="320"'
    return f'<!doctype html><title>Blog</title>{LISTEN}<iframe sandbox="allow-scripts" {frame} title="x"></iframe>'


@pytest.mark.parametrize("width", [300, 600])
def test_the_card_works_in_the_sandbox_of_wordpress(browser, site, statement, foreign, width, tmp_path):
    context = browser.new_context(viewport={"width": 800, "height": 600})
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    address = foreign(wordpress(site, width))
    page.goto(address)
    page.wait_for_function("heard.length > 0")
    card = page.frame_locator("iframe")
    card.get_by_role("link", name="Sign the statement").wait_for()
    heights = page.evaluate("heard.filter((said) => said.message === 'height')")
    assert [said["secret"] for said in heights] == ["Ab3dEf6hIj"]
    assert 200 <= heights[0]["value"] <= 1000
    assert heights[0]["from"] == "null"
    colour = card.locator(".sign").evaluate("(link) => getComputedStyle(link).backgroundColor")
    assert colour == "rgb(155, 28, 46)", "the style sheet did not load"
    page.set_viewport_size({"width": 700, "height": 500})
    page.evaluate("document.querySelector('iframe').width = 200")
    page.wait_for_function("heard.filter((said) => said.message === 'height').length === 2")
    card.get_by_role("link", name="Sign the statement").click()
    page.wait_for_function("heard.some((said) => said.message === 'link')")
    said = page.evaluate("heard.filter((said) => said.message === 'link')")
    assert len(said) == 1
    assert urlsplit(said[0]["value"])[:3] == (*urlsplit(site)[:2], "/statements/libraries/")
    assert said[0]["secret"] == "Ab3dEf6hIj"
    assert (page.url, complaints, context.cookies()) == (address, [], [])
    page.screenshot(path=tmp_path / f"card-{width}.png")
    context.close()


def test_the_card_leads_out_by_itself_where_it_may(browser, site, statement, foreign):
    context = browser.new_context()
    page = context.new_page()
    page.goto(foreign(f'<!doctype html><title>Blog</title><iframe src="{site}/embed/libraries/?via=blog"></iframe>'))
    page.frame_locator("iframe").get_by_role("link", name="Sign the statement").click()
    page.wait_for_url(f"{site}/statements/libraries/?via=blog")
    context.close()


def refusing(browser: Any, **options: Any) -> Any:
    """A browser that takes no cookie from anybody: setting one is taken for a failure."""
    context = browser.new_context(**options)
    context.add_init_script(
        "Object.defineProperty(Document.prototype, 'cookie', {get() { return '' }, set() { throw 'cookie' }})"
    )
    return context


@pytest.mark.parametrize("javascript", [True, False])
def test_signing_in_a_frame_on_another_site_without_cookies(browser, site, statement, foreign, mailbox, javascript):
    blog = f'<!doctype html><title>Blog</title><iframe src="{site}/embed/libraries/form/?via=partner" height="900">'
    context = refusing(browser, java_script_enabled=javascript)
    page, posts, set_cookies = context.new_page(), [], []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    page.on("response", lambda answer: set_cookies.append(answer.url) if "set-cookie" in answer.headers else None)
    address = foreign(blog + "</iframe>")
    assert urlsplit(address).hostname != urlsplit(site).hostname
    page.goto(address)
    form = page.frame_locator("iframe")
    form.get_by_label("Full name").fill("Amina Yusuf")
    form.get_by_label("Email", exact=True).fill("amina@example.org")
    form.get_by_role("button", name="Sign the statement").click()
    form.get_by_role("heading", name="Check your email").wait_for()
    assert posts[0].all_headers()["sec-fetch-site"] == "same-origin"
    assert posts[0].all_headers()["sec-fetch-dest"] == "iframe"
    mailbox.deliver()
    form.get_by_label("6-digit code").fill(mailbox.code("amina@example.org"))
    form.get_by_role("button", name="Confirm my signature").click()
    form.get_by_role("heading", name="Thank you.").wait_for()
    signed = Signature.objects.get(email="amina@example.org")
    assert (signed.state, signed.channel, signed.via) == ("confirmed", "embed", "partner")
    assert (set_cookies, context.cookies()) == ([], [])
    context.close()


def test_every_share_link_ends_with_the_address_and_a_code(visit, statement, site):
    page = visit(phone=True)
    page.goto("/statements/libraries/share/")
    links = {link.inner_text(): link.get_attribute("href") for link in page.locator("main a.btn").all()}
    assert set(links) == {"Share on WhatsApp", "Facebook", "Bluesky", "X", "Telegram", "Email", "Text message"}
    for name, href in links.items():
        said = unquote(href)
        assert (name, re.search(rf"{re.escape(site)}/statements/libraries/\?via=\w+", said) is not None) == (name, True)
        assert (name, "+" in urlsplit(href).query) == (name, False)
    text = parse_qs(urlsplit(links["Bluesky"]).query)["text"][0]
    assert (len(text) <= 300, text.endswith("?via=bsky")) == (True, True)
    accessible(page)
    fits(page)


def test_sharing_on_ones_own_mastodon_server(visit, statement, site):
    page = visit(javascript=False)
    page.goto("/statements/libraries/share/?via=partner")
    page.get_by_label("Your server").fill("javascript:alert(1)")
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_text("Enter the name of your server").is_visible()
    page.get_by_label("Your server").fill("@amina@Union.Place")
    page.get_by_role("button", name="Go on").click()
    href = page.get_by_role("link", name="Share on union.place").get_attribute("href")
    assert href.startswith("https://union.place/share?text=")
    assert unquote(href).endswith(f"{site}/statements/libraries/?via=partner")


@pytest.mark.parametrize("dark", [True, False])
def test_pages_of_events_updates_and_codes(visit, statement, dark):
    event = EventFactory(statement=statement, venue="Town hall", address="Market Square", accessibility="Step-free.")
    EventFactory(statement=statement, status="cancelled")
    page = visit(phone=True, dark=dark)
    for address in (
        event.get_absolute_url(),
        "/events/",
        "/statements/libraries/embed-code/",
        "/statements/libraries/live/",
    ):
        page.goto(address)
        accessible(page)
        fits(page)


def test_the_big_screen_can_be_paused(visit, statement):
    page = visit()
    page.goto("/statements/libraries/live/")
    assert page.locator("[data-number]").inner_text() == "30"
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Go on").is_visible()
