"""What somebody with bad intentions, or in a hurry, tried against the flow; each with its right value."""

import re
from html import unescape

import pytest

from core import addresses
from organisations.models import EndorsementSubmission
from petitions.models import SignatureSubmission
from petitions.signatures import signing
from petitions.statements import counting, publishing
from submissions import agreeing
from submissions.codes import code_of
from tests.asking import agree, ask, confirm_url, mail_all, sign, value_of
from tests.factories import StatementFactory
from tests.organisations import form

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


def counted(statement) -> int:
    found = counting.recount(statement=statement)
    assert found.agrees
    return found.rows[0]


def post(client) -> str:
    """The address of the page that waits for the mail."""
    typed = {"name": "Amina Yusuf", "email": "amina@example.org"}
    return client.post("/statements/libraries/sign/", typed)["Location"]


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_waiting_page_tells_no_stranger_whose_organisation_has_endorsed(client, statement):
    """Whoever types a representative's address and organisation sees no more than what they typed, logo included."""
    form.endorse_with_logo(statement)
    where = client.post("/statements/libraries/endorse/form/", form.posted())["Location"]
    page = text(client.get(where))
    assert ("<dt>Logo</dt> <dd><bdi>None</bdi>" in page, "data:image" in page) == (True, False)
    (one,) = EndorsementSubmission.objects.filter(agreed_at=None)
    assert "As shown below" in text(client.get(confirm_url(one))), "the owner sees what will be shown"


def test_the_link_of_what_was_agreed_and_has_been_deleted_is_answered(client, statement):
    one = form.ask(statement)
    form.agree(one).delete()
    assert client.get(confirm_url(one)).status_code == 200


def test_two_domains_that_only_folding_makes_equal_are_two_mailboxes():
    """faß.example and fass.example are two names (IDNA 2008): who owns the one must not renew what the other signed."""
    for key in (addresses.address_key, addresses.mailbox_key, addresses.domain_key):
        assert key("amina@faß.example") != key("amina@fass.example")
        assert key("amina@faß.example") == key("amina@xn--fa-hia.example")
    assert addresses.canonical("Amina+x@FASS.example") == "amina@fass.example"
    assert addresses.address_key("Amina@BÜCHER.example") == addresses.address_key("amina@bücher.example")


def couple(statement):
    return sign(statement), statement.signatures.get(pk=agree(ask(statement, name="Bo Yusuf"), "second").result_id)


@pytest.mark.parametrize("gone", ["withdrawn", "removed"])
def test_the_second_of_a_couple_corrects_their_own_name_whatever_became_of_the_first(client, statement, gone):
    first, second = couple(statement)
    if gone == "withdrawn":
        signing.withdraw(signature_id=first.pk)
    else:
        signing.remove(signature_id=first.pk, reason="Invented")
    again = ask(statement, name="Bo J. Yusuf")
    page = text(client.get(confirm_url(again)))
    assert ("Correct my signature (Bo Yusuf)" in page or "Correct the second signature (Bo Yusuf)" in page) is True
    client.post(confirm_url(again), {"agree": value_of(again, "second")})
    second.refresh_from_db()
    assert (second.name, counted(statement)) == ("Bo J. Yusuf", 1)


def test_who_is_held_gets_no_second_place_that_nobody_looked_at(client, statement):
    """A hold is about the mailbox: signing "as a second person" from elsewhere does not get round it."""
    first = sign(statement)
    signing.hold(signature_id=first.pk, reason="Odd")
    again = ask(statement, name="Bo Yusuf", ip_key="elsewhere")
    client.post(confirm_url(again), {"agree": value_of(again, "second")})
    assert counted(statement) == 0
    second = statement.signatures.get(mailbox_position=2)
    assert (second.state, second.held_reason) == ("held", "shared")
    signing.release(signature_id=second.pk)
    assert counted(statement) == 1


@pytest.mark.parametrize("over", ["agreed", "ended"])
def test_a_right_code_is_told_how_it_stands_also_when_it_is_over(client, statement, over):
    where = post(client)
    mail_all()
    one = SignatureSubmission.objects.get()
    agree(one) if over == "agreed" else agreeing.disown(1, one.pk)
    answer = client.post(where, {"action": "code", "code": code_of(1, bytes(one.digest))})
    assert answer.status_code == 303
    words = {"agreed": "You've already signed", "ended": "You told us this wasn't you"}
    page = unescape(text(client.get(answer["Location"])))
    assert words[over] in page


def test_a_code_for_what_is_gone_is_answered_in_words(client, statement):
    where = post(client)
    SignatureSubmission.objects.all().delete()
    answer = client.post(where, {"action": "code", "code": "123456"})
    assert answer.status_code == 422
    assert "Fill in the form again" in text(answer)


def test_saying_it_was_not_me_of_what_was_agreed_to_does_not_claim_to_have_ended_it(client, statement):
    one = ask(statement)
    agree(one)
    page = text(client.post(confirm_url(one), {"disown": value_of(one)}))
    assert ("nothing was recorded" in page, counted(statement)) == (False, 1)


def test_the_page_says_for_which_version_it_is_when_there_is_a_newer_one(client, statement):
    one = ask(statement)
    assert "Version of the text" not in text(client.get(confirm_url(one)))
    publishing.correct(statement=statement, body="<p>Other words.</p>", note="Mended.")
    assert "<dt>Version of the text</dt> <dd><bdi>1" in text(client.get(confirm_url(one)))


def test_a_page_on_which_nothing_waits_says_so_in_words(client, statement):
    one, other = ask(statement), ask(statement, "bo@example.org")
    for each in (one, other):
        agreeing.disown(1, each.pk)
    page = text(client.get(confirm_url(one, other)))
    assert "0 things" not in page
    assert page.count("<h1") == 1
    assert text(client.get(confirm_url(one))).count("<h1") == 1


def test_the_tab_of_who_took_their_name_off_does_not_say_that_it_counts(client, statement):
    where = post(client)
    mail_all()
    signing.withdraw(signature_id=agree(SignatureSubmission.objects.get()).result_id)
    page = text(client.get(client.get(where)["Location"]))
    assert ("Your name counts" in page, "has been removed" in page) == (False, True)


def test_the_button_that_stops_all_mail_names_whose(client, statement, settings):
    page = text(client.get(confirm_url(ask(statement))))
    assert f"stop all email of {settings.SITE_NAME} to this address" in page


def test_the_second_of_a_couple_whose_answer_was_overtaken_hears_what_to_do(client, statement):
    """Both filled in the form before either pressed: agreeing to one ends its sames."""
    one, other = ask(statement), ask(statement, name="Bo Yusuf")
    agree(one)
    page = text(client.get(confirm_url(one, other)))
    assert "If somebody else who reads it filled this in, they can fill in the form again." in page
