"""Whoever's link was seen by others asks for another one, of whatever kind it is; the old ones are dead."""

import pytest

from comments import posting
from comments.kind import CommentKind
from core import tokens
from mail.models import OutgoingEmail
from organisations import endorsing, thanking
from organisations.models import MANAGE
from submissions import mine_views, own_links
from submissions.models import Correspondence
from tests.asking import agree, confirm_url
from tests.comments.making import agreed as commented
from tests.comments.making import ask as comment_asked
from tests.factories import StatementFactory
from tests.mailserver import deliver, text_of
from tests.organisations.form import ask as endorse_asked
from tests.organisations.form import typed
from tests.petitions.mails import LINK

pytestmark = pytest.mark.django_db


def comment(statement):
    found = commented(statement.thread)
    return found, posting.MANAGE, found.author_email, found.body


def endorsement(statement):
    submission = endorse_asked(statement)
    found = endorsing.agree(submission_id=submission.pk)
    return found, MANAGE, found.contact_email, found.name


def asked(statement):
    mine_views.ask("amina@example.org")
    return Correspondence.objects.get(), mine_views.MINE, "amina@example.org", "when somebody fills in a form"


def path(address: str) -> str:
    return address[address.index("/manage/") :]


@pytest.mark.parametrize("make", [comment, endorsement])
def test_a_new_link_is_mailed_and_the_old_one_leads_to_help(client, server, make):
    row, purpose, address, words = make(StatementFactory(slug="libraries"))
    OutgoingEmail.objects.all().delete()
    old = path(own_links.in_mail(purpose, row))
    assert "Email me a new link" in client.get(old).content.decode()
    page = client.post(old, {"action": "new_link"}).content.decode()
    assert "We've sent you a new link." in page.replace("&#39;", "'")
    assert ("<form" in page, "/details/" in page) == (False, False)  # which would not work any more
    answers = [client.get(old), *(client.post(old, {"action": what}) for what in ("withdraw", "new_link"))]
    assert [one.status_code for one in answers] == [410, 410, 410]
    shown = answers[0].content.decode()
    assert ('href="/mine/"' in shown, words in shown) == (True, False)
    deliver()
    (message,) = server.to(address)
    (new,) = {found for found in LINK.findall(text_of(message)) if "/manage/" in found}
    assert (path(new) != old, client.get(path(new)).status_code) == (True, 200)
    assert words in client.get(path(new)).content.decode()
    assert OutgoingEmail.objects.count() == 1
    row.refresh_from_db()
    assert (row.link_number, row.state) == (1, "waiting")


def test_the_page_of_ones_details_dies_with_its_link(client):
    row, purpose, *_ = endorsement(StatementFactory(slug="libraries"))
    old = path(own_links.in_mail(purpose, row))
    assert client.get(f"{old}details/").status_code == 200
    endorsing.renew_link(endorsement_id=row.pk, link_number=0)
    before = typed()["contact_name"]
    answers = [client.get(f"{old}details/"), client.post(f"{old}details/", {"contact_name": "Mallory"})]
    row.refresh_from_db()
    assert ([one.status_code for one in answers], row.contact_name) == ([410, 410], before)


def test_no_page_leads_on_to_a_newer_link(client):
    statement = StatementFactory(slug="libraries")
    submission = comment_asked(statement.thread)
    found = agree(submission)
    pages = [f"{thanking.url(endorsement(statement)[0])}", confirm_url(submission)]
    live = [client.get(page).content.decode() for page in pages]
    assert ["/manage/endorsed-manage." in live[0], "/manage/comment-manage." in live[1]] == [True, True]
    assert posting.renew_link(comment_id=found.result_id, link_number=0)
    assert endorsing.renew_link(endorsement_id=statement.endorsements.get().pk, link_number=0)
    dead = client.get(pages[0]).content.decode()
    assert "/manage/" not in dead
    led_to = CommentKind().url(found.result_id, is_reader=True)
    page = client.get(led_to).content.decode()
    assert ("Thank you. It is confirmed." in page, "learnt to read" in page, "<form" in page) == (True, False, False)


@pytest.mark.parametrize("make", [comment, endorsement])
def test_who_comes_by_an_older_link_can_not_ask_again(make):
    row, *_ = make(StatementFactory(slug="libraries"))
    column = "author_email" if make is comment else "contact_email"
    known = {"mail": "x", "key": "x", "address": column}
    done = [own_links.renew(type(row), row.pk, 0, **known) for _ in range(2)]
    assert (done, OutgoingEmail.objects.filter(kind="x").count()) == ([True, False], 1)


@pytest.mark.parametrize("make", [comment, endorsement])
def test_nobody_s_is_renewed_whose_address_is_forgotten(client, make):
    row, purpose, *_ = make(StatementFactory(slug="libraries"))
    type(row).objects.update(**{"author_email" if make is comment else "contact_email": ""})
    OutgoingEmail.objects.all().delete()
    old = path(own_links.in_mail(purpose, row))
    client.post(old, {"action": "new_link"})
    assert (client.get(old).status_code, OutgoingEmail.objects.count()) == (200, 0)


def test_the_link_to_ones_own_page_dies_and_another_is_a_form_away(client, server):
    row, purpose, address, words = asked(None)
    old = path(own_links.in_mail(purpose, row))
    assert words in client.get(old).content.decode()
    answer = client.post(old, {"action": "new_link"})
    assert (answer.status_code, answer["Location"]) == (303, "/mine/")
    answers = [client.get(old), client.post(old, {"action": "stop"})]
    assert [one.status_code for one in answers] == [410, 410]
    OutgoingEmail.objects.all().delete()
    client.post("/mine/", {"email": address})  # at once, though one was sent lately
    deliver()
    (message,) = server.to(address)
    (new,) = {found for found in LINK.findall(text_of(message)) if "/manage/" in found}
    assert client.get(path(new)).status_code == 200
    assert tokens.read_token(purpose, new.rstrip("/").rpartition("/")[2]) == (row.pk, 1)
