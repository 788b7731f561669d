"""A certificate authority of a test's own, and what it has signed."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
ELSEWHERE = [x509.DNSName("mail.example.org")]
SITE = [x509.DNSName("petitions.example.org")]


def authority(folder: Path) -> dict[str, str]:
    """Paths to PEM files: `ca`, and with its key each, `here` for this machine, `elsewhere`, `site`, `expired`."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)  # as RFC 5280 orders them
    ca = _signed("Ours", ca_key, ca_key, 1, x509.BasicConstraints(ca=True, path_length=None), identifier, usage)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    made = {"ca": _pem(folder / "ca.pem", ca)}
    for name, hosts, days in (("here", HERE, 1), ("elsewhere", ELSEWHERE, 1), ("site", SITE, 1), ("expired", HERE, -1)):
        certificate = _signed("Relay", key, ca_key, days, x509.SubjectAlternativeName(hosts), issuer)
        made[name] = _pem(folder / f"{name}.pem", certificate, key)
    return made


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    days: int,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    """A certificate of `key`, good from two days ago until `days` from now."""
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ours")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=days))
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
