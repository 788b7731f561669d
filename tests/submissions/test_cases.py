"""What once went wrong, each with its right value (issue 13; found by trying on 29 November 2026)."""

import pytest
from django.db import transaction

from petitions.models import SignatureSubmission
from petitions.signatures import rules, signing
from petitions.signatures.models import Rule
from petitions.statements import counting, publishing
from submissions import agreeing
from submissions.codes import code_of
from tests.asking import agree, ask, codes_in, confirm_url, later, link_in, mail_all, mails_to, sign, value_of
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def statement():
    return StatementFactory(slug="old")


def counted(statement) -> int:
    found = counting.recount(statement=statement)
    assert found.agrees
    return found.rows[0]


def post(client, statement, **typed):
    return client.post(f"/statements/{statement.slug}/sign/", {"email": "amina@example.org", **typed})["Location"]


def test_a_stranger_forges_nothing_by_posting_over_a_waiting_address(client, statement, server):
    """The owner types the code of her only mail, and signs with her own words."""
    where = post(client, statement, name="Amina Yusuf")
    (message,) = mails_to(server, "amina@example.org")
    (code,) = codes_in(message)
    post(client, statement, name="Some Rude Words", show_name="on", email_updates="on")
    assert client.post(where, {"action": "code", "code": code}).status_code == 303
    signature = statement.signatures.get()
    assert (signature.name, signature.show_name, signature.email_updates) == ("Amina Yusuf", False, False)
    assert "Some Rude Words" not in client.get("/statements/old/signatures/").content.decode()


def test_a_stranger_forges_nothing_by_the_link_either(client, statement, server):
    post(client, statement, name="Amina Yusuf")
    (message,) = mails_to(server, "amina@example.org")
    post(client, statement, name="Some Rude Words", show_name="on")
    page = client.get(link_in(message)).content.decode()
    assert ("Amina Yusuf" in page, "Some Rude Words" in page) == (True, False)
    client.post(link_in(message))
    assert list(statement.signatures.values_list("name", "show_name")) == [("Amina Yusuf", False)]


@pytest.mark.parametrize("first", ["link", "code"])
def test_both_ways_in_in_either_order_count_once(client, statement, server, first):
    where = post(client, statement, name="Amina Yusuf")
    (message,) = mails_to(server, "amina@example.org")
    by_link = lambda: client.post(link_in(message)).status_code  # noqa: E731
    by_code = lambda: client.post(where, {"action": "code", "code": codes_in(message)[0]}).status_code  # noqa: E731
    assert [by_link(), by_code()] == [303, 303] if first == "link" else [by_code(), by_link()] == [303, 200]
    assert (counted(statement), statement.signatures.count()) == (1, 1)


def test_remove_and_restore_count_nobody_who_did_not_agree(statement):
    signature = sign(statement, "a@example.org")
    signing.withdraw(signature_id=signature.pk)
    ask(statement, "a@example.org", name="Typed by a stranger", show_name=True)
    for verb in (signing.hold, signing.remove):
        with pytest.raises(signing.NotThere):
            verb(signature_id=signature.pk, reason="slip")
    with pytest.raises(signing.NotThere):
        signing.restore(signature_id=signature.pk)
    assert (statement.signatures.get().state, counted(statement)) == ("withdrawn", 0)


def test_a_rule_and_its_undoing_count_nobody_who_did_not_agree(statement):
    for number in range(5):
        ask(statement, f"a{number}@mill.example")
    rule = rules.start(rule=Rule(statement=statement, domain="mill.example", reason="Invented"))
    while rules.run_batch():
        pass
    rule.refresh_from_db()
    rules.undo(rule=rule)
    while rules.run_batch():
        pass
    assert (statement.signatures.count(), counted(statement)) == (0, 0)


def test_a_rule_that_was_made_before_anybody_signed_removes_nobody(statement):
    rules.start(rule=Rule(statement=statement, domain="mill.example", reason="Invented"))
    sign(statement, "cy@mill.example")
    while rules.run_batch():
        pass
    assert counted(statement) == 1


@pytest.mark.parametrize("again", ["the form", "withdrawn first", "beside a comment"])
def test_a_hold_survives_whatever_is_posted(statement, again):
    signature = sign(statement, "b@example.org")
    signing.hold(signature_id=signature.pk, reason="looks like a bot")
    if again == "withdrawn first":
        signing.withdraw(signature_id=signature.pk)
    one = ask(statement, "b@example.org", unless_signed=again == "beside a comment")
    if again == "beside a comment":
        with pytest.raises(agreeing.NotAgreed, match="superseded"):
            agree(one)
    else:
        assert agree(one).state == "held"
    assert (statement.signatures.get().state, counted(statement)) == ("held", 0)


def test_twelve_of_a_crowd_stay_held_when_they_post_again(statement, settings):
    settings.SIGNATURES_PER_ADDRESS = 0
    for number in range(12):
        assert agree(ask(statement, f"c{number}@example.org", ip_key="hall")).state == "held"
        assert agree(ask(statement, f"c{number}@example.org")).state == "held"
    assert counted(statement) == 0


