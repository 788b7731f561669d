"""Many signatures from one network are held for a look, and nobody learns from that who had signed before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import Signature
from petitions.signatures import crowds, signing
from tests.factories import StatementFactory
from tests.mailserver import deliver, running, text_of

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.fixture
def server(settings):
    with running(settings) as server:
        yield server


@pytest.fixture
def statement():
    return StatementFactory()


def sign(statement, email=AMINA, **typed):
    signing.sign(statement=statement, name="Somebody", email=email, **typed)
    return Signature.objects.get(statement=statement, email=email)


def crowd(statement, size, ip_key="hall"):
    return [sign(statement, email=f"signer-{number}@example.org", ip_key=ip_key) for number in range(size)]


def test_a_hall_full_of_people_counts_and_the_sixty_first_is_held(server, statement):
    crowd(statement, 61)
    assert deliver() == 61
    held = Signature.objects.exclude(held_reason="")
    assert [(row.email, row.held_reason, row.state) for row in held] == [
        ("signer-60@example.org", crowds.CROWD, "pending")
    ]
    assert [row.recipient for row in OutgoingEmail.objects.filter(context__held=True)] == ["signer-60@example.org"]
    (message,) = server.to("signer-60@example.org")
    assert "We'll check this one by hand" in text_of(message)
    assert "by hand" not in text_of(server.to("signer-59@example.org")[0])


def test_another_network_and_another_time_are_no_crowd(server, statement):
    crowd(statement, 60)
    sign(statement, email="elsewhere@example.org", ip_key="home")
    sign(statement, email="nowhere@example.org", ip_key="")
    Signature.objects.filter(ip_key="hall").update(created_at=timezone.now() - timedelta(minutes=11))
    sign(statement, email="late@example.org", ip_key="hall")
    deliver()
    assert Signature.objects.exclude(held_reason="").count() == 0


@pytest.mark.parametrize("others", [59, 60])
@pytest.mark.parametrize("who", ["new", "waiting", "confirmed", "removed", "capped", "silent"])
def test_the_waiting_page_depends_on_the_network_and_on_nothing_else(server, statement, who, others):
    """Or whoever fills the network up to the limit would learn from it who has signed."""
    if who in {"waiting", "confirmed", "removed", "capped"}:
        signature = sign(statement, ip_key="home")
        deliver()
    if who == "confirmed":
        signing.confirm(signature_id=signature.pk)
    elif who == "removed":
        signing.remove(signature_id=signature.pk, reason="A fake")
    elif who == "silent":
        outbox.suppress(AMINA)
    if who != "capped":
        OutgoingEmail.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    crowd(statement, others)
    receipt = signing.sign(statement=statement, name="Somebody", email=AMINA, ip_key="hall")
    deliver()
    row = OutgoingEmail.objects.get(pk=receipt.mail_id)
    assert row.context.get("held", False) == (others == 60)
    assert row.state == ("sent" if who in {"new", "waiting", "confirmed"} else "skipped")
    if who == "confirmed":
        assert Signature.objects.get(email=AMINA).held_reason == ""


def test_a_reason_that_stands_already_stays(server, statement):
    crowd(statement, 60)
    sign(statement, ip_key="hall", held_reason="Filled in a field that people cannot see")
    deliver()
    assert Signature.objects.get(email=AMINA).held_reason == "Filled in a field that people cannot see"
