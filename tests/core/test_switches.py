"""Switches: one press stops something everywhere, with a sentence, and loses nothing."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from core import lights, switches
from core.mail import claiming
from core.models import OutgoingEmail, Switch, WorkerHeartbeat
from petitions import counting, signing
from petitions.models import Signature
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
    assert ("Amina" in sent.content.decode(), Signature.objects.count()) == (True, 0)
    press(carol, "signing", "on")
    assert 'id="sign-form"' in client.get(statement.get_absolute_url()).content.decode()
    signing.sign(statement=statement, name="Amina", email="amina@example.org")
    assert log() == ["Switched off: Signing: We are under attack. Back at six.", "Switched on again."]


def test_who_has_signed_can_still_confirm():
    signature = SignatureFactory()
    switches.turn_off(name="signing")
    assert signing.confirm(signature_id=signature.pk).state == "confirmed"


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
    assert client.get(f"{address}count.json").json()["signatures"] is None


def test_comments_are_paused(client):
    statement = StatementFactory()
    switches.turn_off(name="comments")
    typed = {"name": "Amina", "email": "amina@example.org", "body": "Hello"}
    assert client.post(f"{statement.get_absolute_url()}comments/", typed).status_code == 409


def test_bulk_mail_waits_and_other_mail_goes():
    bulk = OutgoingEmailFactory(lane=OutgoingEmail.Lane.BULK)
    other = OutgoingEmailFactory()
    switches.turn_off(name="mail")
    assert [claimed.row.pk for claimed in claiming.claim(10)] == [other.pk]
    switches.turn_on(name="mail")
    assert [claimed.row.pk for claimed in claiming.claim(10)] == [bulk.pk]


def test_only_who_may_turns_a_switch():
    viewer = staff("audrey")
    assert viewer.get(PAGE).status_code == 200
    assert press(viewer, "signing", "off").status_code == 403
    assert press(superuser("carol"), "no such", "off").status_code == 403
    assert Switch.objects.count() == 0


def doctor() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def demo(settings):
    """As `make demo` runs: all is well."""
    settings.DEMO, settings.SECRET_KEY = True, "x" * 60
    WorkerHeartbeat.objects.create(name="one")
    staff("mo")


def colours() -> dict[str, str]:
    return {judge.__name__: judge().light for judge in lights.LIGHTS}


def test_everything_is_green_in_the_demo(demo):
    assert set(colours().values()) == {"green"}
    assert doctor()[0] == 0


@pytest.mark.parametrize("fault", ["worker", "mail", "secrets", "https", "second_factor", "moderator"])
def test_each_fault_turns_its_own_light(demo, settings, monkeypatch, fault):
    settings.DEMO, settings.DEBUG, settings.SECOND_FACTOR, settings.ORIGIN = False, False, True, "https://x.example"
    monkeypatch.setattr(lights, "_texts", lambda name: ["v=spf1 -all", "v=DMARC1; p=none"])
    OutgoingEmailFactory(state="sent")
    before = colours()
    assert set(before.values()) == {"green", "amber"}
    if fault == "worker":
        WorkerHeartbeat.objects.all().delete()
    if fault == "mail":
        OutgoingEmailFactory(attempts=3, outcome="connection refused")
    settings.DEBUG = fault == "secrets"
    settings.SECOND_FACTOR = fault != "second_factor"
    settings.ORIGIN = "http://x.example" if fault == "https" else settings.ORIGIN
    if fault == "moderator":
        User.objects.all().delete()
    after = colours()
    assert {name for name in after if after[name] != before[name]} == {fault}
    assert doctor()[0] == (2 if fault == "moderator" else 1)


def test_missing_records_are_named(settings, monkeypatch):
    settings.DEMO = False
    monkeypatch.setattr(lights, "_texts", lambda name: ["v=spf1 -all"])
    assert "DMARC" in lights.records().advice
    assert lights.records().light == "red"


def test_the_set_up_page_sends_a_test():
    carol = superuser("carol")
    page = carol.get("/admin/set-up/")
    assert len(page.context["lights"]) == len(lights.LIGHTS)
    carol.post("/admin/set-up/test-mail/")
    assert OutgoingEmail.objects.count() == 0
    User.objects.update(email="carol@example.org")
    carol.post("/admin/set-up/test-mail/")
    assert list(OutgoingEmail.objects.values_list("kind", "recipient")) == [("staff_test", "carol@example.org")]
