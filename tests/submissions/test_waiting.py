"""The waiting page says the same to everybody, follows its own submission, and tells the truth to a right code."""

import json
import re

import pytest
from django.db.models.functions import Now

from core import tokens
from core.addresses import mailbox_key
from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission
from petitions.pages.sign_views import FramedSignWaiting, SignWaiting
from submissions import agreeing, codes, correspondence
from tests.asking import agree, codes_in, later, link_in, mails_to, sign
from tests.factories import StatementFactory
from tests.mailserver import deliver

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"
TYPED = {"name": "Amina Yusuf", "email": AMINA, "show_name": "on"}


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


def post(client, statement, door="statements/{}/sign/", **typed):
    """The address of the waiting page that a POST leads to."""
    answer = client.post("/" + door.format(statement.slug), TYPED | typed)
    assert answer.status_code == 303
    return answer["Location"]


def shown(client, where):
    """The page without its own sealed address, which differs for each."""
    answer = client.get(where)
    assert answer.status_code == 200
    return answer.content.decode().replace(where.partition("?k=")[2].partition("&")[0], "SEALED")


def poll(client, where):
    return json.loads(client.get(where, headers={"Accept": "application/json"}).content)["next"]


def newest():
    return SignatureSubmission.objects.order_by("pk").last()


def right(submission):
    return codes.code_of(1, bytes(submission.digest))


def type_code(client, where, code):
    return client.post(where, {"action": "code", "code": code})


def test_it_says_what_was_typed_where_the_mail_goes_and_what_it_is_marked(client, statement):
    page = shown(client, post(client, statement))
    for words in (AMINA, "Amina Yusuf", newest().reference, "At most 5 a day go to one mailbox"):
        assert words in page


CASES = {
    "suppressed": lambda statement, server: outbox.suppress(AMINA),
    "signed already": lambda statement, server: sign(statement),
    "deferred": lambda statement, server: put_off(),
    "bounced": lambda statement, server: server.says["RCPT"].update({AMINA: "550 5.1.1 unknown"}),
    "away": lambda statement, server: server.says["RCPT"].update({AMINA: "450 4.2.0 later"}),
}


def put_off():
    """As if five mails of today had not been answered."""
    correspondence.remember({mailbox_key(AMINA): correspondence.Written(5)})


@pytest.mark.parametrize("case", sorted(CASES))
def test_it_is_the_same_bytes_whatever_became_of_the_mail(client, statement, server, case):
    new = shown(client, post(client, statement))
    SignatureSubmission.objects.all().delete()
    OutgoingEmail.objects.all().delete()
    CASES[case](statement, server)
    where = post(client, statement)
    assert shown(client, where) == new
    deliver()
    assert shown(client, where) == new
    assert poll(client, where) is None
    later(days=2)
    assert shown(client, where) == new


@pytest.mark.parametrize("end", ["disowned", "superseded", "mailed", "stopped"])
def test_it_is_the_same_bytes_until_it_expires_however_it_ended(client, statement, server, end):
    where = post(client, statement)
    new = shown(client, where)
    submission = newest()
    deliver()
    if end == "disowned":
        assert agreeing.disown(1, submission.pk)
    elif end == "superseded":
        post(client, statement, name="A. Yusuf")
        agree(newest())
    elif end == "stopped":
        outbox.suppress(AMINA)
    assert shown(client, where) == new
    assert poll(client, where) is None
    later(days=13)
    assert shown(client, where) == new


def test_posts_from_different_hands_differ_in_nothing_but_what_was_typed(client, statement, server):
    first = post(client, statement)
    deliver()
    second = post(client, statement)
    assert shown(client, first) == shown(client, second)
    assert len(first) == len(second)


def test_its_own_agreement_moves_an_open_tab_on_and_names_nobody(client, statement, server):
    where = post(client, statement)
    (message,) = mails_to(server, AMINA)
    assert poll(client, where) is None
    client.post(link_in(message))
    thanks = poll(client, where)
    assert client.get(where)["Location"] == thanks
    page = client.get(thanks).content.decode()
    assert ("Amina" in page, AMINA in page, "/manage/" in page) == (False, False, False)


def test_a_polling_stranger_learns_nothing(client, statement, server):
    """Neither that the victim has signed, nor when they sign, whatever the stranger posts."""
    strangers = [post(client, statement), post(client, statement, name="Mallory")]
    pages = [shown(client, where) for where in strangers]
    victims = post(client, statement, name="The victim")
    mine = newest()
    deliver()
    agree(mine)
    deliver()
    assert [poll(client, where) for where in strangers] == [None, None]
    assert [shown(client, where) for where in strangers] == pages
    strangers.append(post(client, statement))
    assert poll(client, strangers[2]) is None
    assert poll(client, victims) is not None


