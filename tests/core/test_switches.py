"""Switches: one press stops something everywhere, with a sentence, and loses nothing."""

import pytest

from core import switches
from core.models import Switch
from mail import claiming
from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission
from petitions.signatures import signing
from petitions.statements import counting
from tests.asking import agree, ask
from tests.factories import OutgoingEmailFactory, SignatureFactory, StatementFactory
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
PAGE = "/admin/switches/"


def press(client, name: str, turn: str, sentence: str = ""):
    return client.post(PAGE, {"name": name, "turn": turn, "sentence": sentence})


def test_signing_is_paused_and_what_was_typed_is_kept(client):
    statement = StatementFactory()
    carol = superuser("carol")
    assert 'id="sign-form"' in client.get(statement.get_absolute_url()).content.decode()
    press(carol, "signing", "off", "We are under attack. Back at six.")
    page = client.get(statement.get_absolute_url()).content.decode()
    assert ('id="sign-form"' in page, "We are under attack. Back at six." in page) == (False, True)
    sent = client.post(f"/statements/{statement.slug}/sign/", {"name": "Amina", "email": "amina@example.org"})
    assert (sent.status_code, "Signing is paused" in sent.content.decode()) == (409, True)
    assert ("Amina" in sent.content.decode(), SignatureSubmission.objects.count()) == (True, 0)
    press(carol, "signing", "on")
    assert 'id="sign-form"' in client.get(statement.get_absolute_url()).content.decode()
    signing.sign(statement=statement, name="Amina", email="amina@example.org")
    assert log() == ["Switched off: Signing: We are under attack. Back at six.", "Switched on again."]


def test_who_has_signed_can_still_confirm():
    asked = ask(StatementFactory())
    switches.turn_off(name="signing")
    assert agree(asked).state == "confirmed"


def test_the_names_and_the_count_disappear(client, settings):
    settings.NUMBERS_FROM = 0
    signature = SignatureFactory(state="confirmed", show_name=True, name="Amina Rahman")
    counting.recount(statement=signature.statement, repair=True)
    address = signature.statement.get_absolute_url()
    before = client.get(address).content.decode()
    assert ("Amina Rahman" in before, "count-number" in before) == (True, True)
    switches.turn_off(name="names")
    switches.turn_off(name="count")
    after = client.get(address).content.decode()
    assert ("Amina Rahman" in after, "count-number" in after, "is being checked" in after) == (False, False, True)
    data = client.get(f"{address}count.json").json()
    assert (data["signatures"], data["goal"]) == (None, None)


def test_comments_are_paused(client):
    statement = StatementFactory()
    switches.turn_off(name="comments")
    typed = {"name": "Amina", "email": "amina@example.org", "body": "Hello"}
    assert client.post(f"{statement.get_absolute_url()}comments/", typed).status_code == 409


def test_bulk_mail_waits_and_other_mail_goes():
    bulk = OutgoingEmailFactory(lane=OutgoingEmail.Lane.BULK)
    other = OutgoingEmailFactory()
    switches.turn_off(name="mail")
    assert claiming.claim(10).rows == [other]
    switches.turn_on(name="mail")
    assert claiming.claim(10).rows == [bulk]


def test_only_who_may_turns_a_switch():
    viewer = staff("audrey")
    assert viewer.get(PAGE).status_code == 200
    assert press(viewer, "signing", "off").status_code == 403
    assert press(superuser("carol"), "no such", "off").status_code == 403
    assert Switch.objects.count() == 0
