"""A mail on the wire is the mail that Django would have written."""

import email
import email.policy

import pytest
from django.core.mail import EmailMultiAlternatives

from core.mail import wire

LONG = "Keep every one of our libraries, museums, swimming pools and youth clubs open until the next election, at least"


AMINA = "amina@example.org"
POST = "post@example.org"


def letter(subject="News", body="Hello", html="<p>Hello</p>", to=AMINA, sender=POST, **headers):
    headers = {"Message-ID": "<1@example.org>", "Auto-Submitted": "auto-generated", **headers}
    found = EmailMultiAlternatives(subject, body, sender, [to], reply_to=[POST], headers=headers)
    found.attach_alternative(html, "text/html")
    return found


def read(content):
    """What a mail program makes of it: headers, and parts with their types."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    headers = {name: str(value).strip() for name, value in message.items() if name not in {"Date", "Content-Type"}}
    parts = [(part.get_content_type(), part.get_content().rstrip()) for part in message.iter_parts()]
    assert message.defects == []
    return headers, message.get_content_type(), parts


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"subject": LONG},
        {"subject": f"Þóra’s “{LONG}” – 🎉 محمد"},
        {"subject": "محمد" * 30},
        {"subject": "x" * 300},
        {"body": "Grüße\n\n.\n..\nFrom here\n\ttabs  \n", "html": "<p>Grüße &amp; 🎉</p>"},
        {"body": "one\r\ntwo\nthree\rfour"},
        {"body": "x" * 5000, "html": f"<p>{'ü' * 5000}</p>"},
        {"to": "amina@dæmi.is"},
        {"sender": '"Campaign, Eastside" <post@example.org>'},
        {"sender": "=?utf-8?q?Gr=C3=BCne?= <post@example.org>"},
        {"List-Unsubscribe": f"<https://example.org/unsubscribe/{'x' * 200}/>, <mailto:unsubscribe@example.org>"},
    ],
)
def test_it_reads_as_what_django_writes(values):
    found = letter(**values)
    content = wire.octets(found)
    assert read(content) == read(found.message().as_bytes(linesep="\r\n"))
    assert max(map(len, content.split(b"\r\n"))) <= wire.LONGEST_LINE
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_envelope_has_bare_addresses():
    assert wire.envelope(letter(to="Amina+x@dæmi.is", sender="Eastside <post@grün.example>")) == (
        "post@xn--grn-ioa.example",
        "Amina+x@xn--dmi-yla.is",
    )


def test_a_long_subject_begins_on_its_own_line():
    (line,) = [line for line in wire.octets(letter(subject="ü" * 90)).split(b"\r\n") if line.startswith(b"Subject:")]
    assert len(line) > 40


@pytest.mark.parametrize("text", ["a\nBcc: eve@example.org", "a\rb", "a\r\n\r\nb", "a\0b"])
@pytest.mark.parametrize("where", ["subject", "to", "sender", "X-Other"])
def test_nothing_breaks_out_of_a_header(where, text):
    with pytest.raises(wire.UnsafeHeader):
        wire.octets(letter(**{where: text}))


def test_two_recipients_are_refused():
    found = letter()
    found.to.append("bo@example.org")
    with pytest.raises(ValueError, match="too many values"):
        wire.envelope(found)
