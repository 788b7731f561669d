"""A real SMTP server for tests: it keeps what it was given, and refuses what it is told to refuse."""

import email
import email.policy
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.worker import Worker

DROP = "drop"


class MailServer:
    """Messages as they came over the wire, in `received`; every one went to exactly one recipient.

    `says[step]` maps an address to the answer at that step (`MAIL`, by the sender; `RCPT`, `DATA`, by the recipient);
    DROP ends the connection without one. `after_data` is called with each message before it is answered.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.says: dict[str, dict[str, str]] = {"MAIL": {}, "RCPT": {}, "DATA": {}}
        self.after_data: Callable[[EmailMessage], None] | None = None
        self.connections = 0
        self.messages_per_connection = 0
        self._carried: Counter[int] = Counter()

    def to(self, address: str) -> list[EmailMessage]:
        """What came for one address."""
        return [message for message in self.received if message["To"] == address]

    def recipients(self) -> list[str]:
        """To whom mail came, in the order of its coming."""
        return [message["To"] for message in self.received]

    def _answer(self, step: str, address: str, server: SMTP) -> str | None:
        said = self.says[step].get(address)
        if said == DROP:
            server.transport.close()
        return said

    async def handle_EHLO(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._answer("MAIL", address, server)
        if self.messages_per_connection and self._carried[id(session)] >= self.messages_per_connection:
            said = "421 4.7.0 enough for one connection"
        envelope.mail_from, envelope.mail_options = address, options
        return said or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := self._answer("RCPT", address, server):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (recipient,) = envelope.rcpt_tos
        if said := self._answer("DATA", recipient, server):
            return said
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        message.size = len(envelope.original_content)
        message.wire, message.options = envelope.original_content, envelope.mail_options
        message.sender = envelope.mail_from
        self._carried[id(session)] += 1
        self.received.append(message)
        if self.after_data:
            self.after_data(message)
        return "250 OK"


class AnyPort(Controller):
    """On a port that the system chooses, of which aiosmtpd must be told before it tries it out."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running(settings: Any, port: int = 0, **options: Any) -> Iterator[MailServer]:
    """A mail server on a free port (or on `port`), which the site is told to use; `options` are those of aiosmtpd."""
    server = MailServer()
    controller = AnyPort(server, hostname="127.0.0.1", port=port, **options)
    controller.start()
    settings.EMAIL_BACKEND = "mail.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    try:
        yield server
    finally:
        controller.stop()


def deliver() -> int:
    """Let a worker send what is due; returns how many went out."""
    return Worker().run_once()


def subject_of(message: EmailMessage) -> str:
    """The subject; Python's reader leaves the space of a folded line at its front."""
    return message["Subject"].strip()


def text_of(message: EmailMessage) -> str:
    """The text part."""
    return message.get_body(("plain",)).get_content()


def html_of(message: EmailMessage) -> str:
    """The HTML part."""
    return message.get_body(("html",)).get_content()
