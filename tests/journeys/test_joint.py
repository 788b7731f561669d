"""Two publishers, one statement: one asks, the other answers; a signer ticks one's news, and each sees its own part."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, Page, expect

from core import identity, roles
from core.speed import memory
from petitions.models import Signature, Statement
from petitions.statements import assigning
from publishers import founding
from tests.factories import StatementFactory
from tests.journeys.conftest import DESKTOP, PHONE, accessible, fits, follow
from tests.journeys.test_moderate import PASSWORD, picture
from tests.publishers.several import second

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
HEADLINE = "Mill Road Tenants are proud to be a signatory to this joint statement"
AMINA = "amina@example.org"


@pytest.fixture
def statement(site):
    own = founding.found().publisher
    made = StatementFactory(
        slug="libraries", title="Keep our libraries open", publisher=own, preface="<p>We began it.</p>"
    )
    roles.establish()
    carl = User.objects.create_user("carl", email="carl@example.org", password=PASSWORD, is_staff=True)
    carl.groups.add(Group.objects.get(name=roles.CAMPAIGNER))
    assigning.assign(statement=made, user=carl)
    return made


@pytest.fixture
def mill(site, statement):
    found = second(host=f"mill.localhost:{urlsplit(site).port}")
    found.administrator.set_password(PASSWORD)
    found.administrator.save()
    memory.forget()
    identity.forget()
    return found


def at_desk(browser: Browser, origin: str, name: str, **options) -> Page:
    """Somebody of the staff, logged in at that origin."""
    page = browser.new_context(base_url=origin, locale="en-GB", **{**DESKTOP, **options}).new_page()
    page.set_default_timeout(30_000)
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Log in"))
    return page


def ask(carl: Page, statement: Statement) -> None:
    """The campaigner asks the other publisher."""
    carl.goto(f"/admin/petitions/statement/{statement.pk}/together/")
    carl.get_by_label("Publisher:").select_option(label="Mill Road Tenants")
    carl.get_by_label("A line from you").fill("You know it best.")
    follow(carl.get_by_role("button", name="Ask them"))
    expect(carl.get_by_text("has not answered")).to_be_visible()
    seen(carl, "joint-asked")


def answer(mina: Page) -> None:
    """Its administrator reads the text, writes words of its own, and accepts."""
    expect(mina.get_by_text("1 publisher asks you to publish a statement together.")).to_be_visible()
    seen(mina, "joint-home")
    follow(mina.get_by_role("link", name="Read and answer"))
    seen(mina, "joint-list")
    follow(mina.get_by_role("link", name="Read and answer"))
    expect(mina.get_by_text("You know it best.")).to_be_visible()
    seen(mina, "joint-answer")
    mina.get_by_label("Headline").fill(HEADLINE)
    follow(mina.get_by_role("button", name="Publish it together"))
    expect(mina.get_by_text("0 people signed on your pages.")).to_be_visible()
    seen(mina, "joint-published")


def tick(page: Page) -> None:
    """Signs on the other publisher's page, and ticks its news and no other."""
    page.goto("/statements/libraries/")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    expect(page.get_by_text("Published together by")).to_be_visible()
    expect(page.locator("#sign-form .consent")).to_contain_text("Mill Road Tenants e.V.")
    seen(page, "joint-page")
    page.get_by_label("Full name").fill("Amina Yusuf")
    page.get_by_label("Email", exact=True).fill(AMINA)
    page.get_by_text("Show my name, get news").click()
    boxes = page.get_by_role("checkbox", name=re.compile("Email me news from"))
    expect(boxes).to_have_count(2)
    for number in range(2):
        expect(boxes.nth(number)).not_to_be_checked()
    page.get_by_label("Email me news from Mill Road Tenants").check()
    picture(page, "joint-boxes")
    follow(page.get_by_role("button", name="Sign the statement"))


def confirm(page: Page, link: str) -> None:
    """Reads whose news that will be, and agrees."""
    page.goto(link)
    expect(page.get_by_text("Yes, from Mill Road Tenants")).to_be_visible()
    seen(page, "joint-confirm")
    follow(page.get_by_role("button", name="Confirm my signature"))


def seen(page: Page, name: str) -> None:
    """It can be looked at, and everybody can use it."""
    picture(page, name)
    accessible(page)
    fits(page)


def test_a_joint_statement_from_the_invitation_to_whose_news(browser, site, statement, mill, mailbox, visit):
    there = mill.publisher.origin
    carl = at_desk(browser, site, "carl", bypass_csp=True)
    ask(carl, statement)
    mailbox.deliver()
    assert f"{there}/admin/joint/" in mailbox.newest("mina@mill.example").get_body(("plain",)).get_content()
    mina = at_desk(browser, there, "mina", bypass_csp=True)
    answer(mina)

    own = visit(phone=True)
    own.goto("/statements/libraries/")
    expect(own.get_by_role("heading", level=1)).to_have_text("Keep our libraries open")
    expect(own.get_by_text("We began it.")).to_be_visible()
    seen(own, "joint-own")

    context = browser.new_context(base_url=there, locale="en-GB", bypass_csp=True, **PHONE)
    page = context.new_page()
    tick(page)
    mailbox.deliver()
    assert mailbox.newest(AMINA)["From"] == "Mill Road Tenants <post@mill.example>"
    assert mailbox.link(AMINA, "confirm").startswith(there)
    confirm(page, mailbox.link(AMINA, "confirm"))
    signed = Signature.objects.get()
    assert (signed.email_updates, signed.news_of, signed.asked_by_id) == (False, [mill.publisher.pk], mill.publisher.pk)
    mailbox.deliver()
    page.goto(mailbox.link(AMINA, "manage"))
    expect(page.get_by_role("button", name="Stop emails from Mill Road Tenants")).to_be_visible()
    seen(page, "joint-own-page")

    mina.reload()
    expect(mina.get_by_text("1 person signed on your pages.")).to_be_visible()
    expect(mina.get_by_text("1 wants your news.")).to_be_visible()
    mina.goto("/admin/petitions/signature/")
    expect(mina.get_by_text("Amina Yusuf")).to_have_count(0)
    carl.reload()
    expect(carl.get_by_role("row", name="Mill Road Tenants 1 1")).to_be_visible()
    picture(carl, "joint-shares")
    for one in (carl, mina, page):
        one.context.close()