def test_a_right_code_agrees_exactly_what_stands_above_it(client, statement, server):
    post(client, statement, name="Mallory")
    where = post(client, statement)
    mine = newest()
    (message,) = mails_to(server, AMINA)
    code = dict(zip(re.findall(r"· ([A-Z]\d\w)\b", message.get_body(("plain",)).get_content()), codes_in(message)))  # noqa: B905
    answer = type_code(client, where, code[mine.reference])
    assert (answer.status_code, "/thanks/" in answer["Location"]) == (303, True)
    assert statement.signatures.get().name == "Amina Yusuf"


def test_a_right_code_gets_the_truth(client, statement, server):
    """A newer answer counts already: the page keeps quiet, the code is told."""
    where = post(client, statement)
    old = newest()
    deliver()
    post(client, statement, name="A. Yusuf")
    agree(newest())
    assert AMINA in shown(client, where)
    answer = type_code(client, where, right(old))
    assert answer.status_code == 303
    assert "You&#39;ve already signed" in client.get(answer["Location"]).content.decode()


def test_a_code_is_not_enough_where_there_is_something_to_choose(client, statement, server):
    sign(statement, name="Amina Yusuf")
    where = post(client, statement, name="Bo Yusuf")
    later(seconds=11)
    deliver()
    answer = type_code(client, where, right(newest()))
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "second person" in page
    assert statement.signatures.get().name == "Amina Yusuf"


@pytest.mark.parametrize("code", ["", "12", "000000"])
def test_a_wrong_code_is_422_in_plain_words(client, statement, server, code):
    where = post(client, statement)
    deliver()
    answer = type_code(client, where, code)
    assert (answer.status_code, statement.signatures.count()) == (422, 0)
    assert ("Enter the 6 digits" if not code else "That code isn&#x27;t right") in answer.content.decode()


def test_too_many_wrong_codes_lead_to_the_link(client, statement, server):
    where = post(client, statement)
    (message,) = mails_to(server, AMINA)
    for _ in range(20):
        type_code(client, where, "12")
    answer = type_code(client, where, right(newest()))
    assert (answer.status_code, "Press the link in the email instead" in answer.content.decode()) == (422, True)
    assert client.post(link_in(message)).status_code == 303


def test_in_a_frame_a_right_code_leads_to_the_page_that_confirms_and_agrees_nothing(client, statement, server):
    where = post(client, statement, "embed/{}/form/")
    assert "frame-ancestors *" in client.get(where)["Content-Security-Policy"]
    (message,) = mails_to(server, AMINA)
    answer = type_code(client, where, *codes_in(message))
    assert (answer.status_code, statement.signatures.count()) == (200, 0)
    (link,) = set(re.findall(r"/confirm/[^/\"]+/", answer.content.decode()))
    page = client.get(link)
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert client.post(link).status_code == 303
    assert statement.signatures.count() == 1
    assert "It is confirmed" in client.get(where).content.decode()


def test_it_is_sent_again_after_a_minute(client, statement, server):
    where = post(client, statement)
    deliver()
    soon = client.post(where, {"action": "resend"})
    assert (soon.status_code, "less than a minute ago" in soon.content.decode()) == (200, True)
    later(seconds=61)
    again = client.post(where, {"action": "resend"})
    assert (again.status_code, deliver()) == (303, 1)
    assert client.get(again["Location"]).status_code == 200
    first, second = server.to(AMINA)
    assert (link_in(first), codes_in(first)) == (link_in(second), codes_in(second))


def test_another_address_can_be_typed(client, statement):
    where = post(client, statement)
    answer = client.post(where, {"action": "change"})
    assert answer["Location"].startswith("/statements/libraries/sign/")


def test_a_page_of_something_else_or_garbled_opens_nothing(client, statement):
    where = post(client, statement)
    other = StatementFactory(slug="other")
    k = where.partition("?k=")[2]
    sealed = tokens.unseal(SignWaiting.purpose, k)
    framed = tokens.seal(FramedSignWaiting.purpose, sealed)
    for address in (f"/statements/{other.slug}/check-email/?k={k}", where[:-2], where.partition("?")[0],
                    f"/statements/libraries/check-email/?k={framed}"):  # fmt: skip
        assert client.get(address).status_code == 404


def test_a_deleted_submission_still_shows_the_page_and_refuses_codes(client, statement):
    where = post(client, statement)
    code = right(newest())
    SignatureSubmission.objects.update(ended_at=Now())
    SignatureSubmission.objects.all().delete()
    assert client.get(where).status_code == 200
    assert (poll(client, where), type_code(client, where, code).status_code) == (None, 422)
