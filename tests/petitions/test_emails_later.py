"""What signers are written once they have confirmed; and what every mail to them has in common."""

import re

import pytest

from core import switches
from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import Signature
from petitions.signatures import signing
from tests.asking import sign
from tests.factories import SignatureFactory, StatementFactory
from tests.mailserver import deliver, html_of, running, subject_of, text_of
from tests.petitions.mails import AMINA, PAGE, TITLE, due, last, links_of, manage_link, the_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    settings.ORIGIN = "https://petitions.example.org"
    with running(settings) as server:
        yield server


@pytest.fixture
def statement():
    return StatementFactory(title=TITLE, slug="libraries")


def confirmed(statement, **typed):
    signature = sign(statement, **typed)
    OutgoingEmail.objects.filter(kind="signature_confirm").delete()
    return signature


def test_the_receipt(server, statement):
    signature = confirmed(statement)
    message = the_mail(server)
    assert subject_of(message) == f"Thank you for signing: {TITLE}"
    text = text_of(message)
    assert text.startswith("Thank you.\r\n\r\nYou've signed \"")
    assert "You're number 1." in text
    assert "You're number 1." in html_of(message)
    assert links_of(message)[0] == {manage_link(signature), PAGE, f"{PAGE}?via=mail"}
    assert {"https://wa.me/"} == {link.partition("?")[0] for link in links_of(message)[1] if "wa.me" in link}
    assert "Amina Yusuf" not in text_of(message) + html_of(message)


def test_a_number_that_is_switched_off_is_told_to_nobody(server, statement):
    switches.turn_off(name="count")
    signature = confirmed(statement)
    message = the_mail(server)
    assert "number" not in text_of(message)
    assert "number" not in html_of(message)
    outbox.queue(kind="signature_released", recipient=AMINA, context={"signature": signature.pk})
    message = the_mail(server)
    assert ["It counts now." in said for said in (text_of(message), html_of(message))] == [True, True]


def test_a_held_signature_says_so_and_then_that_it_counts(server, statement):
    signature = confirmed(statement, signals="honeypot")
    OutgoingEmail.objects.all().delete()
    outbox.queue(kind="signature_held", recipient=AMINA, context={"signature": signature.pk})
    message = the_mail(server)
    assert subject_of(message) == f"We'll check your signature: {TITLE}"
    assert text_of(message).startswith("Thank you. We'll check this one by hand and email you.")
    assert links_of(message)[0] == {manage_link(signature), PAGE}

    signing.release(signature_id=signature.pk)
    assert deliver() == 0  # a moderator may still undo it
    due(minutes=1)
    message = the_mail(server)
    assert subject_of(message) == f"Your signature now counts: {TITLE}"
    assert "It counts now: 1 person has signed." in text_of(message)


@pytest.mark.parametrize(
    ("kind", "state"),
    [("signature_receipt", "withdrawn"), ("signature_released", "removed"), ("signature_held", "confirmed")],
)
def test_what_is_no_longer_so_is_not_said(server, kind, state):
    signature = SignatureFactory(state=state)
    outbox.queue(kind=kind, recipient=signature.email, context={"signature": signature.pk})
    assert (deliver(), last()) == (0, ("skipped", state))


def test_whose_row_is_gone_is_not_written_to(server):
    signature = SignatureFactory()
    outbox.queue(kind="signature_receipt", recipient=signature.email, context={"signature": signature.pk})
    signature.delete()
    assert (deliver(), last()) == (0, ("skipped", "gone"))


def test_who_was_forgotten_meanwhile_is_not_written_to(server):
    signature = SignatureFactory(state="confirmed")
    outbox.queue(kind="signature_receipt", recipient=signature.email, context={"signature": signature.pk})
    Signature.objects.update(email="", state="anonymised")
    assert (deliver(), last()) == (0, ("skipped", "gone"))


# All of them


@pytest.fixture
def every_mail(server, statement):
    """One of each kind, by the name of its template."""
    statement.contact_email = "libraries@example.org"
    statement.save()
    received = {}
    signature = sign(statement)
    received["signature_receipt"] = the_mail(server)
    context = {"signature": signature.pk}
    signing.hold(signature_id=signature.pk, reason="Odd")
    outbox.queue(kind="signature_held", recipient=AMINA, context=context)
    received["signature_held"] = the_mail(server)
    signing.release(signature_id=signature.pk)
    due(minutes=1)
    received["signature_released"] = the_mail(server)
    return received


def test_every_mail_keeps_to_the_rules(every_mail):
    assert len(every_mail) == 3
    for name, message in every_mail.items():
        text, html = text_of(message), html_of(message)
        assert message.size < 20_000, name
        assert TITLE in subject_of(message), name
        assert message["Reply-To"] == "libraries@example.org", name
        assert message["Auto-Submitted"] == "auto-generated", name
        assert [header for header in message if header.startswith("List-")] == [], name
        assert TITLE in text, name
        assert (html.count("<b>museums"), html.count("&lt;b&gt;museums")) == (0, 1), name
        assert re.findall(r"<(script|img|link|form|iframe)\b", html) == [], name
        assert html.count('class="button"') == 1, name
        assert '<meta name="color-scheme" content="light dark">' in html, name
        preheader = re.search(r'<div style="display: none[^>]*>([^<]+)</div>', html).group(1)
        assert 10 < len(preheader) <= 90, name
        assert "Questions? Just reply." in text, name
        assert max(map(len, text.splitlines())) < 200, name
        assert {link.partition("/manage")[0] for link in links_of(message)[0]} <= {
            "https://petitions.example.org", PAGE, f"{PAGE}?via=mail"
        }, name  # fmt: skip
