"""A stranger signs, confirms by mail and is counted exactly once, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import thanking
from petitions.statements import counting
from tests.factories import EventFactory, SignatureFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AMINA = "amina@example.org"


@pytest.fixture
def statement(site):
    statement = StatementFactory(
        slug="libraries",
        title="Keep our libraries open",
        preface="<p>We are a proud signatory.</p>",
        goal=2000,
        body="<p>We, the undersigned, ask the council to keep all nine libraries open.</p>" * 12,
    )
    EventFactory(statement=statement)
    names = ["Amal", "محمد الأمين", "Þóra Jónsdóttir", "Taumatawhakatangihangakoauauotamateaturi Pukaka"]
    for name in names * 8:
        SignatureFactory(
            statement=statement, name=name, state="confirmed", confirmed_at=statement.published_at, show_name=True
        )
    counting.recount(statement=statement, repair=True)
    return statement


def people(page: Page) -> str:
    """The number on the statement's page."""
    page.goto("/statements/libraries/")
    return page.locator(".count-number").first.inner_text()


def fill_and_sign(page: Page) -> None:
    page.get_by_label("Full name").fill("Amina Yusuf")
    page.get_by_label("Email", exact=True).fill(AMINA)
    follow(page.locator("#sign form .btn-sign"))


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_signing_on_a_phone_takes_two_fields_and_one_button(visit, mailbox, statement, javascript):
    page = visit(phone=True, javascript=javascript)
    assert people(page) == "32"
    if javascript:
        accessible(page)
    page.get_by_role("link", name="Sign the statement").locator("visible=true").first.click()
    fill_and_sign(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    expect(page.get_by_text(AMINA)).to_be_visible()
    assert (SignatureSubmission.objects.get().email, Signature.objects.filter(email=AMINA).count()) == (AMINA, 0)

    mailbox.deliver()
    link = mailbox.link(AMINA, "confirm")
    elsewhere = visit(phone=True, javascript=javascript)
    elsewhere.goto(link)
    assert people(visit(javascript=javascript)) == "32"
    if javascript:
        accessible(elsewhere)
    follow(elsewhere.get_by_role("button", name="Confirm my signature"))
    expect(elsewhere.get_by_role("heading", level=1)).to_contain_text("Thank you")
    expect(elsewhere.get_by_role("heading", level=1)).to_contain_text("33")
    assert people(visit(javascript=javascript)) == "33"
    if javascript:
        accessible(elsewhere)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")

    again = visit(javascript=javascript)
    again.goto(link)
    expect(again.get_by_text("already signed")).to_be_visible()
    assert people(again) == "33"


def test_the_code_is_a_second_way_in(visit, mailbox, statement):
    page = visit()
    page.goto("/statements/libraries/")
    fill_and_sign(page)
    mailbox.deliver()
    page.get_by_label("6-digit code").fill("000 000")
    follow(page.get_by_role("button", name="Confirm"))
    expect(page.get_by_role("alert")).to_contain_text("That code isn't right")
    page.get_by_label("6-digit code").fill(mailbox.code(AMINA))
    follow(page.get_by_role("button", name="Confirm"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert people(page) == "33"


def test_errors_say_how_to_mend_them(visit, statement):
    page = visit(phone=True)
    page.goto("/statements/libraries/")
    page.get_by_label("Full name").fill("Amina Yusuf")
    page.get_by_label("Email", exact=True).fill("amina@")
    follow(page.locator("#sign form .btn-sign"))
    expect(page).to_have_title("Error: " + page.title().removeprefix("Error: "))
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Full name")).to_have_value("Amina Yusuf")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Email", exact=True)).to_be_focused()
    assert page.get_by_label("Email", exact=True).get_attribute("aria-invalid") == "true"
    accessible(page)


def test_a_slip_is_offered_and_can_be_kept(visit, statement):
    page = visit(javascript=False)
    page.goto("/statements/libraries/")
    page.get_by_label("Full name").fill("Amina Yusuf")
    page.get_by_label("Email", exact=True).fill("amina@gmial.com")
    follow(page.locator("#sign form .btn-sign"))
    follow(page.get_by_role("button", name="No, amina@gmial.com is right"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    assert SignatureSubmission.objects.get(email="amina@gmial.com").name == "Amina Yusuf"


def test_a_signer_changes_their_mind(visit, mailbox, statement):
    page = visit(javascript=False)
    page.goto("/statements/libraries/")
    fill_and_sign(page)
    mailbox.deliver()
    page.goto(mailbox.link(AMINA, "confirm"))
    follow(page.get_by_role("button", name="Confirm my signature"))
    mailbox.deliver()
    page.goto(mailbox.link(AMINA, "manage"))
    follow(page.get_by_role("button", name="Show my name"))
    assert Signature.objects.get(email=AMINA).show_name is True
    follow(page.get_by_role("button", name="Take my name off"))
    assert Signature.objects.get(email=AMINA).state == "withdrawn"
    assert people(page) == "32"


def test_a_country_is_chosen_on_a_phone_without_scripts_and_corrected_on_the_own_page(visit, mailbox, statement):
    Statement.objects.update(ask_country=True)
    page = visit(phone=True, javascript=False)
    page.goto("/statements/libraries/")
    page.locator(".field-more summary").click()
    box = page.get_by_label("Country (optional)")
    expect(box).to_have_value("")
    assert box.locator("option").nth(1).inner_text() == "United Kingdom"
    box.select_option(label="Côte d’Ivoire")
    fits(page)
    fill_and_sign(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")

    mailbox.deliver()
    page.goto(mailbox.link(AMINA, "confirm"))
    expect(page.locator("dt:text-is('Country') + dd")).to_have_text("Côte d’Ivoire")
    follow(page.get_by_role("button", name="Confirm my signature"))
    assert Signature.objects.get(email=AMINA).country == "CI"

    mailbox.deliver()
    page.goto(mailbox.link(AMINA, "manage"))
    expect(page.locator("dt:text-is('Country') + dd")).to_have_text("Côte d’Ivoire")
    expect(page.get_by_label("Country (optional)")).to_have_value("CI")
    page.get_by_label("Country (optional)").select_option(label="United Kingdom")
    follow(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status")).to_have_text("Done. Your details are corrected.")
    expect(page.locator("dt:text-is('Country') + dd")).to_have_text("United Kingdom")
    fits(page)
    assert Signature.objects.get(email=AMINA).country == "GB"
    assert people(page) == "33"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_country_box_and_the_own_page_are_accessible(visit, statement, dark):
    Statement.objects.update(ask_country=True, ask_postcode=True, ask_affiliation=True)
    signature = SignatureFactory(statement=statement, country="FR", affiliation="Mill")
    page = visit(phone=True, dark=dark)
    for path in ("/statements/libraries/sign/", thanking.manage_url(signature)):
        page.goto(path)
        page.set_viewport_size({"width": 320, "height": 568})
        accessible(page)
        fits(page)


PAGES = [
    "/", "/statements/", "/statements/libraries/", "/statements/libraries/sign/", "/statements/libraries/signatures/",
    "/statements/libraries/history/", "/statements/libraries/share/", "/privacy/", "/accessibility/", "/no-such-page/",
    "/confirm/x/",
]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_page_is_accessible_and_fits(visit, statement, phone, dark):
    page = visit(phone=phone, dark=dark)
    for path in PAGES:
        page.goto(path)
        accessible(page)
        fits(page)
        assert page.locator("h1").count() == 1


def test_nothing_sticks_out_on_the_smallest_screen(visit, statement):
    page = visit()
    for path in PAGES:
        for width, height in [(320, 568), (320, 256)]:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(path)
            fits(page)


def test_by_keyboard_alone(visit, statement):
    page = visit()
    page.goto("/statements/libraries/")
    presses = 0
    while page.evaluate("document.activeElement.name") != "name":
        page.keyboard.press("Tab")
        presses += 1
        assert presses <= 12
    page.keyboard.type("Amina Yusuf")
    page.keyboard.press("Tab")
    page.keyboard.type(AMINA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")


def test_a_double_click_signs_once(visit, mailbox, statement):
    page = visit()
    page.goto("/statements/libraries/")
    page.get_by_label("Full name").fill("Amina Yusuf")
    page.get_by_label("Email", exact=True).fill(AMINA)
    page.locator("#sign form .btn-sign").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    mailbox.deliver()
    assert len(mailbox.messages) == 1
    page.goto(mailbox.link(AMINA, "confirm"))
    follow(page.get_by_role("button", name="Confirm my signature").first)
    page.wait_for_load_state()
    assert Signature.objects.filter(email=AMINA).count() == 1


def test_two_who_typed_one_address_stand_side_by_side_and_the_owner_chooses(visit, mailbox, statement):
    for name in ("Amina Yusuf", "Mallory"):
        page = visit(phone=True)
        page.goto("/statements/libraries/")
        page.get_by_label("Full name").fill(name)
        page.get_by_label("Email", exact=True).fill(AMINA)
        follow(page.locator("#sign form .btn-sign"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    mailbox.deliver()
    OutgoingEmail.objects.filter(state="queued").update(due_at=timezone.now())
    mailbox.deliver()
    mine = visit(phone=True)
    mine.goto(mailbox.link(AMINA, "confirm"))
    expect(mine.get_by_role("heading", level=1)).to_have_text("2 things wait for you")
    expect(mine.locator("mark")).to_have_text(["Amina Yusuf", "Mallory"])
    accessible(mine)
    fits(mine)
    follow(mine.get_by_role("button", name="This wasn't me").last)
    expect(mine.get_by_role("heading", name="You told us this wasn't you")).to_be_visible()
    follow(mine.get_by_role("button", name="Confirm my signature"))
    expect(mine.get_by_role("heading", level=1)).to_contain_text("Thank you, Amina Yusuf")
    assert list(Signature.objects.filter(email=AMINA).values_list("name", flat=True)) == ["Amina Yusuf"]


def test_two_who_share_a_mailbox_both_count(visit, mailbox, statement):
    page = visit()
    for name, button in [("Amina Yusuf", "Confirm my signature"), ("Bo Yusuf", "Sign as a second person")]:
        page.goto("/statements/libraries/")
        page.get_by_label("Full name").fill(name)
        page.get_by_label("Email", exact=True).fill(AMINA)
        follow(page.locator("#sign form .btn-sign"))
        mailbox.deliver()
        page.goto(mailbox.link(AMINA, "confirm"))
        accessible(page)
        follow(page.get_by_role("button", name=button))
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"Thank you, {name}")
        mailbox.deliver()  # the receipt, so that the next mail is the newest
    assert people(page) == "34"
