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
from mail.models import OutgoingEmail
from petitions.models import Signature, Statement
from petitions.signatures import consent, counting, signing
from petitions.pages.sign_views import thanks_url
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
    signature = Signature.objects.get()
    assert (signature.name, signature.via, signature.show_name, signature.email_updates) == (
        "Amina Yusuf",
        "wa",
        True,
        False,
    )
    page = client.get(response["Location"])
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "amina@example.org" in page.content.decode()


def test_new_repeated_confirmed_and_capped_addresses_get_the_same_answer(client, statement):
    answers = []
    for number in range(6):
        if number == 3:
            signing.confirm(signature_id=Signature.objects.get().pk)
        response = post(client, statement)
        k = k_of(response)
        page = client.get(response["Location"]).content.decode().replace(quote(k), "K").replace(k, "K")
        shape = [(name, value) for name, value in response.items() if name != "Location"]
        answers.append((response.status_code, shape, len(response["Location"]), page))
    for answer in answers:
        assert answer == answers[0]


def test_wrong_input_is_422_and_keeps_what_was_typed(client, statement):
    response = post(client, statement, name="Zofia", email="not an address")
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in html
    assert 'value="Zofia"' in html
    assert "Enter an email address in the correct format, like name@example.com" in html
    assert (Signature.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "name",
    ["Þóra Jónsdóttir", "O’Brien-Smith", "李伟", "محمد", "X", "Ł" * 255, "=HYPERLINK", "+A", "-A", "@A"],
)
def test_names_of_real_people_are_taken(client, statement, name):
    assert post(client, statement, name=f" {name} ").status_code == 303
    assert Signature.objects.get().name == name


@pytest.mark.parametrize(
    "name", ["Buy at https://spam.example", "spam.example.com/x", "www.spam.example", "\0", "", "…"]
)
def test_names_that_are_none_are_refused(client, statement, name):
    assert (post(client, statement, name=name).status_code, Signature.objects.count()) == (422, 0)


def test_a_likely_slip_is_offered_and_can_be_kept(client, statement):
    response = post(client, statement, email="amina@gmial.com")
    assert (response.status_code, "amina@gmail.com" in response.content.decode()) == (422, True)
    assert post(client, statement, email="amina@gmial.com", email_choice="keep").status_code == 303
    assert post(client, statement, email="amina@gmial.com", email_choice="amina@gmail.com").status_code == 303
    assert list(Signature.objects.values_list("email", flat=True).order_by("pk")) == [
        "amina@gmial.com",
        "amina@gmail.com",
    ]


def test_closed_while_typing_is_409_and_loses_nothing(client, statement):
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2), closed_at=timezone.now())
    response = post(client, statement, name="Zofia Kowalska")
    assert (response.status_code, "Zofia Kowalska" in response.content.decode()) == (409, True)
    assert Signature.objects.count() == 0


def test_a_robot_is_held_and_not_refused(client, statement):
    assert post(client, statement, website_2="https://spam.example").status_code == 303
    assert Signature.objects.get().held_reason == "Filled in a field that people cannot see"


def test_other_sites_may_not_post(client, statement):
    response = client.post(reverse("sign", args=[statement.slug]), TYPED, headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, Signature.objects.count()) == (403, 0)


def test_a_body_larger_than_any_form_is_413(client, statement):
    assert post(client, statement, name="x" * 70_000).status_code == 413


def test_fifty_looks_at_a_link_change_nothing_and_one_press_counts(client, statement):
    post(client, statement)
    token = tokens.make_token(signing.CONFIRM, Signature.objects.get().pk)
    url = reverse("confirm", args=[token])
    before = list(Signature.objects.values())
    for method in (client.get, client.head, client.options) * 17:
        assert method(url).status_code in {200, 405}
    assert list(Signature.objects.values()) == before

    pressed = client.post(url)
    assert (pressed.status_code, urlsplit(pressed["Location"]).path) == (303, "/statements/libraries/thanks/")
    assert counting.recount(statement=statement).stored == (1, 0, 0)
    thanks = client.get(pressed["Location"]).content.decode()
    assert "Amina" in thanks

    again = client.post(url)
    assert (again.status_code, "already signed" in again.content.decode()) == (200, True)
    assert counting.recount(statement=statement).stored == (1, 0, 0)


@pytest.mark.parametrize("token", ["x", "sign-confirm.1.abc", "sign-manage.1.abc", "comment-confirm.1", "é", "a" * 500])
@pytest.mark.parametrize("door", ["confirm", "manage"])
def test_garbled_and_foreign_links_get_one_helpful_page(client, token, door):
    response = client.get(reverse(door, args=[token]))
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")
    assert response.content == client.get(reverse("confirm", args=["other"])).content


