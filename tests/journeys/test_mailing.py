"""News by mail to some of those who asked for it, and a correction that signers stand by."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from mail.models import OutgoingEmail
from petitions.models import Mailing, Signature, Update
from petitions.news import updates
from petitions.signatures import reaffirming, sums
from petitions.statements import counting, publishing
from tests.asking import sign
from tests.factories import StatementFactory
from tests.journeys.conftest import accessible, fits, follow
from tests.journeys.test_moderate import picture, staff  # noqa: F401  the fixture
from tests.petitions.news.making import queue_all, signers

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def update(transactional_db):
    statement = StatementFactory(slug="libraries", title="Keep our libraries open")
    signers(statement, 3, language="cy")
    signers(statement, 4, language="en")
    sums.count_next()
    return updates.save_update(
        update=Update(
            statement=statement,
            title="We meet on Monday",
            slug="monday",
            body="<p>Come along.</p>",
            published_at=statement.published_at,
        )
    )


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone in the dark"])
def test_a_mail_is_aimed_tested_sent_paused_and_gone_on_with(staff, mailbox, update, phone):  # noqa: F811
    page = staff("Campaigner", update.statement, phone=phone, dark=phone, axe=True)
    User.objects.update(email="carol@example.org")
    page.goto(f"/admin/petitions/update/{update.pk}/mail/")
    who = page.locator("[data-counted=words]")
    expect(who).to_contain_text("This will go to 7 people.")
    page.get_by_text("Only some of them, or answers elsewhere").click()
    page.get_by_label("Welsh").check()
    expect(who).to_contain_text("This will go to 3 people. 4 more asked for news and are left out by your choice.")
    page.get_by_label("Answers go to").fill("press@example.org")
    picture(page, f"mail-aim-{phone}")
    accessible(page)
    fits(page)
    follow(page.get_by_role("button", name="Send me a test"))
    expect(page.get_by_text("Answers go to press@example.org")).to_be_visible()
    follow(page.get_by_role("button", name="Send to 3 people"))
    assert Mailing.objects.values_list("languages", "reply_to").get() == (["cy"], "press@example.org")
    assert queue_all() == [3]
    follow(page.get_by_role("button", name="Pause"))
    expect(page.get_by_text("Paused since")).to_be_visible()
    picture(page, f"mail-paused-{phone}")
    accessible(page)
    fits(page)
    mailbox.deliver()
    assert OutgoingEmail.objects.filter(lane=3, state="sent").count() == 0
    follow(page.get_by_role("button", name="Go on"))
    mailbox.deliver()
    follow(page.get_by_role("link", name="Look again"))
    expect(page.get_by_text("Finished.")).to_be_visible()
    expect(page.get_by_role("row", name="Sent")).to_contain_text("3")
    assert {message["Reply-To"] for message in mailbox.messages} == {"press@example.org"}
    picture(page, f"mail-finished-{phone}")


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone in the dark"])
def test_a_signer_reads_what_was_corrected_and_stands_by_it(visit, mailbox, phone):
    statement = StatementFactory(slug="libraries", title="Keep our libraries open")
    sign(statement, email="amina@example.org")
    publishing.correct(
        statement=statement, note="Nine branches, not eight.", body="<p>Keep every one of nine open.</p>"
    )
    reaffirming.ask(statement=statement)
    reaffirming.queue_batch()
    mailbox.deliver()
    page = visit(phone=phone, dark=phone)
    page.goto(mailbox.link("amina@example.org", "manage"))
    expect(page.get_by_role("heading", name="Do you stand by version 2?")).to_be_visible()
    picture(page, f"stand-by-{phone}")
    accessible(page)
    fits(page)
    follow(page.get_by_role("button", name="Stand by version 2"))
    expect(page.get_by_role("status")).to_have_text("Done. Your signature stands by version 2. Thank you.")
    assert Signature.objects.get().version.number == 2
    assert counting.recount(statement=statement).agrees
    page.goto("/statements/libraries/history/")
    expect(page.get_by_text("Stands by version 2: 1 of 1.")).to_be_visible()
    picture(page, f"stands-{phone}")
