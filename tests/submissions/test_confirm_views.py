"""The page behind the link: what its mail listed, word for word, and buttons that do what stands above them."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from core import tokens
from core.addresses import mailbox_key
from mail import suppression
from mail.models import Suppression
from petitions.models import SignatureSubmission, Statement
from petitions.signatures import signing
from submissions.confirm_views import CONFIRM
from tests.asking import agree, ask, confirm_url, later, link_in, mails_to, sign, value_of
from tests.factories import StatementFactory
from tests.mailserver import running

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def statement():
    return StatementFactory(title="Keep our libraries open", ask_affiliation=True, ask_postcode=True)


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def states():
    return [(bool(one.agreed_at), bool(one.ended_at)) for one in SignatureSubmission.objects.order_by("pk")]


WAITS, AGREED, ENDED = (False, False), (True, False), (False, True)


def rows_of(page):
    """What the page says will be recorded, without the marks."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page)
    return [(label, re.sub(r"<[^>]*>", "", value).strip()) for label, value in found]


def marked(page):
    return re.findall(r"<mark><bdi>(.*?)</bdi></mark>", page)


def test_everything_that_will_be_recorded_stands_above_the_button(client, statement, settings):
    typed = {"postcode": "E1 6AN", "affiliation": "Lantern Union", "personal_capacity": True, "show_name": True,
             "email_updates": True}  # fmt: skip
    page = text(client.get(confirm_url(ask(statement, **typed))))
    assert rows_of(page) == [
        ("Name", "Amina Yusuf"), ("Organisation or job", "Lantern Union"), ("In a personal capacity", "Yes"),
        ("Postcode", "E1 6AN"), ("On the public list", "Yes"), ("News by email", f"Yes, from {settings.SITE_NAME}"),
    ]  # fmt: skip
    assert "Keep our libraries open" in page
    assert page.count('name="agree"') == 1


def test_words_that_differ_are_marked_and_the_buttons_are_equal(client, statement):
    mine = ask(statement)
    forged = ask(statement, name="Amina <b>Yussuf</b>", show_name=True)
    page = text(client.get(confirm_url(mine, forged)))
    assert marked(page) == ["Amina Yusuf", "No", "Amina &lt;b&gt;Yussuf&lt;/b&gt;", "Yes"]
    assert re.findall(r'<button class="([^"]*)" name="agree" value="([^"]*)">(.*?)</button>', page) == [
        ("btn btn-sign", value_of(one), "Confirm my signature") for one in (mine, forged)
    ]
    assert re.findall(r'name="disown" value="([^"]*)"', page) == [value_of(mine), value_of(forged)]


def test_different_statements_are_not_compared(client, statement):
    page = text(client.get(confirm_url(ask(statement), ask(StatementFactory(), name="A. Yusuf"))))
    assert marked(page) == []


def test_no_get_changes_anything(client, statement):
    url = confirm_url(ask(statement), ask(statement, name="A. Yusuf"))
    before = list(SignatureSubmission.objects.order_by("pk").values())
    for method in (client.get, client.head, client.options):
        for query in ("", "?agree=1.1", "?disown=1.1", "?stop=1"):
            assert method(url + query).status_code in {200, 405}
    assert list(SignatureSubmission.objects.order_by("pk").values()) == before
    assert (statement.signatures.count(), Suppression.objects.count()) == (0, 0)


def test_each_button_agrees_what_stands_above_it(client, statement):
    first, second = ask(statement), ask(statement, name="A. Yusuf")
    url = confirm_url(first, second)
    assert client.post(url, {"agree": value_of(second)}).status_code == 303
    assert (states(), statement.signatures.get().name) == ([WAITS, AGREED], "A. Yusuf")
    page = text(client.get(url))
    assert 'name="agree"' not in page, "the older answer of the same mailbox has had its day"


def test_agreeing_ends_only_its_sames_and_what_else_waits_is_shown(client, statement):
    other = StatementFactory(title="Another matter")
    one, two = ask(statement), ask(other)
    url = confirm_url(one, two)
    done = client.post(url, {"agree": value_of(one)})
    assert done["Location"].startswith(url)
    page = text(client.get(done["Location"]))
    assert "There is more below" in page
    assert re.findall(r'name="agree" value="([^"]*)"', page) == [value_of(two)]
    last = client.post(url, {"agree": value_of(two)})
    assert (states(), "/thanks/" in last["Location"]) == ([AGREED, AGREED], True)


def test_this_was_not_me_ends_that_one(client, statement):
    mine, forged = ask(statement), ask(statement, name="Mallory")
    url = confirm_url(mine, forged)
    page = text(client.post(url, {"disown": value_of(forged)}))
    assert states() == [WAITS, ENDED]
    assert ("nothing was recorded" in page, page.count('name="agree"')) == (True, 1)
    client.post(url, {"agree": value_of(forged)})
    assert (states(), statement.signatures.count(), Suppression.objects.count()) == ([WAITS, ENDED], 0, 0)


def test_what_was_agreed_cannot_be_disowned(client, statement):
    submission = ask(statement)
    agree(submission)
    client.post(confirm_url(submission), {"disown": value_of(submission)})
    assert (states(), statement.signatures.get().state) == ([AGREED], "confirmed")


