"""From a message to what a mail server takes: text first, HTML second, the headers of UX 2.6."""

from email.charset import QP, Charset
from email.utils import formataddr, parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template

from core import identity
from core.addresses import in_ascii
from core.http import site
from mail.kinds import Message
from mail.models import OutgoingEmail

# Quoted-printable: a server that takes 7 bits only is given nothing else, so nothing need be announced (RFC 6152).
SEVEN_BIT = Charset("utf-8")
SEVEN_BIT.body_encoding = QP


def render(row: OutgoingEmail, message: Message, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail for a row. Its Message-ID is derived from the row, so a mail sent twice can be recognised."""
    with identity.at(message.publisher):
        return _rendered(row, message, connection)


def _rendered(row: OutgoingEmail, message: Message, connection: BaseEmailBackend | None) -> EmailMultiAlternatives:
    who = identity.publisher(message.publisher)
    context = {**site(HttpRequest(), message.publisher), **message.context}
    email = EmailMultiAlternatives(
        subject=one_line(_fill(_subject_of(message, who), context, autoescape=False)),
        body=_fill(f"{message.name}.txt", context, autoescape=False).strip() + "\n",
        from_email=settings.RETURNS_TO or sender(who),  # of the envelope; the header says who writes
        to=[in_ascii(message.to)],
        reply_to=[in_ascii(message.reply_to or who.contact_email)],
        headers={
            **({"From": sender(who)} if settings.RETURNS_TO else {}),
            "Message-ID": message_id(row),
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday note need answer
            "X-Outbox-Id": str(row.pk),
            **message.headers,
        },
        connection=connection,
    )
    email.attach_alternative(_fill(f"{message.name}.html", context, autoescape=True), "text/html")
    email.encoding = SEVEN_BIT
    return email


def _subject_of(message: Message, who: identity.Identity) -> str:
    """Mail about what somebody signed or wrote names no cause there, where its publisher wants that (SAFETY F20)."""
    return "_quiet.subject.txt" if who.quiet_subjects and "staff" not in message.name else f"{message.name}.subject.txt"


def from_of(email: EmailMultiAlternatives) -> str:
    """Who writes, as the reader sees it; the envelope may say another address, for what can't be delivered."""
    return str(email.extra_headers.get("From", email.from_email))


def html_of(email: EmailMultiAlternatives) -> str:
    """The HTML part of a mail that `render` made."""
    content, _ = email.alternatives[0]
    return str(content)


def sender(who: identity.Identity | None = None) -> str:
    """The From address with the publisher's name before it; the site's first publisher unless `who` says another."""
    who = who or identity.publisher()
    return _sender(who.mail_from, who.name)[0]


def message_id(row: OutgoingEmail) -> str:
    """`<uuid of the row@domain of the site's sender>` (RFC 5322 3.6.4); no publisher's change gives a row another."""
    return f"<{row.uuid}@{_sender(settings.MAIL_FROM, '')[1]}>"


@lru_cache(maxsize=4)
def _sender(mail_from: str, site_name: str) -> tuple[str, str]:
    """The From header and its domain; the same for every mail, and long to work out."""
    name, address = parseaddr(mail_from)
    address = in_ascii(address)
    return formataddr((name or site_name, address)), address.rpartition("@")[2]


def one_line(text: str) -> str:
    """Header text without line breaks, which could start a header of the sender's choice."""
    return " ".join(text.split())


def _fill(name: str, context: dict, autoescape: bool) -> str:
    template = get_template(f"emails/{name}").template  # type: ignore[attr-defined]  # of Django's backend; the stubs say any backend
    return template.render(Context(context, autoescape=autoescape))
