"""A statement on other people's websites, in calendars and in chats (UX E2, E4, E5, E10, A5)."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from petitions.models import Signature
from petitions.statements import counting
from tests.factories import EventFactory, SignatureFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow

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
        found = self.path in {"/", "/cookie"}
        self.send_response(200 if found else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path == "/cookie":
            self.send_header("Set-Cookie", "server=1")
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


@pytest.fixture
def refusing(browser_type, browser_type_launch_args, tmp_path) -> Iterator[Any]:
    """`refusing(…)`: a browser whose own setting is to block all cookies, of every site (chrome://settings/cookies)."""
    opened = []

    def launch(**options: Any) -> Any:
        profile = tmp_path / f"profile-{len(opened)}"
        (profile / "Default").mkdir(parents=True)
        settings = {"profile": {"default_content_setting_values": {"cookies": 2}, "block_third_party_cookies": True}}
        (profile / "Default" / "Preferences").write_text(json.dumps(settings))
        opened.append(browser_type.launch_persistent_context(profile, **browser_type_launch_args, **options))
        return opened[-1]

    yield launch
    for context in opened:
        context.close()


def test_the_browser_that_refuses_cookies_does(browser, refusing, foreign):
    """What the next test relies on: the same site leaves a cookie with anybody else."""
    kept = {}
    for name, context in (("usual", browser.new_context()), ("refusing", refusing())):
        page = context.new_page()
        page.goto(foreign("<!doctype html><title>Blog</title>") + "cookie")
        # Read by the page first: its cookie is on its way to the browser, and this waits for it.
        said = page.evaluate("document.cookie = 'script=1'; document.cookie")
        kept[name] = (sorted(cookie["name"] for cookie in context.cookies()), said)
    assert kept == {"usual": (["script", "server"], "server=1; script=1"), "refusing": ([], "")}


@pytest.mark.parametrize("javascript", [True, False])
def test_signing_in_a_frame_on_another_site_without_cookies(refusing, site, statement, foreign, mailbox, javascript):
    blog = f'<!doctype html><title>Blog</title><iframe src="{site}/embed/libraries/form/?via=partner" height="900">'
    context = refusing(java_script_enabled=javascript)
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
    form.get_by_role("button", name="Go on").click()
    with context.expect_page() as opened:
        form.get_by_role("link", name="Read and confirm").click()
    assert Signature.objects.filter(email="amina@example.org").count() == 0
    confirm = opened.value
    follow(confirm.get_by_role("button", name="Confirm my signature"))
    confirm.get_by_role("heading", name="Thank you, Amina Yusuf").wait_for()
    signed = Signature.objects.get(email="amina@example.org")
    assert (signed.state, signed.channel, signed.via) == ("confirmed", "embed", "partner")
    assert confirm.get_by_role("textbox", name="Copy this link").input_value().endswith("/libraries/?via=partner")
    assert (set_cookies, context.cookies()) == ([], [])


MORE = ["Facebook", "Bluesky", "X", "Telegram", "Email", "Text message"]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_phone_is_offered_whatsapp_and_the_rest_is_folded(visit, statement, site, javascript):
    page = visit(phone=True, javascript=javascript)
    page.goto("/statements/libraries/share/?via=partner")
    shown = page.locator("main a.btn:visible, main button:visible")
    assert shown.all_inner_texts() == ["Share on WhatsApp"]
    assert shown.bounding_box()["height"] >= 48
    page.get_by_text("More ways to share").click()
    assert page.locator("main a.btn:visible").all_inner_texts() == ["Share on WhatsApp", *MORE]
    for link in page.locator("main a.btn:visible").all():
        assert f"{site}/statements/libraries/?via=partner" in unquote(link.get_attribute("href"))
        assert link.bounding_box()["height"] >= 48
    assert (
        page.get_by_role("textbox", name="Copy this link").input_value() == f"{site}/statements/libraries/?via=partner"
    )
    fits(page)
    if javascript:
        accessible(page)


def test_a_desk_is_offered_the_link_to_copy(visit, statement, site):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/statements/libraries/share/")
    assert page.locator("main a.btn:visible, main button:visible").all_inner_texts() == ["Copy link"]
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}/statements/libraries/?via=link"
    page.get_by_text("More ways to share").click()
    assert page.locator("main a.btn:visible").all_inner_texts() == ["WhatsApp", *MORE]
    accessible(page)


def test_a_desk_without_javascript_is_offered_the_link_itself(visit, statement, site):
    page = visit(javascript=False)
    page.goto("/statements/libraries/share/")
    assert page.locator("main a.btn:visible, main button:visible").all_inner_texts() == []
    assert page.get_by_role("textbox", name="Copy this link").input_value() == f"{site}/statements/libraries/?via=link"


SHEET = (
    "Object.defineProperty(navigator, 'share', {value: (what) => { window.shared = what; return Promise.resolve() }})"
)


def test_the_phone_s_own_sheet_is_offered_where_there_is_one(visit, statement, site):
    page = visit(phone=True)
    page.goto("/statements/libraries/share/")
    page.get_by_text("More ways to share").click()
    assert page.get_by_role("button", name="Share …").is_visible() is False
    page.add_init_script(SHEET)
    page.reload()
    page.get_by_text("More ways to share").click()
    page.get_by_role("button", name="Share …").click()
    shared = page.evaluate("shared")
    assert (shared["title"], shared["url"]) == (statement.title, f"{site}/statements/libraries/?via=link")
    assert statement.title in shared["text"]


def test_sharing_on_ones_own_mastodon_server(visit, statement, site):
    page = visit(javascript=False)
    page.goto("/statements/libraries/share/?via=partner")
    page.get_by_text("More ways to share").click()
    page.get_by_label("Mastodon: your server").fill("javascript:alert(1)")
    follow(page.get_by_role("button", name="Go on"))
    assert page.get_by_text("Enter the name of your server").is_visible()
    page.get_by_label("Mastodon: your server").fill("@amina@Union.Place")
    follow(page.get_by_role("button", name="Go on"))
    href = page.get_by_role("link", name="Share on union.place").get_attribute("href")
    assert href.startswith("https://union.place/share?text=")
    assert unquote(href).endswith(f"{site}/statements/libraries/?via=partner")


def test_the_server_is_remembered_once_it_is_used(visit, statement):
    page = visit()
    page.goto("/statements/libraries/share/")
    assert page.evaluate("localStorage.length") == 0
    page.get_by_text("More ways to share").click()
    page.get_by_label("Mastodon: your server").fill("union.place")
    follow(page.get_by_role("button", name="Go on"))
    page.get_by_role("link", name="Share on union.place").wait_for()
    page.goto("/statements/libraries/share/")
    assert page.get_by_label("Mastodon: your server").input_value() == "union.place"


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
