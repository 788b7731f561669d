"""Signing through the door: what each POST answers, and what it tells nobody."""

import json
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import switches, tokens
from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission, Statement
from petitions.signatures import consent, signing, thanking
from petitions.statements import counting
from submissions import codes, mine_views, traps
from tests.asking import agree, ask, mail_all, sign
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
TYPED = {"name": "Amina Yusuf", "email": "amina@example.org"}


@pytest.fixture
def statement() -> Statement:
    return StatementFactory(slug="libraries")


def post(client: Client, statement: Statement, **typed: str):
    return client.post(reverse("sign", args=[statement.slug]), {**TYPED, **typed})


def k_of(response) -> str:
    return parse_qs(urlsplit(response["Location"]).query)["k"][0]


def test_signing_leads_to_the_waiting_page_which_shows_the_address(client, statement):
    response = post(client, statement, via="wa", show_name="on")
    assert (response.status_code, urlsplit(response["Location"]).path) == (303, "/statements/libraries/check-email/")
    assert "amina" not in response["Location"]
    asked = SignatureSubmission.objects.get()
    assert (asked.name, asked.via, asked.show_name, asked.email_updates) == ("Amina Yusuf", "wa", True, False)
    page = client.get(response["Location"])
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "amina@example.org" in page.content.decode()


@pytest.mark.parametrize(
    "who", ["new", "waiting", "confirmed", "held", "removed", "withdrawn", "other spelling", "silent", "flooded"]
)
def test_whoever_it_is_the_answer_is_the_same(client, statement, who):
    """Bytes, headers and lengths; the reference and the sealed address are the post's own."""
    stranger = answer_to(client, statement, "zofia@example.org")  # as many letters
    came_before = {
        "new": lambda: None,
        "waiting": lambda: ask(statement),
        "confirmed": lambda: sign(statement),
        "held": lambda: signing.hold(signature_id=sign(statement).pk, reason="Odd"),
        "removed": lambda: signing.remove(signature_id=sign(statement).pk, reason="Fake"),
        "withdrawn": lambda: signing.withdraw(signature_id=sign(statement).pk),
        "other spelling": lambda: sign(statement, "amina+x@example.org"),
        "silent": lambda: outbox.suppress(TYPED["email"]),
        "flooded": lambda: [ask(statement, name=f"Flood {number}") for number in range(12)],
    }
    came_before[who]()
    assert answer_to(client, statement, TYPED["email"]) == stranger


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("//", "The name looks like a web address; The name has neither letters nor digits"),
        ("Buy at spam.com", "The name looks like a web address"),
        ("M\u0430ria", "A word of the name mixes letters of two alphabets that look alike"),
    ],
)
def test_an_odd_name_is_taken_and_held_for_a_look_with_the_true_reason(client, statement, name, why):
    assert post(client, statement, name=name).status_code == 303
    mail_all()
    assert agree(SignatureSubmission.objects.get()).state == "held"
    held = Signature.objects.get()
    assert (held.name, traps.words(held.held_reason)) == (name, why)


def answer_to(client: Client, statement: Statement, email: str) -> tuple:
    response = post(client, statement, email=email)
    k, asked = k_of(response), SignatureSubmission.objects.order_by("pk").last()
    page = client.get(response["Location"]).content.decode()
    for own in (quote(k), k, asked.reference, email):
        page = page.replace(own, "*")
    shape = [(name, value) for name, value in response.items() if name != "Location"]
    return response.status_code, shape, len(response["Location"]), page


def test_wrong_input_is_422_and_keeps_what_was_typed(client, statement):
    response = post(client, statement, name="Zofia", email="not an address")
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in html
    assert 'value="Zofia"' in html
    assert "An email address has an @ in it, like name@example.com" in html
    assert (SignatureSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "name",
    ["Þóra Jónsdóttir", "O’Brien-Smith", "李伟", "محمد", "X", "Ł" * 255, "=HYPERLINK", "+A", "-A", "@A"],
)
def test_names_of_real_people_are_taken(client, statement, name):
    assert post(client, statement, name=f" {name} ").status_code == 303
    assert SignatureSubmission.objects.get().name == name


@pytest.mark.parametrize("name", ["\0", "", "\u3164", "\u202e\u200b"])
def test_no_name_at_all_is_refused(client, statement, name):
    assert (post(client, statement, name=name).status_code, SignatureSubmission.objects.count()) == (422, 0)


def test_a_likely_slip_is_offered_and_can_be_kept(client, statement):
    response = post(client, statement, email="amina@gmial.com")
    assert (response.status_code, "amina@gmail.com" in response.content.decode()) == (422, True)
    assert post(client, statement, email="amina@gmial.com", email_choice="keep").status_code == 303
    assert post(client, statement, email="amina@gmial.com", email_choice="amina@gmail.com").status_code == 303
    asked = SignatureSubmission.objects.order_by("pk").values_list("email", flat=True)
    assert list(asked) == ["amina@gmial.com", "amina@gmail.com"]


