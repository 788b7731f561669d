"""The page that confirms a signature: what it shows, what its buttons do, and the code that does the same."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from core import tokens
from mail.models import Suppression
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import signing, thanking
from petitions.statements import counting
from submissions import codes
from submissions.confirm_views import CONFIRM
from tests.asking import agree, ask, confirm_url, later, mail_all, sign, value_of
from tests.factories import StatementFactory, VersionFactory

pytestmark = pytest.mark.django_db
TYPED = {"name": "Amina Yusuf", "email": "amina@example.org"}


@pytest.fixture
def statement() -> Statement:
    return StatementFactory(slug="libraries")


def post(client: Client, statement: Statement, **typed: str):
    return client.post(reverse("sign", args=[statement.slug]), {**TYPED, **typed})


def test_fifty_looks_at_a_link_change_nothing_and_one_press_counts(client, statement):
    post(client, statement)
    mail_all()
    url = confirm_url(SignatureSubmission.objects.get())
    before = list(SignatureSubmission.objects.values())
    for method in (client.get, client.head, client.options) * 17:
        assert method(url).status_code in {200, 405}
    assert (list(SignatureSubmission.objects.values()), Signature.objects.count()) == (before, 0)

    pressed = client.post(url)
    assert (pressed.status_code, urlsplit(pressed["Location"]).path) == (303, "/statements/libraries/thanks/")
    assert counting.recount(statement=statement).stored == (1, 0, 0)
    thanks = client.get(pressed["Location"]).content.decode()
    assert "Amina" in thanks

    again = client.post(url)
    assert (again.status_code, "already signed" in again.content.decode()) == (200, True)
    assert counting.recount(statement=statement).stored == (1, 0, 0)


def shown(client: Client, *asked: SignatureSubmission) -> tuple[list[str], list[str]]:
    """What stands in the blocks of the page for these, and the words of its buttons that agree."""
    html = client.get(confirm_url(*asked)).content.decode()
    facts = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", html, re.DOTALL)
    rows = [f"{label}: {unescape(re.sub('</?bdi>', '', value))}" for label, value in facts]
    return rows, [unescape(label) for label in re.findall(r'name="agree" value="[^"]*">([^<]*)<', html)]


def test_the_page_shows_all_that_will_be_recorded_and_no_more(client, statement, settings):
    asked = ask(statement, postcode="AB1", show_name=True)
    rows = ["Name: Amina Yusuf", "On the public list: Yes", "News by email: No"]
    assert shown(client, asked) == (rows, ["Confirm my signature"])
    Statement.objects.update(ask_postcode=True, ask_affiliation=True)
    VersionFactory(statement=statement)
    asked = ask(statement, "bo@example.org", affiliation="Mill", personal_capacity=True, email_updates=True)
    assert shown(client, asked)[0] == [
        "Name: Amina Yusuf", "Organisation or job: Mill", "In a personal capacity: Yes", "Postcode: None",
        "On the public list: No", f"News by email: Yes, from {settings.SITE_NAME}", "Version of the text: 2",
    ]  # fmt: skip


def test_what_two_posts_say_otherwise_is_marked(client, statement):
    asked = [ask(statement), ask(statement, name="Mallory", show_name=True)]
    rows, buttons = shown(client, *asked)
    assert rows == [
        "Name: <mark>Amina Yusuf</mark>", "On the public list: <mark>No</mark>", "News by email: No",
        "Name: <mark>Mallory</mark>", "On the public list: <mark>Yes</mark>", "News by email: No",
    ]  # fmt: skip
    assert buttons == ["Confirm my signature"] * 2


def test_who_has_signed_chooses_whose_signature_it_is(client, statement):
    sign(statement)
    assert shown(client, ask(statement, show_name=True))[1] == ["Correct my signature (Amina Yusuf)"]
    other = ask(statement, name="Bo")
    assert shown(client, other)[1] == [
        "Correct my signature (Amina Yusuf)", "Sign as a second person who shares this mailbox"
    ]  # fmt: skip
    agree(other, "second")
    assert shown(client, ask(statement, name="Cy"))[1] == [
        "Correct my signature (Amina Yusuf)", "Correct the second signature (Bo)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "note", "buttons"),
    [
        ("spelling", "This mailbox has already signed, with its address written in another way.", []),
        ("beside", "You've already signed. Thank you.", []),
        (
            "removed",
            "A person checked this signature and took it off the list. If that was a mistake, write to us.",
            ["Correct my details"],
        ),
    ],
)
def test_where_signing_again_does_not_count_the_page_says_why(client, statement, case, note, buttons):
    first = sign(statement)
    if case == "removed":
        signing.remove(signature_id=first.pk, reason="Fake")
    email = "amina+x@example.org" if case == "spelling" else TYPED["email"]
    asked = ask(statement, email, unless_signed=case == "beside")
    page = unescape(client.get(confirm_url(asked)).content.decode())
    assert (note in page, shown(client, asked)[1]) == (True, buttons)
    pressed = client.post(confirm_url(asked))
    assert pressed.status_code == (303 if buttons else 200)
    first.refresh_from_db()
    assert first.state == ("removed" if case == "removed" else "confirmed")
    if case == "removed":
        assert "This signature was taken off the list" in client.get(pressed["Location"]).content.decode()


@pytest.mark.parametrize(
    "token", ["x", "agree-confirm.1.abc", "signed-manage.1.abc", "comment-confirm.1", "é", "a" * 500]
)
@pytest.mark.parametrize("door", ["confirm", "manage"])
def test_garbled_and_foreign_links_get_one_helpful_page(client, token, door):
    response = client.get(reverse(door, args=[token]))
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")
    assert response.content == client.get(reverse("confirm", args=["other"])).content


def test_a_manage_link_is_no_confirm_link(client, statement):
    asked = ask(statement)
    token = tokens.make_token(thanking.MANAGE, 1, asked.pk)
    assert client.post(reverse("confirm", args=[token])).status_code == 404
    assert client.post(reverse("manage", args=[tokens.make_token(CONFIRM, 1, asked.pk)])).status_code == 404
    assert Signature.objects.count() == 0


def test_the_code_on_the_waiting_page_confirms_once_a_mail_with_it_was_accepted(client, statement):
    waiting = post(client, statement)["Location"]
    code = codes.code_of(1, bytes(SignatureSubmission.objects.get().digest))
    early = client.post(waiting, {"action": "code", "code": code})
    assert (early.status_code, Signature.objects.count()) == (422, 0)
    mail_all()
    wrong = client.post(waiting, {"action": "code", "code": "12"})
    assert (wrong.status_code, "That code isn" in wrong.content.decode()) == (422, True)
    right = client.post(waiting, {"action": "code", "code": f" {code[:3]}-{code[3:]} "})
    assert (right.status_code, Signature.objects.get().state) == (303, "confirmed")


def test_a_code_does_not_choose_whose_signature_it_is(client, statement):
    sign(statement)
    waiting = post(client, statement, name="Bo")["Location"]
    mail_all()
    code = codes.code_of(1, bytes(SignatureSubmission.objects.get(name="Bo").digest))
    led = client.post(waiting, {"action": "code", "code": code})
    assert (led.status_code, urlsplit(led["Location"]).path.split("/")[1]) == (303, "confirm")
    assert list(Signature.objects.values_list("name", flat=True)) == ["Amina Yusuf"]


def test_managing_shows_hides_and_withdraws(client, statement):
    url = thanking.manage_url(sign(statement))
    client.get(url)
    client.head(url)
    presses = {"show": (1, 1, 0), "updates_on": (1, 1, 0), "hide": (1, 0, 0), "?": (1, 0, 0), "withdraw": (0, 0, 0)}
    for action, expected in presses.items():
        assert client.post(url, {"action": action}).status_code == 200
        assert counting.recount(statement=statement).stored == expected
    assert "removed" in client.get(url).content.decode()


def test_this_was_not_me_ends_that_one_and_leaves_the_other(client, statement):
    mine, strangers = ask(statement), ask(statement, name="Mallory")
    page = client.post(confirm_url(mine, strangers), {"disown": value_of(strangers)})
    strangers.refresh_from_db()
    assert (page.status_code, strangers.ended_at is None, Suppression.objects.count()) == (200, False, 0)
    assert client.post(confirm_url(mine, strangers), {"agree": value_of(strangers)}).status_code == 200
    assert Signature.objects.count() == 0
    assert client.post(confirm_url(mine, strangers), {"agree": value_of(mine)}).status_code == 303
    assert Signature.objects.get().name == "Amina Yusuf"


def test_this_was_not_me_leaves_what_was_agreed_alone(client, statement):
    asked = ask(statement)
    agree(asked)
    client.post(confirm_url(asked), {"disown": value_of(asked)})
    assert counting.recount(statement=statement).stored == (1, 0, 0)


def test_stopping_mail_ends_nothing_and_never_writes_again(client, statement):
    asked = ask(statement)
    assert client.post(confirm_url(asked), {"stop": "1"}).status_code == 200
    assert bytes(Suppression.objects.get().mailbox_key) == bytes(asked.mailbox_key)
    asked.refresh_from_db()
    assert (asked.ended_at, Signature.objects.count()) == (None, 0)


def test_an_expired_link_says_so_and_agrees_to_nothing(client, statement, settings):
    asked = ask(statement)
    later(days=settings.UNCONFIRMED_DAYS, minutes=1)
    assert "expired" in client.get(confirm_url(asked)).content.decode()
    assert client.post(confirm_url(asked)).status_code == 200
    assert Signature.objects.count() == 0
