"""A mail as it goes over the wire (RFC 5322, RFC 2046), for SMTP.

Python's email package and Django's checks around it take longer for one mail than rendering it and sending it together.
Our mails have one shape, so writing it down is short; a test holds it against what Django writes.
"""

import quopri
import re
import secrets
from email.header import Header
from email.utils import formatdate

from django.core.mail import EmailMultiAlternatives

from core.addresses import in_ascii

LONGEST_LINE = 998  # octets, RFC 5322 2.1.1
LINE_END = re.compile(r"\r\n|\r|\n")


class UnsafeHeader(ValueError):
    """A header's text would break out of its line."""


def envelope(email: EmailMultiAlternatives) -> tuple[str, str]:
    """The addresses of sender and recipient as a mail server takes them, the domain in ASCII."""
    sender = email.from_email.rpartition("<")[2].rstrip(">")
    (recipient,) = email.to
    return in_ascii(sender), in_ascii(recipient)


def octets(email: EmailMultiAlternatives) -> bytes:
    """The whole mail: its headers, then its text, then its HTML. Raises UnsafeHeader."""
    boundary = f"={secrets.token_hex(10)}="  # nobody can have written it into a part; longer, it would be folded
    (html,) = (content for content, kind in email.alternatives if kind == "text/html")
    headers = {
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
        "Subject": email.subject,
        "From": email.from_email,
        "To": in_ascii(email.to[0]),
        "Reply-To": ", ".join(email.reply_to),
        "Date": formatdate(),
        **email.extra_headers,
    }
    parts = [_part("plain", email.body), _part("html", html)]
    divide = f"--{boundary}".encode()
    head = "\r\n".join(_header(name, value) for name, value in headers.items()).encode("ascii")
    return b"\r\n".join([head, b"", divide, parts[0], divide, parts[1], divide + b"--", b""])


def _header(name: str, value: str) -> str:
    if any(character in value for character in "\r\n\0"):
        raise UnsafeHeader(name)
    if value.isascii() and len(name) + len(value) < 76:
        return f"{name}: {value}"
    charset = "us-ascii" if value.isascii() else "utf-8"
    folded = Header(value, charset, header_name=name).encode(linesep="\r\n")
    return f"{name}: {folded}"


def _part(kind: str, content: str) -> bytes:
    body = LINE_END.sub("\r\n", content).encode()
    coding = "8bit" if not content.isascii() else "7bit"
    if max(map(len, body.split(b"\r\n"))) > LONGEST_LINE:
        body, coding = quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"), "quoted-printable"
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {coding}\r\n\r\n'
    return head.encode() + body