def test_closed_while_typing_is_409_and_loses_nothing(client, statement):
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2), closed_at=timezone.now())
    response = post(client, statement, name="Zofia Kowalska")
    assert (response.status_code, "Zofia Kowalska" in response.content.decode()) == (409, True)
    assert SignatureSubmission.objects.count() == 0


def test_a_robot_is_not_refused_and_held_once_it_agrees(client, statement):
    assert post(client, statement, website_2="https://spam.example").status_code == 303
    mail_all()
    asked = SignatureSubmission.objects.get()
    assert (asked.signals, agree(asked).state) == ("honeypot", "held")


def test_other_sites_may_not_post(client, statement):
    response = client.post(reverse("sign", args=[statement.slug]), TYPED, headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, SignatureSubmission.objects.count()) == (403, 0)


def test_a_body_larger_than_any_form_is_413(client, statement):
    assert post(client, statement, name="x" * 70_000).status_code == 413


def test_the_mail_can_be_asked_for_again_after_a_minute(client, statement):
    waiting = post(client, statement)["Location"]
    assert client.post(waiting, {"action": "resend"}).status_code == 200
    assert OutgoingEmail.objects.count() == 1
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    again = client.post(waiting, {"action": "resend"})
    assert (again.status_code, OutgoingEmail.objects.count()) == (303, 2)
    assert client.get(again["Location"]).status_code == 200


def poll(client: Client, url: str) -> str | None:
    return json.loads(client.get(url, headers={"Accept": "application/json"}).content)["next"]


def test_the_waiting_page_follows_its_own_submission_and_no_other(client, statement):
    mine = post(client, statement)["Location"]
    strangers = post(client, statement, name="Mallory")["Location"]
    assert (poll(client, mine), poll(client, strangers)) == (None, None)
    before = client.get(strangers).content
    mail_all()
    agree(SignatureSubmission.objects.get(name="Amina Yusuf"))
    assert poll(client, mine).startswith("/statements/libraries/thanks/?k=")
    assert (poll(client, strangers), client.get(strangers).content) == (None, before)


def test_who_waits_in_a_tab_is_thanked_and_gets_nothing_of_the_signers(client, statement):
    """Whoever typed a stranger's address has read no mail of theirs (SAFETY: proof is the mailbox)."""
    mine = post(client, statement)["Location"]
    mail_all()
    agreed = agree(SignatureSubmission.objects.get())
    pages = [client.get(url).content.decode() for url in (poll(client, mine), agreed.url)]
    told = [("number 1." in page, TYPED["name"] in page, "/manage/" in page) for page in pages]
    assert told == [(True, False, False), (True, True, True)]


def test_thanks_is_for_its_signer_only(client, statement):
    signature = sign(statement)
    url = reverse("thanks", args=[statement.slug])
    assert client.get(url).status_code == 404
    assert client.get(f"{url}?k={tokens.make_token(thanking.MANAGE, signature.pk)}").status_code == 404
    other = SignatureFactory()
    assert client.get(f"{url}?k={tokens.make_token(thanking.THANKS, other.pk)}").status_code == 404
    assert client.get(thanking.url(signature)).status_code == 200


def test_thanks_tell_no_number_that_is_switched_off(client, statement):
    url = thanking.url(SignatureFactory(statement=statement))
    counting.recount(statement=statement, repair=True)
    assert "You're number 1." in unescape(client.get(url).content.decode())
    switches.turn_off(name="count")
    assert "number" not in unescape(client.get(url).content.decode())


def test_the_source_code_survives_to_the_share_links(client, statement):
    post(client, statement, via="leeds-trades")
    mail_all()
    html = client.get(agree(SignatureSubmission.objects.get()).url).content.decode()
    assert "via%3Dleeds-trades" in html


def test_a_post_reads_the_statement_once_a_second_and_the_database_still_judges(
    client, statement, settings, django_assert_num_queries
):
    settings.PAGE_FRESH_SECONDS = 60
    consent.current()  # writes it down
    assert post(client, statement).status_code == 303
    with django_assert_num_queries(1):
        assert post(client, statement, email="bo@example.org").status_code == 303
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2), closed_at=timezone.now())
    assert post(client, statement, email="late@example.org").status_code == 409
    assert SignatureSubmission.objects.count() == 2


def test_the_times_that_pages_promise_are_those_of_the_settings(client, statement, settings, monkeypatch):
    settings.UNCONFIRMED_DAYS, settings.WITHDRAWN_MINUTES = 9, 7
    monkeypatch.setattr(mine_views, "STOPPED_EVERY", timedelta(days=5))
    monkeypatch.setattr(codes, "TRIES", 3)
    assert "the link in our email works for 9 days" in client.get("/accessibility/").content.decode()

    signature = sign(statement)
    signing.withdraw(signature_id=signature.pk)
    thanks = client.get(thanking.url(signature)).content.decode()
    assert "deleted within 7 minutes" in thanks

    asked = client.post(reverse("mine"), {"email": "amina@example.org"}).content.decode()
    assert "once in 5 days" in asked
    waiting = post(client, statement, email="bo@example.org")["Location"]
    assert "After 3 tries only the link works" in client.post(waiting, {"code": "1"}).content.decode()
