"""TLS means TLS: no mail and no password goes to a server whose certificate is not its own."""

import ssl

import pytest
from aiosmtpd.smtp import AuthResult

from mail.carrier import ServerAway
from tests import certificates
from tests.factories import OutgoingEmailFactory
from tests.mailserver import AnyPort, MailServer, deliver
from undersigned import environment

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> dict[str, str]:
    return certificates.authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def relay(settings, authority):
    """Starts a mail server that the site is told to use; returns it and the passwords it heard."""
    running = []

    def start(tls: str, certificate: str | None, ca: str = "") -> tuple[MailServer, list[str]]:
        server, heard = MailServer(), []

        def judge(_server, _session, _envelope, _mechanism, data):
            heard.append(data.password.decode())
            return AuthResult(success=True)

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if certificate:
            context.load_cert_chain(authority[certificate])
        controller = AnyPort(
            server,
            hostname="127.0.0.1",
            port=0,
            authenticator=judge,
            auth_require_tls=False,
            **({"tls_context": context} if tls == "starttls" and certificate else {}),
            **({"ssl_context": context} if tls == "implicit" else {}),
        )
        controller.start()
        running.append(controller)
        url = f"smtp://user:geheim@127.0.0.1:{controller.port}/?tls={tls}"
        for name, value in environment.email(url, authority.get(ca, "")).items():
            setattr(settings, name, value)
        settings.EMAIL_BACKEND = "mail.smtp.EmailBackend"
        return server, heard

    yield start
    for controller in running:
        controller.stop()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_of_a_ca_of_ours_is_taken(relay, tls):
    server, heard = relay(tls, "here", "ca")
    OutgoingEmailFactory(kind="staff_test", recipient="bo@example.org")
    assert (deliver(), server.recipients(), heard) == (1, ["bo@example.org"], ["geheim"])


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("certificate", "ca", "words"),
    [
        ("here", "", "unable to get local issuer certificate"),
        ("elsewhere", "ca", "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ],
)
def test_another_is_refused_before_anything_is_said(relay, tls, certificate, ca, words):
    server, heard = relay(tls, certificate, ca)
    row = OutgoingEmailFactory(kind="staff_test")
    with pytest.raises(ServerAway, match=f"SSLCertVerificationError: .*{words}"):
        deliver()
    row.refresh_from_db()
    assert (server.received, heard, row.state, row.attempts) == ([], [], "queued", 0)


def test_a_server_that_hides_its_tls_gets_no_password(relay):
    """As somebody between the two would have it (RFC 3207, 6)."""
    server, heard = relay("starttls", None)
    OutgoingEmailFactory(kind="staff_test")
    with pytest.raises(ServerAway, match="STARTTLS extension not supported by server"):
        deliver()
    assert (server.received, heard) == ([], [])


def test_who_wants_no_tls_gets_none(relay):
    server, heard = relay("none", None)
    OutgoingEmailFactory(kind="staff_test")
    assert (deliver(), len(server.received), heard) == (1, 1, ["geheim"])
