"""A moderator at a desk and on a phone, and a campaigner with a first statement: the staff pages in a real browser."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from core import chores, roles
from organisations import deciding, endorsing
from organisations.models import Endorsement
from petitions.models import Rule, SheetLine, Signature, Statement
from petitions.statements import assigning, counting
from tests.factories import CommentFactory, EndorsementFactory, SignatureFactory, StatementFactory
from tests.journeys.conftest import DESKTOP, PHONE, accessible, fits, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long password for tests"
PICTURES = os.environ.get("PICTURES")


@pytest.fixture
def statement(site: str) -> Statement:
    statement = StatementFactory(title="Keep our libraries open", published_at=timezone.now() - timedelta(hours=20))
    for number in range(40):
        time = timezone.now() - timedelta(minutes=29 * number)
        SignatureFactory(statement=statement, state="confirmed", confirmed_at=time, created_at=time)
    for number in range(3):
        SignatureFactory(statement=statement, state="held", held_reason="Many from one network", name=f"Held {number}")
    for number in range(25):
        SignatureFactory(statement=statement, state="confirmed", email=f"p{number}@mill.example", name=f"Bot {number}")
    EndorsementFactory(statement=statement, confirmed_at=timezone.now() - timedelta(days=3))
    CommentFactory(statement=statement, state="waiting", confirmed_at=timezone.now() - timedelta(days=4))
    counting.recount(statement=statement, repair=True)
    chores.run_all()
    return statement


@pytest.fixture
def staff(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open the staff pages in a role: `staff("Moderator", statement, phone=True, dark=True)`; the browser is strict."""
    roles.establish()
    contexts, complaints = [], []

    def log_in(role: str, *statements: Statement, phone: bool = False, dark: bool = False, axe: bool = False) -> Page:
        user = User.objects.create_user(role.lower(), password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        for statement in statements:
            assigning.assign(statement=statement, user=user)
        shape = PHONE if phone else DESKTOP
        look = {"color_scheme": "dark" if dark else "light", "bypass_csp": axe}
        context = browser.new_context(base_url=site, locale="en-GB", **look, **shape)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto("/admin/")
        page.get_by_label("Username").fill(role.lower())
        page.get_by_label("Password").fill(PASSWORD)
        follow(page.get_by_role("button", name="Log in"))
        return page

    yield log_in
    for context in contexts:
        context.close()
    answers = ("404", "401", "409", "422")  # pages of ours; browsers write down that they were no 200
    assert [text for text in complaints if not any(status in text for status in answers)] == []


def picture(page: Page, name: str) -> None:
    """Keep what it looks like, when somebody wants to see."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_home_shows_a_moderator_what_waits(staff, statement):
    page = staff("Moderator", statement)
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(6)
    expect(tiles.filter(has_text="Held for review")).to_contain_text("3")
    expect(tiles.filter(has_text="Comments waiting")).to_contain_text("oldest 4 days: overdue")
    expect(page.get_by_role("img", name="Signatures per hour")).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("table", name="Signatures per hour")).to_be_visible()
    picture(page, "home")
    follow(tiles.filter(has_text="Held for review").get_by_role("link"))
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    picture(page, "held")


@pytest.mark.parametrize("dark", [False, True])
def test_the_desk_fits_a_phone_in_light_and_dark(staff, statement, dark):
    page = staff("Moderator", statement, phone=True, dark=dark)
    for path in ["/admin/", "/admin/petitions/signature/?state__exact=held", "/admin/petitions/rule/add/"]:
        page.goto(path)
        fits(page)
        picture(page, f"phone{path.replace('/', '-').partition('?')[0]}{'-dark' if dark else ''}")


def test_a_moderator_releases_one_on_a_phone(staff, statement):
    page = staff("Moderator", statement, phone=True)
    follow(page.get_by_role("link", name="Held for review"))
    follow(page.get_by_role("link", name="Held 1"))
    follow(page.get_by_role("button", name="Release"))
    follow(page.get_by_role("button", name="Release"))
    expect(page.get_by_text("1 released.")).to_be_visible()
    assert Signature.objects.filter(state="held").count() == 2


def test_a_rule_is_looked_at_run_and_undone(staff, statement):
    page = staff("Moderator", statement)
    page.goto("/admin/petitions/signature/")
    follow(page.get_by_role("link", name="Remove by rule"))
    page.get_by_label("Statement").select_option(label="Keep our libraries open")
    page.get_by_label("Reason").fill("A script")
    follow(page.get_by_role("button", name="Count them"))
    expect(page.get_by_text("This rule is empty")).to_be_visible()
    page.get_by_label("Domain").fill("mill.example")
    follow(page.get_by_role("button", name="Count them"))
    expect(page.get_by_role("heading", name="25 would be removed")).to_be_visible()
    picture(page, "rule")
    page.get_by_label("Your password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Remove 25"))
    expect(page.get_by_text("Started: 25 to remove.")).to_be_visible()
    chores.run_all()
    follow(page.get_by_role("link", name="Look again"))
    expect(page.get_by_text("25 of 25 removed.")).to_be_visible()
    follow(page.get_by_role("button", name="Undo the whole rule"))
    chores.run_all()
    assert (Rule.objects.get().state, counting.recount(statement=statement).rows[0]) == ("undone", 65)


def test_a_campaigner_writes_and_publishes_a_first_statement(staff, statement):
    page = staff("Campaigner")
    expect(page.get_by_text("Nothing is out yet.")).to_be_visible()
    follow(page.get_by_role("link", name="Make your first statement"))
    follow(page.get_by_role("link", name="Add statement"))
    page.get_by_label("Title").fill("A crossing for Mill Lane")
    expect(page.get_by_text("24 of 80 characters")).to_be_visible()
    page.get_by_role("textbox", name="Text", exact=True).fill("We ask the council for a safe crossing.")
    follow(page.get_by_role("button", name="Save", exact=True).first)
    follow(page.get_by_role("link", name="A crossing for Mill Lane").first)
    picture(page, "statement")
    follow(page.get_by_role("link", name="Preview"))
    phone = page.frame_locator("iframe.phone")
    expect(phone.get_by_text("We ask the council for a safe crossing.")).to_be_visible()
    expect(page.get_by_text("Confirm your signature: A crossing for Mill Lane")).to_be_visible()
    expect(page.locator(".shared img")).to_have_js_property("naturalWidth", 1200)
    picture(page, "preview")
    follow(page.get_by_role("link", name="On to publishing"))
    picture(page, "publish")
    follow(page.get_by_role("button", name="Publish"))
    expect(page.get_by_text("Published. Title, addressee and text are locked.")).to_be_visible()
    assert Statement.objects.get(title="A crossing for Mill Lane").status == "open"


def pressed(page: Page, *keys: str) -> None:
    """Press the keys; the last of them leads to another page."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    page.wait_for_load_state("load")


def by_keys(page: Page, queue: str) -> None:
    page.goto(queue)
    page.keyboard.press("a")
    follow(page.get_by_role("link", name="Switch them on"))
    follow(page.get_by_role("button", name="Switch keys on"))
    page.goto(queue)
    expect(page.locator(".card-here")).to_have_count(1)


def test_held_signatures_by_keys_alone(staff, statement):
    page = staff("Moderator", statement)
    by_keys(page, "/admin/petitions/signature/?state__exact=held")
    held = Signature.objects.filter(state="held")
    assert held.count() == 3
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Remove as duplicate")
    picture(page, "keys")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    pressed(page, "j", "a")
    expect(page.get_by_text("1 released.")).to_be_visible()
    pressed(page, "z")
    assert held.count() == 3
    pressed(page, "Shift+X", "Shift+D")
    expect(page.get_by_text("3 removed.")).to_be_visible()
    picture(page, "undo")
    assert set(Signature.objects.filter(state="removed").values_list("removed_reason", flat=True)) == {"Duplicate"}
    pressed(page, "z")
    assert held.count() == 3
    page.get_by_label("Search").press_sequentially("jaskd")
    page.locator("h1").click()
    pressed(page, "k", "e")
    expect(page.get_by_role("heading", level=1)).to_have_text("View signature")


def test_endorsements_by_keys_alone(staff, statement):
    EndorsementFactory(statement=statement, name="Lantern Union")
    page = staff("Moderator", statement)
    by_keys(page, "/admin/organisations/endorsement/")
    pressed(page, "a")
    expect(page.get_by_text("1 approved.")).to_be_visible()
    pressed(page, "z")
    expect(page.get_by_text("It waits again.")).to_be_visible()
    page.goto("/admin/organisations/endorsement/")
    pressed(page, "r")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("ad")
    page.locator("h1").click()
    pressed(page, "j")
    page.keyboard.press("d")
    expect(page.get_by_label("In your own words")).to_be_focused()
    page.locator("h1").click()
    pressed(page, "a")
    expect(page.get_by_text("Listed. The representative gets a mail.")).to_be_visible()
    pressed(page, "z")
    assert set(Endorsement.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_question_and_an_approved_change_are_undone(staff, statement):
    Endorsement.objects.all().delete()
    endorsement = deciding.approve(endorsement=EndorsementFactory(statement=statement, message="The words of old."))
    endorsing.revise(endorsement_id=endorsement.pk, message="The words of today.")
    page = staff("Moderator", statement)
    page.goto(f"/admin/organisations/endorsement/{endorsement.pk}/change/")
    page.get_by_label("Your question").fill("Which branch?")
    follow(page.get_by_role("button", name="Ask by mail"))
    follow(page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("The question had not gone out and was stopped.")).to_be_visible()
    follow(page.get_by_role("button", name="Approve the changes"))
    page.goto(endorsement.organisation.get_absolute_url())
    expect(page.get_by_text("The words of today.")).to_be_visible()
    page.goto(f"/admin/organisations/endorsement/{endorsement.pk}/change/")
    picture(page, "before-undo")
    follow(page.get_by_role("button", name="Undo the decision"))
    expect(page.get_by_text("It is listed as before, and its changes wait again.")).to_be_visible()
    expect(page.get_by_text("can still be undone")).to_have_count(0)
    picture(page, "after-undo")
    page.goto(endorsement.organisation.get_absolute_url())
    expect(page.get_by_text("The words of old.")).to_be_visible()
    page.goto("/admin/petitions/signature/")
    expect(page.get_by_text("signer-", exact=False)).to_have_count(0)
    picture(page, "masked")


def test_a_sheet_of_paper_costs_two_keys_a_line_besides_its_words(staff, statement):
    """UX F7: at most five; twelve lines on a grid that begins with ten."""
    page = staff("Campaigner", statement)
    page.goto(f"/admin/petitions/sheet/add/?statement={statement.pk}")
    expect(page.get_by_label("Name on line 1", exact=True)).to_be_focused()
    besides = 0
    for number in range(12):
        page.keyboard.type(f"Signer {number}")
        page.keyboard.press("Tab")
        page.keyboard.type("LS1 4AB")
        page.keyboard.press("Enter")
        besides += 2
    expect(page.get_by_label("Name on line 13", exact=True)).to_be_focused()
    picture(page, "grid")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("12 names kept. Here is the next.")).to_be_visible()
    assert (besides + 1) / 12 <= 5
    kept = SheetLine.objects.order_by("pk").values_list("name", "postcode")
    assert list(kept) == [(f"Signer {number}", "LS1 4AB") for number in range(12)]
    expect(page.get_by_label("Sheet number")).to_have_value("2")


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/keys/", "/admin/switches/", "/admin/set-up/", "/admin/petitions/sheet/add/"]
)
def test_everybody_can_use_the_desk(browser, staff, statement, path):
    page = staff("Administrator", axe=True)
    page.goto(path)
    picture(page, f"admin{path.replace('/', '-')}")
    accessible(page)
