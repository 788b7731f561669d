"""A live site, a real mail server, and a visitor with Debian's Chromium. Nothing leaves the machine."""

import email
import email.policy
import re
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from io import StringIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

expect.set_options(timeout=30_000)  # milliseconds; a busy machine is no fault of the page

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Mailbox:
    """Everything a real SMTP server was given, oldest first."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        assert len(envelope.rcpt_tos) == 1, "one message, one recipient"
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def deliver(self) -> None:
        """Let the worker send what waits."""
        call_command("worker", once=True, stdout=StringIO())

    def newest(self, address: str) -> EmailMessage:
        """The newest mail to `address`."""
        return [message for message in self.messages if message["To"] == address][-1]

    def link(self, address: str, word: str) -> str:
        """The address of the page `word` (such as confirm) in the newest mail to `address`."""
        text = self.newest(address).get_body(("plain",)).get_content()
        return re.search(rf"https?://\S+/{word}/\S+", text).group()

    def code(self, address: str) -> str:
        """The six digits in the newest mail to `address`."""
        text = self.newest(address).get_body(("plain",)).get_content()
        return re.search(r"\b(\d{3}) ?(\d{3})\b", text).group()


@pytest.fixture
def site(live_server: Any, settings: Any, transactional_db: None) -> str:
    """The origin of the running site."""
    settings.ORIGIN = live_server.url
    return live_server.url


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server of our own on a free port."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = free.getsockname()
    settings.EMAIL_BACKEND = "mail.smtp.EmailBackend"
    controller = Controller(box, hostname=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    controller.start()
    yield box
    controller.stop()


class Watch:
    """What a visitor's browser must never see: other origins, cookies, errors on the console."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context, self.origin, self.strangers, self.complaints = context, origin, [], []
        context.on("request", self._see)
        context.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)

    def _see(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "about:", "chrome-error:")):
            self.strangers.append(request.url)

    def is_clean(self) -> None:
        """Assert that nobody else heard of this visit, and that nothing was left behind."""
        assert self.strangers == []
        assert self.context.cookies() == []
        assert [text for text in self.complaints if "422" not in text and "409" not in text and "404" not in text] == []


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open the site as somebody: `visit(phone=True, javascript=False, dark=True)`; each visit is checked at the end."""
    watches: list[Watch] = []

    def open_page(*, phone: bool = False, javascript: bool = True, dark: bool = False, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            timezone_id="Europe/London",
            bypass_csp=True,
            **(PHONE if phone else DESKTOP),
            **options,
        )
        context.set_default_timeout(30_000)
        watches.append(Watch(context, site))
        return context.new_page()

    yield open_page
    for watch in watches:
        watch.is_clean()
        watch.context.close()


def follow(leads_on: Locator) -> None:
    """Press what leads to another page, and wait for that: Playwright goes on while the old one still stands."""
    with leads_on.page.expect_navigation():
        leads_on.click()


def accessible(page: Page) -> None:
    """Assert that axe finds nothing wrong on the page."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE["runOnly"]}})
    wrong = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found.response["violations"]]
    assert wrong == []


def fits(page: Page) -> None:
    """Assert that nothing sticks out sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