def test_an_old_address_of_the_data_leads_to_the_new_one(client, statement):
    publishing.rename_slug(statement=statement, slug="new")
    answer = client.get("/statements/old.json?x=1")
    assert (answer.status_code, answer["Location"]) == (301, "/statements/new.json?x=1")
    assert client.get("/statements/old/signatures/")["Location"] == "/statements/new/signatures/"
    assert client.get("/embed/old/form/")["Location"] == "/embed/new/form/"


def test_who_has_the_form_open_while_its_address_changes_loses_nothing(client, statement):
    where = post(client, statement, name="Wait Er", email="w@example.org")
    mail_all()
    publishing.rename_slug(statement=statement, slug="new")
    submission = SignatureSubmission.objects.get()
    answer = client.post(where, {"action": "code", "code": code_of(1, bytes(submission.digest))})
    assert (answer.status_code, answer["Location"].startswith("/statements/new/thanks/")) == (303, True)
    assert (statement.signatures.get().name, counted(statement)) == ("Wait Er", 1)
    answer = client.post("/statements/old/sign/", {"name": "N", "email": "n@example.org"})
    assert (answer.status_code, answer["Location"].startswith("/statements/new/check-email/")) == (303, True)
    assert client.post(answer["Location"], {"action": "change"}).status_code == 303
    framed = client.post("/embed/old/form/", {"name": "N", "email": "n@example.org"})
    assert (framed.status_code, SignatureSubmission.objects.count()) == (303, 3)


def test_an_old_address_of_what_is_hidden_is_gone(client, statement, django_user_model):
    publishing.rename_slug(statement=statement, slug="new")
    staff = django_user_model.objects.create_user("staff")
    publishing.hide(statement=statement, reason="A complaint", by=staff)
    assert client.post("/statements/old/sign/", {"name": "N", "email": "n@example.org"}).status_code == 410
    assert client.post("/statements/never/sign/", {"name": "N", "email": "n@example.org"}).status_code == 404
    assert SignatureSubmission.objects.count() == 0


@pytest.mark.parametrize(
    "key",
    [
        "0001-01-01T00:00:00%2B23:59~1",
        "9999-12-31T23:59:59-23:59~1",
        "2026-01-01T00:00:00%2B23:59~1",
        "2026-01-01~1",
        "~",
    ],
)
def test_a_key_from_no_page_of_ours_shows_a_page(client, statement, key):
    assert client.get(f"/statements/?after={key}").status_code == 200


def test_a_removal_is_not_got_round_by_a_button_that_the_page_does_not_have(client, statement):
    """Who was removed presses "as a second person", which the page does not offer."""
    signature = sign(statement)
    signing.remove(signature_id=signature.pk, reason="Invented")
    again = ask(statement, name="Bo Yusuf")
    assert value_of(again, "second") not in client.get(confirm_url(again)).content.decode()
    client.post(confirm_url(again), {"agree": value_of(again, "second")})
    assert (statement.signatures.count(), counted(statement)) == (1, 0)
    client.post(confirm_url(again), {"agree": value_of(again)})
    assert (statement.signatures.get().state, counted(statement)) == ("removed", 0)


def test_when_the_first_of_two_has_gone_the_second_is_corrected_in_place(client, statement):
    first = sign(statement)
    second = ask(statement, name="Bo Yusuf")
    agree(second, "second")
    signing.withdraw(signature_id=first.pk)
    statement.signatures.filter(pk=first.pk).delete()
    again = ask(statement, name="Bo J. Yusuf")
    page = client.get(confirm_url(again)).content.decode()
    assert ("Correct my signature (Bo Yusuf)" in page, value_of(again, "second") in page) == (True, True)
    client.post(confirm_url(again), {"agree": value_of(again, "second")})
    assert list(statement.signatures.values_list("name", "mailbox_position")) == [("Bo J. Yusuf", 2)]
    assert counted(statement) == 1


def test_what_was_agreed_and_has_gone_is_still_answered(client, statement):
    """After a withdrawal the row is deleted; the link in the mail and the tab that waits go on to work."""
    where = post(client, statement, name="Amina Yusuf")
    mail_all()
    submission = SignatureSubmission.objects.get()
    signing.withdraw(signature_id=agree(submission).result_id)
    statement.signatures.all().delete()
    assert client.get(confirm_url(submission)).status_code == 200
    assert client.get(where).status_code == 200
    assert client.get(where, headers={"accept": "application/json"}).json() == {"next": None}


def test_an_older_answer_of_who_withdrew_can_be_agreed_to(statement):
    """The page offers it, so the press counts."""
    one, other = ask(statement), ask(statement, name="A. Yusuf")
    signing.withdraw(signature_id=agree(other).result_id)
    assert agree(one).state == "confirmed"
    assert (statement.signatures.get().name, counted(statement)) == ("Amina Yusuf", 1)


@pytest.mark.parametrize("over", ["ended", "expired", "agreed"])
def test_what_is_over_is_agreed_to_by_nobody(statement, over):
    """Disowned, too old, or used up by somebody who withdrew since."""
    one = ask(statement)
    if over == "ended":
        agreeing.disown(1, one.pk)
    elif over == "expired":
        with transaction.atomic():
            later(days=15)
    else:
        signing.withdraw(signature_id=agree(one).result_id)
    with pytest.raises(agreeing.NotAgreed, match=over):
        agree(one)
    assert counted(statement) == 0
