"""A branch secretary, a moderator and a visitor: how an organisation comes to stand behind a statement."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from core import chores
from mail.models import OutgoingEmail
from organisations import importers
from organisations.models import Endorsement
from tests.factories import EventFactory, StatementFactory
from tests.journeys.conftest import DESKTOP, accessible, fits, follow
from tests.organisations.form import row
from tests.organisations.pictures import png

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
BRANCH = "branch@lantern.example.org"
NAME = "Lantern Union, Eastside branch"
DEMANDS = "<p>We call on the council to:</p><ol><li>withdraw the plan;</li><li>keep every job.</li></ol>"


@pytest.fixture
def statement(site):
    statement = StatementFactory(slug="libraries", title="Keep our libraries open", body=DEMANDS)
    EventFactory(statement=statement)
    importers.bring_in(statement=statement, row=row("Eastside Trades Council", kind="trades_council", is_initial=True))
    return statement


@pytest.fixture
def moderator(browser, site):
    """A moderator's browser, logged in; staff have cookies."""
    user = User.objects.create_superuser("carol", password="a long password for tests")
    context = browser.new_context(base_url=site, bypass_csp=True, locale="en-GB", **DESKTOP)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("a long password for tests")
    follow(page.get_by_role("button", name="Log in"))
    yield page
    context.close()


def fill(page: Page, email: str = BRANCH) -> None:
    page.get_by_label("Organisation or branch").fill(NAME)
    page.get_by_label("Type").select_option("Union branch")
    page.get_by_label("Town or area").fill("Eastside")
    page.get_by_label("Website").fill("lantern.example.org")
    page.get_by_label("Your name", exact=True).fill("Winsome Nembhard")
    page.get_by_label("Your role").fill("Branch secretary")
    page.get_by_label("Work or branch email").fill(email)
    page.get_by_label("At a members' meeting").check()
    page.get_by_label("Date agreed").fill((timezone.localdate() - timedelta(days=2)).isoformat())


def add_extras(page: Page) -> None:
    page.get_by_text("Add a message of support or a logo").click()
    page.get_by_label("Message of support").fill("Our members open the doors every morning.")
    page.get_by_label("Logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": png(600, 300)})


def names_on_the_wall(page: Page) -> list[str]:
    page.goto("/statements/libraries/")
    return page.locator("#organisations .tile-words > a").all_inner_texts()


def look(page: Page, javascript: bool) -> None:
    """Nothing sticks out, and axe, which is a script, finds nothing wrong."""
    fits(page)
    if javascript:
        accessible(page)


