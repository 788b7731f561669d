"""An administrator reads the documents, chooses the ground of the law, and tells people of the new notice."""

import pytest
from playwright.sync_api import expect

from petitions.models import NoticeMailing
from petitions.signatures import consent, notices
from publishers import founding
from tests.factories import SignatureFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow
from tests.journeys.test_moderate import picture, staff  # noqa: F401  the fixture

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_the_documents_to_another_ground_and_the_mail_about_it(staff, site):  # noqa: F811
    founding.found()
    SignatureFactory(statement=StatementFactory(slug="libraries"), consent_id=consent.current())
    page = staff("Administrator", axe=True)
    follow(page.get_by_role("link", name="Data protection"))
    expect(page.get_by_role("row")).to_have_count(9)
    accessible(page)
    picture(page, "documents")
    follow(page.get_by_role("link", name="If data are lost or seen", exact=True))
    expect(page.get_by_text("Within 72 hours")).to_be_visible()
    accessible(page)
    picture(page, "breach")
    printed = page.request.get(page.get_by_role("link", name="As PDF").get_attribute("href"))
    assert (printed.status, printed.body()[:5]) == (200, b"%PDF-")
    page.goto("/admin/data-protection/")
    follow(page.get_by_role("link", name="Choose another, or who else answers"))
    accessible(page)
    page.get_by_label("Public task").check()
    page.get_by_label("Why").fill("Decided by the council on 3 May")
    follow(page.get_by_role("button", name="Keep it"))
    expect(page.locator(".errorlist")).to_have_text("Name the law that gives you the task.")
    accessible(page)
    picture(page, "ground-error")
    page.get_by_label("The law that gives the task").fill("Petitions Act")
    follow(page.get_by_role("button", name="Keep it"))
    expect(page.locator(".messagelist")).to_contain_text("The privacy notice and the forms say so from now on.")
    follow(page.get_by_role("link", name="Tell people that the privacy notice has changed"))
    expect(page.locator(".lead")).to_contain_text("1 person signed under another notice")
    page.get_by_label("What changed").fill("We keep signatures because the law tells us to.")
    accessible(page)
    picture(page, "tell")
    page.get_by_label("Send it to all of them").check()
    follow(page.get_by_role("button", name="Send it"))
    expect(page.locator(".lead")).to_contain_text("was started on")
    accessible(page)
    notices.queue_batch()
    assert NoticeMailing.objects.get().queued == 1
    page.goto("/statements/libraries/")
    expect(page.locator("#sign .consent, .consent").first).to_contain_text("you petition us")
    page.goto("/privacy/versions/")
    accessible(page)
    picture(page, "versions")


@pytest.mark.parametrize("dark", [False, True])
def test_the_documents_fit_a_phone(staff, site, dark):  # noqa: F811
    founding.found()
    page = staff("Auditor", phone=True, dark=dark, axe=True)
    names = ("", "activities/", "notice/", "contract/", "retention/")
    for name in names:
        page.goto(f"/admin/data-protection/{name}")
        fits(page)
        accessible(page)
        picture(page, f"phone-{name.strip('/') or 'list'}-{'dark' if dark else 'light'}")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/admin/data-protection/activities/")
    fits(page)