def test_another_button_stops_all_mail_and_ends_nothing(client, statement):
    submission = ask(statement)
    answer = client.post(confirm_url(submission), {"stop": "1"})
    assert ("write to this address again" in text(answer), states()) == (True, [WAITS])
    assert bytes(Suppression.objects.get().mailbox_key) == mailbox_key(AMINA)
    assert suppression.suppressed(map(mailbox_key, [AMINA, "bo@example.org"])) == {mailbox_key(AMINA)}


def test_an_empty_post_agrees_where_there_is_one_thing_only(client, statement):
    """A mail program's own button, or a press without the name of the button."""
    one = ask(statement)
    assert client.post(confirm_url(one)).status_code == 303
    assert states() == [AGREED]


def test_an_empty_post_with_two_does_nothing(client, statement):
    url = confirm_url(ask(statement), ask(statement, name="A. Yusuf"))
    assert (client.post(url).status_code, client.post(url, {"x": "1"}).status_code, states()) == (200, 200, [WAITS] * 2)


@pytest.mark.parametrize(
    "value", ["", "x", "1", "1.", "1.zz", ".", "1.1.1", "2.{0:x}", "1.{1:x}", "1.-1", "٣.1", "1" * 500]
)
@pytest.mark.parametrize("verb", ["agree", "disown"])
def test_a_forged_or_garbled_button_does_nothing(client, statement, verb, value):
    """Another submission than the mail listed, another kind, or nonsense."""
    mine, theirs = ask(statement), ask(statement, "bo@example.org")
    answer = client.post(confirm_url(mine), {verb: value.format(mine.pk, theirs.pk)})
    assert (answer.status_code, states()) == (200, [WAITS, WAITS])


def test_a_choice_that_was_not_offered_is_no_second_person(client, statement):
    one = ask(statement)
    client.post(confirm_url(one), {"agree": value_of(one, "second")})
    assert (states(), statement.signatures.count()) == ([WAITS], 0)
    client.post(confirm_url(one), {"agree": value_of(one, "nonsense")})
    assert list(statement.signatures.values_list("mailbox_position", flat=True)) == [1]


def close(statement, **ago):
    """Let time pass since the statement was closed, and with it for what was asked and mailed just before."""
    later(**ago)
    Statement.objects.filter(pk=statement.pk).update(closed_at=Now() - timedelta(**ago))


def test_in_the_grace_after_closing_it_counts(client, statement):
    one = ask(statement)
    close(statement, hours=23)
    assert client.post(confirm_url(one)).status_code == 303
    assert statement.signatures.count() == 1


def test_too_late_is_409_and_says_so(client, statement):
    one = ask(statement)
    close(statement, hours=25)
    shown, pressed = client.get(confirm_url(one)), client.post(confirm_url(one))
    assert (shown.status_code, pressed.status_code, statement.signatures.count()) == (200, 409, 0)
    for answer in (shown, pressed):
        assert ("closed before this was confirmed" in text(answer), 'name="agree"' in text(answer)) == (True, False)


def test_what_expired_says_so(client, statement):
    one = ask(statement)
    later(days=14)
    answer = client.post(confirm_url(one))
    assert ("This link has expired" in text(answer), statement.signatures.count()) == (True, 0)


def test_already_done_is_answered_before_anything_else(client, statement):
    one = ask(statement)
    agree(one)
    later(days=20)
    close(statement, hours=48)
    for answer in (client.get(confirm_url(one)), client.post(confirm_url(one))):
        assert (answer.status_code, "already signed" in text(answer)) == (200, True)
        assert "/thanks/" in text(answer)


def test_what_is_hidden_loses_nothing(client, statement):
    one = ask(statement)
    Statement.objects.update(hidden_at=Now())
    answer = client.post(confirm_url(one))
    assert ("nothing is lost" in text(answer), states()) == (True, [WAITS])
    Statement.objects.update(hidden_at=None)
    assert client.post(confirm_url(one)).status_code == 303


def test_a_removed_signature_says_what_to_do(client, statement):
    signature = sign(statement)
    signing.remove(signature_id=signature.pk, reason="Looks odd")
    page = text(client.get(confirm_url(ask(statement, name="A. Yusuf"))))
    assert "write to us" in page
    assert "Looks odd" not in page


def test_a_forwarded_mail_shows_only_what_it_listed(client, statement, settings):
    with running(settings) as server:
        ask(statement, mailed=False)
        (message,) = mails_to(server, AMINA)
        ask(statement, name="Something private", mailed=False, postcode="E1 6AN")
        page = text(client.get(link_in(message)))
    assert ("Amina Yusuf" in page, "Something private" in page, "E1 6AN" in page) == (True, False, False)


@pytest.mark.parametrize("ids", [(), (1,), (1, 999_999), (9, 1)])
def test_a_link_to_nothing_is_the_helpful_404(client, statement, ids):
    ask(statement)
    assert client.get(f"/confirm/{tokens.make_token(CONFIRM, *ids)}/").status_code == 404


def test_old_links_of_another_meaning_open_nothing(client, statement):
    one = ask(statement)
    for purpose in ("sign-confirm", "signed-confirm", "agree-manage"):
        assert client.post(f"/confirm/{tokens.make_token(purpose, 1, one.pk)}/").status_code == 404
    assert states() == [WAITS]


def test_it_cannot_be_framed_kept_or_listed(client, statement):
    answer = client.get(confirm_url(ask(statement)))
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert (answer["Cache-Control"], "noindex" in text(answer)) == ("no-store", True)
