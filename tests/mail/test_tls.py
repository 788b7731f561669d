"""TLS means TLS: no mail and no password goes to a server whose certificate is not its own."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mail.carrier import ServerAway
from tests.factories import OutgoingEmailFactory
from tests.mailserver import AnyPort, MailServer, deliver
from undersigned import environment

pytestmark = pytest.mark.django_db


def _signed(name: str, key, issuer: str, by, *extensions) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(by, hashes.SHA256())


def _pem(path: Path, certificate: x509.Certificate, *keys: ec.EllipticCurvePrivateKey) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM) + b"".join(key.private_bytes(*form) for key in keys)
    )
    return str(path)


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> dict[str, str]:
    """A CA of one's own, its certificate for 127.0.0.1, and one for another host."""
    folder = tmp_path_factory.mktemp("authority")
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)  # as RFC 5280 orders them
    ca = _signed("Ours", ca_key, "Ours", ca_key, x509.BasicConstraints(ca=True, path_length=None), identifier, usage)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    here, elsewhere = (
        _signed("Relay", key, "Ours", ca_key, x509.SubjectAlternativeName([name]), issuer)
        for name in (x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("mail.example.org"))
    )
    return {
        "ca": _pem(folder / "ca.pem", ca),
        "here": _pem(folder / "here.pem", here, key),
        "elsewhere": _pem(folder / "elsewhere.pem", elsewhere, key),
    }


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
