"""A provider's API for tests: it takes mail by HTTP as Mailgun does, and refuses what it is told to refuse."""

import email
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Answer:
    """What it says instead of taking a mail; without a status it hangs up."""

    status: int
    body: object = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class MailProvider:
    """`received` has the fields of each mail it took, the path and the log-in; `says` maps a recipient to an Answer."""

    port: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    says: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


def _fields(handler: BaseHTTPRequestHandler) -> dict[str, Any]:
    body = handler.rfile.read(int(handler.headers["Content-Length"]))
    kind = handler.headers["Content-Type"]
    if kind == "application/x-www-form-urlencoded":
        return {name.lower(): values[0] for name, values in parse_qs(body.decode()).items()}
    form = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=email.policy.HTTP)
    return {
        part.get_param("name", header="content-disposition").lower(): part.get_content() for part in form.iter_parts()
    }


@contextmanager
def running() -> Iterator[MailProvider]:
    """On a free port, for as long as the block runs."""
    provider = MailProvider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            fields = _fields(self)
            provider.asked.append(fields["to"])
            said = provider.says.get(fields["to"])
            if said is None:
                provider.received.append({**fields, "path": self.path, "key": self.headers["Authorization"]})
                said = Answer(200, {"id": fields["h:message-id"], "message": "Queued. Thank you."})
            if not said.status:
                self.close_connection = True
                return
            body = said.body.encode() if isinstance(said.body, str) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        provider.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
