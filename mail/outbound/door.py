"""One request and its answer: to the address that was judged, within SECONDS in all, and neither side without bounds.

`http.client` with a connection of our own. Libraries for HTTP limit each step and not the whole, look names up
themselves, and follow, remember and decompress what nobody asked them to (docs/decisions/0030-one-door.md). Proxies of
the environment, cookies and redirects do not exist here.
"""

import io
import socket
import ssl
import time
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse

from django.conf import settings

from mail.outbound import guard
from mail.outbound.kinds import Answer, Request

SECONDS = 5.0
MOST_SENT = 256 * 1024
MOST_READ = 256 * 1024
MOST_HEADERS = 64 * 1024
_STEP = 16 * 1024


class NoAnswer(Exception):
    """The host gave no valid answer; the text says how. Trying later may help."""


class Deadline:
    """The moment by which the whole exchange must be finished."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left. Raises TimeoutError when none are."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Incoming(io.RawIOBase):
    """Incoming bytes: each read may last until the deadline, and all reads together have a limit in bytes."""

    def __init__(self, own: socket.socket, deadline: Deadline) -> None:
        self._own, self._deadline, self._room = own, deadline, MOST_READ + MOST_HEADERS
        self.has_ended = False

    def readable(self) -> bool:
        """Only reading is supported."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the buffers that we are given are these
        """Some bytes, 0 at the end. Raises TimeoutError, NoAnswer and OSError."""
        self._own.settimeout(self._deadline.left())
        number = self._own.recv_into(buffer)
        self._room -= number
        self.has_ended = self.has_ended or not number
        if self._room < 0:
            raise NoAnswer(f"Its answer is longer than {MOST_READ // 1024} KB.")
        return number


class _Bounded:
    """As much of a socket as http.client asks for."""

    def __init__(self, own: socket.socket, deadline: Deadline) -> None:
        self._own, self._deadline = own, deadline
        self.incoming = _Incoming(own, deadline)

    def sendall(self, words: bytes) -> None:
        """Send it all, or raise TimeoutError."""
        rest = memoryview(words)
        while rest:
            self._own.settimeout(self._deadline.left())
            rest = rest[self._own.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """What arrives."""
        return io.BufferedReader(self.incoming)

    def close(self) -> None:
        """Called by http.client before the answer has been read; _Pinned.end closes the socket."""


@cache
def tls() -> ssl.SSLContext:
    """Certificates are proved against what the system trusts (or SSL_CERT_FILE), TLS 1.2 or newer."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Pinned(HTTPConnection):
    """A connection to addresses that were judged, under the name that was asked for."""

    def __init__(self, where: guard.Target, addresses: list[str], deadline: Deadline) -> None:
        super().__init__(where.host, where.port)
        self.default_port = 443 if where.is_secure else 80  # so that Host says the port only where it is another
        self._where, self._addresses, self._deadline = where, addresses, deadline
        self._own: socket.socket | None = None
        self.incoming: _Incoming | None = None

    def connect(self) -> None:
        """Connect to the first address that answers. Raises OSError."""
        self._own = self._reach()
        if self._where.is_secure:
            self._own.settimeout(self._deadline.left())
            self._own = tls().wrap_socket(self._own, server_hostname=self._where.host)
        self.sock = _Bounded(self._own, self._deadline)
        self.incoming = self.sock.incoming

    def end(self) -> None:
        """Close the connection in any case."""
        if self._own is not None:
            self._own.close()

    def _reach(self) -> socket.socket:
        *others, last = self._addresses
        for number, address in enumerate(others):
            try:
                # One that is silent must leave time for the next.
                share = self._deadline.left() / (len(self._addresses) - number)
                return socket.create_connection((address, self._where.port), timeout=share)
            except OSError:
                continue
        return socket.create_connection((last, self._where.port), timeout=self._deadline.left())


def send(request: Request) -> Answer:
    """Send it and read the answer, whatever its status. Raises Refused (guard.py) and NoAnswer."""
    where = guard.target(request.url, is_stranger=request.to_stranger)
    if len(request.body) > MOST_SENT:
        raise guard.Refused(f"This is more than {MOST_SENT // 1024} KB, which is too much for one request.")
    deadline = Deadline(SECONDS)
    try:
        connection = _Pinned(where, guard.resolve(where, deadline.left()), deadline)
        try:
            return _exchange(connection, where, request)
        finally:
            connection.end()
    except (OSError, HTTPException, guard.NoAddress) as error:
        raise NoAnswer(_words(error)) from error


def _exchange(connection: _Pinned, where: guard.Target, request: Request) -> Answer:
    headers = {"User-Agent": f"Undersigned (+{settings.ORIGIN})", "Connection": "close", **request.headers}
    connection.request(request.method, where.path, body=request.body or None, headers=headers)
    with connection.getresponse() as response:
        if (
            connection.incoming is None or connection.incoming.has_ended
        ):  # http.client takes headers that break off for all of them
            raise NoAnswer("Its answer broke off in the middle.")
        return Answer(response.status, {name.lower(): text for name, text in response.getheaders()}, _body(response))


def _body(response: HTTPResponse) -> bytes:
    """Read the body in steps: a length claimed in a header reserves no memory."""
    body = b""
    while step := response.read(_STEP):
        body += step
        if len(body) > MOST_READ:
            raise NoAnswer(f"Its answer is longer than {MOST_READ // 1024} KB.")
    if response.length:
        raise NoAnswer("Its answer broke off in the middle.")
    return body


def _words(error: BaseException) -> str:
    """A description of the error without anything the other host wrote."""
    if isinstance(error, guard.NoAddress):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"It did not answer within {SECONDS:g} seconds."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate cannot be trusted: {error.verify_message}."
    if isinstance(error, HTTPException):
        return f"Its answer is not HTTP as it should be, or broke off ({type(error).__name__})."
    return f"It cannot be reached ({type(error).__name__})."
