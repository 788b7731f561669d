"""From a message to what a mail server takes: text first, HTML second, the headers of UX 2.6."""

from email.message import Message as Mime
from email.policy import Compat32
from email.utils import formataddr, parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template

from core.addresses import in_ascii
from core.http import site
from mail.kinds import Message
from mail.models import OutgoingEmail


class _ShortLines(Compat32):
    """The policy that Django's mail has, without looking for places to break lines that are short."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """`Name: value`, on one line where it fits (RFC 5322 2.1.1)."""
        plain = isinstance(value, str) and value.isascii() and "\n" not in value and "\r" not in value
        if plain and len(name) + 2 + len(value) <= self.max_line_length:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class Email(EmailMultiAlternatives):
    """Django's, written as bytes in half the time: short headers as they are, and a known boundary.

    A boundary that nobody can foresee need not be looked for in the text (RFC 2046 5.1.1).
    """

    boundary = ""

    def message(self) -> Mime:
        """The MIME tree."""
        made = super().message()
        made.policy = _SHORT_LINES
        if made.is_multipart():
            made.set_boundary(self.boundary)
        return made


_SHORT_LINES = _ShortLines()


def render(row: OutgoingEmail, message: Message, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail for a row. Its Message-ID comes from the row, so one that is sent twice can be told to be the same."""
    context = {**site(HttpRequest()), **message.context}
    email = Email(
        subject=one_line(_fill(f"{message.name}.subject.txt", context, autoescape=False)),
        body=_fill(f"{message.name}.txt", context, autoescape=False).strip() + "\n",
        from_email=sender(),
        to=[message.to],
        reply_to=[in_ascii(message.reply_to or settings.CONTACT_EMAIL)],
        headers={
            "Message-ID": message_id(row),
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday note need answer
            "X-Outbox-Id": str(row.pk),
            **message.headers,
        },
        connection=connection,
    )
    email.boundary = f"=_{row.uuid.hex}"
    email.attach_alternative(_fill(f"{message.name}.html", context, autoescape=True), "text/html")
    return email


def sender() -> str:
    """The From address with the publisher's name before it."""
    return _sender(settings.MAIL_FROM, settings.SITE_NAME)[0]


def message_id(row: OutgoingEmail) -> str:
    """`<uuid of the row@domain of the sender>` (RFC 5322 3.6.4)."""
    return f"<{row.uuid}@{_sender(settings.MAIL_FROM, settings.SITE_NAME)[1]}>"


@lru_cache(maxsize=4)
def _sender(mail_from: str, site_name: str) -> tuple[str, str]:
    """The From header and its domain; the same for every mail, and long to work out."""
    name, address = parseaddr(mail_from)
    address = in_ascii(address)
    return formataddr((name or site_name, address)), address.rpartition("@")[2]


def one_line(text: str) -> str:
    """Header text: a line break in it could start a header of somebody's choice."""
    return " ".join(text.split())


def _fill(name: str, context: dict, autoescape: bool) -> str:
    template = get_template(f"emails/{name}").template
    return template.render(Context(context, autoescape=autoescape))
