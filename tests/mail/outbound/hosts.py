"""Other hosts, played on this machine: they speak HTTP or what they are told to, in the open or over TLS."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = "127.0.0.1"


def certificate(folder: Path, *names: str) -> Path:
    """A file with a key and a certificate of its own for `names`, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_named(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{names[0]}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return path


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass
class Host:
    """Listens on a port; `answer(connection)` writes what it likes after a request was read."""

    port: int
    heard: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)  # those that TLS asked for (SNI)
    answer: Callable[[socket.socket], None] = lambda own: own.sendall(good())

    @property
    def url(self) -> str:
        """Its address in the open."""
        return f"http://{LOOPBACK}:{self.port}/"

    def headers(self, number: int = -1) -> dict[str, str]:
        """Those of one of the requests that it heard."""
        head = self.heard[number].partition(b"\r\n\r\n")[0].decode()
        return {name.lower(): text for name, _, text in (line.partition(": ") for line in head.splitlines()[1:])}


def good(body: bytes = b"ok", status: str = "200 OK", **headers: str) -> bytes:
    """An answer as it should be."""
    more = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def _read(own: socket.socket) -> bytes:
    """One request with its body."""
    read = b""
    while b"\r\n\r\n" not in read:
        if not (step := own.recv(65536)):
            return read
        read += step
    head, _, body = read.partition(b"\r\n\r\n")
    length = [int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length:")]
    while length and len(body) < length[0]:
        body += own.recv(65536)
    return head + b"\r\n\r\n" + body


def _over_tls(found: Host, pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda own, name, _: found.names.append(name)
    return context


def _serve(found: Host, own: socket.socket, context: ssl.SSLContext | None) -> None:
    """Answer one request; whoever asked may have gone."""
    with own, suppress(OSError):
        own.settimeout(10)
        own = context.wrap_socket(own, server_side=True) if context else own
        if request := _read(own):
            found.heard.append(request)
            found.answer(own)
        own.close()


@contextmanager
def host(pem: Path | None = None) -> Iterator[Host]:
    """A host on a free port of this machine, over TLS when it has a certificate."""
    listening = socket.create_server((LOOPBACK, 0))
    listening.settimeout(0.05)
    found = Host(listening.getsockname()[1])
    context = _over_tls(found, pem) if pem else None
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                own, _ = listening.accept()
                threads.append(threading.Thread(target=_serve, args=[found, own, context]))
                threads[-1].start()

    threads = [threading.Thread(target=listen)]
    threads[0].start()
    yield found
    over.set()
    for thread in threads:
        thread.join()
    listening.close()
