"""Who comes from outside: by TLS, to a port of this machine, under the name that the site has in the world."""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlencode

NAME = "petitions.example.org"


class Refused(Exception):
    """No answer at all."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters, and a name that came twice has both values."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    """Asks on a connection of its own each time."""

    def __init__(self, port: int, ca: str | None) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=ca) if ca else None

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        *,
        host: str = NAME,
        sni: str = NAME,
    ) -> Answer:
        """The answer, whatever its status; Refused when there is none."""
        body = urlencode(form).encode() if form is not None else None
        said = {"Host": host, **({"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {})}
        try:
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=20)
            with self._context.wrap_socket(plain, server_hostname=sni) if self._context else plain as connected:
                asking = HTTPConnection(NAME)
                asking.sock = connected
                with contextlib.suppress(ConnectionError):  # who hangs up may have answered before, such as 413
                    asking.request(method, path, body, {**said, **(headers or {})})
                return _read(asking.getresponse())
        except (OSError, HTTPException) as error:
            raise Refused(repr(error)) from error


def _read(answer: HTTPResponse) -> Answer:
    headers: dict[str, str] = {}
    for name, value in answer.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]} AND {value}" if key in headers else value
    return Answer(answer.status, headers, answer.read())
