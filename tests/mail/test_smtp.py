"""On the wire all is 7-bit, and what is not is announced (RFC 5321, RFC 6152, RFC 6531)."""

import pytest

from mail.models import OutgoingEmail
from tests.asking import ask
from tests.factories import StatementFactory
from tests.mailserver import deliver, html_of, running, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory(title="Bücher für alle – أمينة", summary="“Quoted”")


def test_a_mail_is_seven_bits_and_reads_as_it_was_written(statement, server):
    ask(statement, email="amina@dæmi.example", name="Þóra", mailed=False)
    assert deliver() == 1
    (message,) = server.received
    assert message.wire.isascii()
    assert max(map(len, message.wire.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
    assert message["To"] == "amina@xn--dmi-yla.example"
    assert [statement.title in text_of(message), statement.title in html_of(message)] == [True, True]
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"quoted-printable"}


def test_an_address_in_other_letters_is_written_to_where_the_server_carries_it(statement, settings):
    settings.EMAIL_SMTPUTF8 = True
    with running(settings, enable_SMTPUTF8=True) as server:
        ask(statement, email="þóra@dæmi.example", mailed=False)
        ask(statement, email="amina@example.org", mailed=False)
        assert deliver() == 2
    one, other = sorted(server.received, key=lambda message: message.wire.isascii())
    assert ("SMTPUTF8" in one.options, "SMTPUTF8" in other.options) == (True, False)
    assert "To: þóra@xn--dmi-yla.example\r\n".encode() in one.wire
    assert statement.title in text_of(one)
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {"sent"}


def test_it_fails_for_good_and_with_the_reason_where_the_server_does_not(statement, settings):
    with running(settings, enable_SMTPUTF8=False) as server:
        ask(statement, email="þóra@example.org", mailed=False)
        ask(statement, email="amina@example.org", mailed=False)
        assert deliver() == 1
    assert [message["To"] for message in server.received] == ["amina@example.org"]
    failed = OutgoingEmail.objects.get(recipient="þóra@example.org")
    assert (failed.state, "SMTPUTF8" in failed.outcome) == ("failed", True)


def test_a_domain_is_written_as_idna_2008_has_it(statement, server):
    ask(statement, email="amina@faß.example", mailed=False)
    deliver()
    assert [message["To"] for message in server.received] == ["amina@xn--fa-hia.example"]
