"""Working on the desk together: two editors at once, a lost session, a first-time campaigner from the invitation."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from core import roles
from core.models import FormDraft
from petitions.models import Event, Invitation, Statement
from petitions.statements import inviting
from tests.factories import CommentFactory, EventFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow
from tests.journeys.test_moderate import PASSWORD, picture, staff  # noqa: F401  the fixture

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_two_editors_and_a_session_that_ends_lose_nothing(staff):  # noqa: F811
    event = EventFactory(statement=StatementFactory(), title="March", venue="Square")
    path = f"/admin/petitions/event/{event.pk}/change/"
    cam, ada = staff("Campaigner", event.statement), staff("Administrator")
    cam.goto(path)
    ada.goto(path)
    ada.get_by_label("Title").fill("Meeting")
    follow(ada.get_by_role("button", name="Save", exact=True))
    cam.get_by_label("Title").click()
    cam.get_by_label("Title").fill("Rally")
    expect(cam.locator(".kept-said")).to_contain_text("by administrator", timeout=15_000)
    assert FormDraft.objects.get().typed["title"] == ["Rally"]
    with cam.expect_event("dialog") as leaving:
        cam.evaluate("setTimeout(() => location.assign('/admin/'))")
    leaving.value.dismiss()
    expect(cam.get_by_label("Title")).to_have_value("Rally")
    follow(cam.get_by_role("button", name="Save", exact=True))
    expect(cam.get_by_role("heading", level=1)).to_contain_text("while you were writing")
    picture(cam, "conflict")
    cam.get_by_label("Both, to tidy up").check()
    Session.objects.all().delete()
    follow(cam.get_by_role("button", name="Save these", exact=True))
    expect(cam.get_by_role("heading", level=1)).to_have_text("Your session has ended")
    expect(cam.get_by_text("Square")).to_be_visible()
    picture(cam, "lost-session")
    cam.get_by_label("Username").fill("campaigner")
    cam.get_by_label("Password").fill(PASSWORD)
    follow(cam.get_by_role("button", name="Log in and send it"))
    expect(cam.locator(".messagelist")).to_contain_text("was changed successfully")
    assert Event.objects.get().title == "Meeting / Rally"


def test_a_first_time_campaigner_finds_write_publish_moderate_and_close(browser, site, staff):  # noqa: F811
    boss = staff("Administrator")
    first = StatementFactory(title="Keep our libraries open")
    boss.goto(f"/admin/petitions/statement/{first.pk}/team/")
    boss.get_by_label("Mail address").fill("cam@example.org")
    boss.get_by_label("Campaigner:").check()
    boss.get_by_label("A campaigner who also moderates").check()
    boss.get_by_label("Keep our libraries open").check()
    follow(boss.get_by_role("button", name="Send the invitation"))
    expect(boss.get_by_text("cam@example.org").first).to_be_visible()
    context = browser.new_context(base_url=site, locale="en-GB")
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"/admin/invitation/{inviting.token(Invitation.objects.get())}/")
    page.get_by_label("Your name, for colleagues").fill("Cam")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    follow(page.get_by_role("button", name="Come in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep our libraries open")
    page.goto("/admin/petitions/statement/add/")
    page.get_by_label("Title").fill("Save the baths")
    page.locator(".field-body .tiptap").click()
    page.keyboard.type("We ask the council to keep the baths open.")
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#next")).to_contain_text("It is written")
    follow(page.locator(".next").get_by_role("link", name="Publish"))
    follow(page.get_by_role("button", name="Publish"))
    expect(page.locator(".stand")).to_contain_text("Open")
    statement = Statement.objects.get(title="Save the baths")
    CommentFactory(statement=statement, state="waiting", author_name="Bo")
    page.reload()
    follow(page.locator(".tabs").get_by_role("link", name=re.compile("Comments")))
    follow(page.get_by_role("button", name="Approve").first)
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    expect(page.locator(".tabs").get_by_role("link", name="Comments")).to_have_attribute("aria-current", "page")
    page.get_by_text("More…").click()
    follow(page.get_by_role("link", name="Close…"))
    follow(page.get_by_role("button", name="Close"))
    expect(page.locator(".stand")).to_contain_text("Closed")
    assert {group.name for group in User.objects.get(username="cam").groups.all()} == {"Campaigner", "Moderator"}
    assert Group.objects.filter(name=roles.CAMPAIGNER).exists()
    context.close()


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_every_tab_is_accessible_and_fits(staff, phone, dark):  # noqa: F811
    event = EventFactory(statement=StatementFactory())
    CommentFactory(statement=event.statement, state="waiting")
    page = staff("Administrator", event.statement, phone=phone, dark=dark, axe=True)
    place = f"/admin/petitions/statement/{event.statement.pk}/"
    page.goto(place)
    links = page.eval_on_selector_all(".tabs a", "all => all.map(a => a.getAttribute('href'))")
    event_page = f"/admin/petitions/event/{event.pk}/change/"
    for path in [*links, event_page, f"/admin/drafts/petitions.event/{event.pk}/", f"{place}publish/"]:
        page.goto(path)
        fits(page)
        accessible(page)
        picture(page, f"tab{path.replace('/', '-').replace('?', '-')}{'-phone' if phone else ''}")