def send_the_form(page: Page, javascript: bool) -> None:
    follow(page.locator("#organisations").get_by_role("link", name="Add your organisation or branch"))
    look(page, javascript)
    follow(page.get_by_role("link", name="We have already agreed to support"))
    follow(page.get_by_role("button", name="Add our organisation"))
    assert page.title().startswith("Error: ")
    expect(page.locator(".problem")).to_be_focused()
    look(page, javascript)
    fill(page)
    add_extras(page)
    follow(page.get_by_role("button", name="Add our organisation"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    look(page, javascript)


def confirm(page: Page, link: str, javascript: bool) -> None:
    for _ in range(3):
        page.goto(link)
    assert not Endorsement.objects.filter(contact_email=BRANCH).exists()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your organisation's support")
    look(page, javascript)
    follow(page.get_by_role("button", name="Confirm our support"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. A person will check this.")
    look(page, javascript)


def see(visitor: Page) -> None:
    assert names_on_the_wall(visitor) == ["Eastside Trades Council", NAME]
    accessible(visitor)
    follow(visitor.get_by_role("link", name=NAME))
    expect(visitor.locator("main img")).to_have_js_property("naturalWidth", 400)
    expect(visitor.get_by_text("Our members open the doors every morning.")).to_be_visible()
    assert visitor.get_by_text("Winsome").count() == 0
    accessible(visitor)


def change(page: Page, javascript: bool) -> None:
    look(page, javascript)
    via = Endorsement.objects.get(contact_email=BRANCH).organisation.via
    assert page.get_by_label("Your own link").input_value().endswith(f"/statements/libraries/?via={via}")
    follow(page.get_by_role("link", name="Change the details or the logo"))
    look(page, javascript)
    page.get_by_label("Message of support").fill("Something else entirely.")
    follow(page.get_by_role("button", name="Send the changes"))
    expect(page.get_by_text("A person will check the changes")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_from_the_form_to_the_wall_and_off_it_again(visit, mailbox, statement, moderator, javascript):
    page = visit(phone=True, javascript=javascript)
    assert names_on_the_wall(page) == ["Eastside Trades Council"]
    send_the_form(page, javascript)
    mailbox.deliver()
    confirm(visit(phone=True, javascript=javascript), mailbox.link(BRANCH, "confirm"), javascript)
    visitor = visit(dark=True)
    assert names_on_the_wall(visitor) == ["Eastside Trades Council"]

    approve(moderator)
    see(visitor)
    mailbox.deliver()
    assert mailbox.newest(BRANCH)["Subject"] == f"{NAME} is now listed"

    page.goto(mailbox.link(BRANCH, "manage"))
    change(page, javascript)
    visitor.reload()
    assert visitor.get_by_text("Something else entirely.").count() == 0
    follow(page.get_by_role("button", name="Withdraw our support"))
    expect(page.get_by_role("status").first).to_have_text("Done. Your organisation is not on the list.")
    assert names_on_the_wall(visitor) == ["Eastside Trades Council"]


def approve(moderator: Page) -> None:
    moderator.goto("/admin/organisations/endorsement/")
    follow(moderator.get_by_role("link", name=NAME))
    expect(moderator.get_by_text("The address is at the website’s own domain")).to_be_visible()
    expect(moderator.locator("img.sent-logo")).to_have_js_property("naturalWidth", 400)
    accessible(moderator)
    follow(moderator.get_by_role("button", name="Approve"))
    expect(moderator.get_by_text(f"{NAME}: Listed.")).to_be_visible()


def test_a_moderator_asks_declines_with_a_reason_and_undoes(visit, mailbox, statement, moderator):
    page = visit()
    page.goto("/statements/libraries/endorse/form/")
    fill(page)
    follow(page.get_by_role("button", name="Add our organisation"))
    mailbox.deliver()
    page.get_by_label("6-digit code").fill(mailbox.code(BRANCH))
    follow(page.get_by_role("button", name="Confirm our support"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. A person will check this.")

    moderator.goto("/admin/organisations/endorsement/")
    follow(moderator.get_by_role("link", name=NAME))
    moderator.get_by_label("Your question").fill("Which branch number are you?")
    follow(moderator.get_by_role("button", name="Ask by mail"))
    expect(moderator.get_by_text("the mail leaves in a minute")).to_be_visible()
    OutgoingEmail.objects.update(due_at=timezone.now())
    mailbox.deliver()
    assert "Which branch number are you?" in mailbox.newest(BRANCH).get_body(("plain",)).get_content()

    moderator.goto("/admin/organisations/endorsement/")
    follow(moderator.get_by_role("link", name=NAME))
    follow(moderator.get_by_role("button", name="Decline"))
    expect(moderator.get_by_text("Say why. The representative reads it.")).to_be_visible()
    moderator.get_by_label("Your branch has not voted yet.").check()
    follow(moderator.get_by_role("button", name="Decline"))
    mailbox.deliver()
    text = mailbox.newest(BRANCH).get_body(("plain",)).get_content()
    assert "Your branch has not voted yet." in text
    assert "/statements/libraries/endorse/form/" in text

    follow(moderator.get_by_role("button", name="Undo", exact=True))
    expect(moderator.get_by_text("It waits again. The mail had gone out already.")).to_be_visible()
    follow(moderator.get_by_role("link", name="Record"))
    for said in ("Asked: Which branch", "Declined: Your branch has not", "Undone."):
        expect(moderator.get_by_text(said)).to_be_visible()


def test_a_visitor_finds_one_among_many(visit, statement):
    for number in range(120):
        kind = "charity" if number % 4 == 0 else "union_branch"
        importers.bring_in(statement=statement, row=row(f"Society {number:03}", kind=kind, town="Northquay"))
    page = visit(phone=True)
    page.goto("/statements/libraries/")
    assert len(page.locator("#organisations .tile").all()) == 24
    follow(page.get_by_role("link", name="Show all 121 organisations"))
    expect(page.get_by_role("heading", level=1)).to_have_text("121 supporting organisations")
    accessible(page)
    fits(page)
    assert len(page.locator(".tile").all()) == 100
    follow(page.get_by_role("link", name="Next page"))
    assert len(page.locator(".tile").all()) == 21
    follow(page.get_by_role("link", name="Charities"))
    assert len(page.locator(".tile").all()) == 30
    page.get_by_label("Search by name or town").fill("society 016")
    follow(page.get_by_role("button", name="Search"))
    assert page.locator(".tile-words > a").all_inner_texts() == ["Society 016"]
    page.get_by_label("Search by name or town").fill("unizon")
    follow(page.get_by_role("button", name="Search"))
    expect(page.get_by_text("No organisations match “unizon”.")).to_be_visible()
    follow(page.get_by_role("link", name="Clear filter"))
    expect(page.get_by_role("heading", level=1)).to_have_text("121 supporting organisations")


def test_the_model_motion_reminds_and_the_form_knows_the_date(visit, mailbox, statement):
    page = visit(phone=True)
    page.goto("/statements/libraries/endorse/")
    follow(page.get_by_role("link", name="I need to take it to a meeting"))
    accessible(page)
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Word (.docx)").click()
    assert download.value.suggested_filename == "motion-libraries.docx"
    met = timezone.localdate()
    page.get_by_label("Date of your meeting").fill(met.isoformat())
    page.get_by_label("Email").fill(BRANCH)
    follow(page.get_by_role("button", name="Remind me"))
    expect(page.get_by_text("on the morning after")).to_be_visible()
    accessible(page)

    mailbox.deliver()
    assert mailbox.messages == []
    OutgoingEmail.objects.update(due_at=timezone.now())
    mailbox.deliver()
    chores.run_all()
    assert not OutgoingEmail.objects.filter(recipient=BRANCH).exists()
    page.goto(mailbox.link(BRANCH, "statements"))
    assert page.get_by_label("Date agreed").input_value() == met.isoformat()
    assert page.get_by_label("Work or branch email").input_value() == BRANCH
    expect(page.get_by_label("At a members' meeting")).to_be_checked()


def test_on_the_smallest_screen_nothing_sticks_out(visit, statement):
    page = visit(phone=True)
    page.set_viewport_size({"width": 320, "height": 568})
    for path in ("endorse/", "endorse/form/", "motion/", "organisations/"):
        page.goto(f"/statements/libraries/{path}")
        fits(page)
    page.goto("/organisations/eastside-trades-council/")
    fits(page)