def test_a_manage_link_is_no_confirm_link(client, statement):
    post(client, statement)
    token = tokens.make_token(signing.MANAGE, Signature.objects.get().pk)
    assert client.post(reverse("confirm", args=[token])).status_code == 404
    assert Signature.objects.get().state == "pending"


def test_the_code_on_the_waiting_page_confirms(client, statement):
    waiting = post(client, statement)["Location"]
    code = tokens.code(signing.CONFIRM, Signature.objects.get().pk)
    wrong = client.post(waiting, {"action": "code", "code": "12"})
    assert (wrong.status_code, "That code isn" in wrong.content.decode()) == (422, True)
    right = client.post(waiting, {"action": "code", "code": code})
    assert (right.status_code, Signature.objects.get().state) == (303, "confirmed")


def test_the_mail_can_be_asked_for_again_after_a_minute(client, statement):
    waiting = post(client, statement)["Location"]
    assert client.post(waiting, {"action": "resend"}).status_code == 200
    assert OutgoingEmail.objects.count() == 1
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    again = client.post(waiting, {"action": "resend"})
    assert (again.status_code, OutgoingEmail.objects.count()) == (303, 2)
    assert client.get(again["Location"]).status_code == 200


def test_the_waiting_page_moves_on_only_for_what_happened_since(client, statement):
    def poll(url: str) -> object:
        return json.loads(client.get(url, headers={"Accept": "application/json"}).content)["next"]

    mine = post(client, statement)["Location"]
    assert poll(mine) is None
    signing.confirm(signature_id=Signature.objects.get().pk)
    assert poll(mine).startswith("/statements/libraries/thanks/?k=")
    strangers = post(client, statement)["Location"]
    assert poll(strangers) is None


def test_who_waits_in_a_tab_is_thanked_and_gets_nothing_of_the_signers(client, statement):
    """Whoever typed a stranger's address has read no mail of theirs (SAFETY: proof is the mailbox)."""
    mine = post(client, statement)["Location"]
    signature = Signature.objects.get()
    signing.confirm(signature_id=signature.pk)
    tab = json.loads(client.get(mine, headers={"Accept": "application/json"}).content)["next"]
    pages = [client.get(url).content.decode() for url in (tab, thanks_url(statement, signature.pk))]
    told = [("number 1." in page, TYPED["name"] in page, "/manage/" in page) for page in pages]
    assert told == [(True, False, False), (True, True, True)]


def test_managing_shows_hides_and_withdraws(client, statement):
    post(client, statement)
    signature = Signature.objects.get()
    signing.confirm(signature_id=signature.pk)
    url = reverse("manage", args=[tokens.make_token(signing.MANAGE, signature.pk)])
    client.get(url)
    client.head(url)
    presses = {"show": (1, 1, 0), "updates_on": (1, 1, 0), "hide": (1, 0, 0), "?": (1, 0, 0), "withdraw": (0, 0, 0)}
    for action, expected in presses.items():
        assert client.post(url, {"action": action}).status_code == 200
        assert counting.recount(statement=statement).stored == expected
    assert "removed" in client.get(url).content.decode()


def test_not_me_deletes_and_never_writes_again(client, statement):
    post(client, statement)
    url = reverse("confirm", args=[tokens.make_token(signing.CONFIRM, Signature.objects.get().pk)])
    assert client.post(url, {"action": "never"}).status_code == 200
    assert Signature.objects.count() == 0


def test_an_expired_link_offers_a_new_one(client, statement, settings):
    post(client, statement)
    signature = Signature.objects.get()
    Signature.objects.update(created_at=timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS + 1))
    url = reverse("confirm", args=[tokens.make_token(signing.CONFIRM, signature.pk)])
    assert "expired" in client.get(url).content.decode()
    assert client.post(url).status_code == 200
    assert Signature.objects.get().state == "pending"
    assert client.post(url, {"action": "renew"}).status_code == 200
    assert signing.standing(signature.pk) == "ready"


def test_thanks_is_for_its_signer_only(client, statement):
    post(client, statement)
    url = reverse("thanks", args=[statement.slug])
    assert client.get(url).status_code == 404
    assert client.get(f"{url}?k={tokens.make_token(signing.MANAGE, Signature.objects.get().pk)}").status_code == 404


def test_thanks_tell_no_number_that_is_switched_off(client, statement):
    signature = SignatureFactory(statement=statement, state="confirmed")
    url = thanks_url(statement, signature.pk)
    counting.recount(statement=statement, repair=True)
    assert "You're number 1." in unescape(client.get(url).content.decode())
    switches.turn_off(name="count")
    assert "number" not in unescape(client.get(url).content.decode())


def test_the_source_code_survives_to_the_share_links(client, statement):
    post(client, statement, via="leeds-trades")
    signature = Signature.objects.get()
    token = tokens.make_token("sign-thanks", signature.pk)
    html = client.get(f"/statements/libraries/thanks/?k={token}").content.decode()
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
    assert Signature.objects.count() == 2
