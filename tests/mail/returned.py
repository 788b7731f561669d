"""Reports as mail servers and providers send them, about one mail of ours."""

from mail.models import OutgoingEmail


def bounce(row: OutgoingEmail, *, action: str = "failed", status: str = "5.1.1", whole: bool = True) -> bytes:
    """A delivery status notification as Postfix writes it (RFC 3464), with the mail or its headers."""
    returned = "message/rfc822" if whole else "text/rfc822-headers"
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: returns@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="A1B2/mx.example.net"

This is a MIME-encapsulated message.

--A1B2/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--A1B2/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: A1B2
Arrival-Date: Thu,  8 Oct 2026 12:00:00 +0000 (UTC)

Final-Recipient: rfc822; amina@example.org
Original-Recipient: rfc822;amina@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 {status} <amina@example.org>: said so

--A1B2/mx.example.net
Content-Description: Undelivered Message
Content-Type: {returned}

{headers_of(row)}
--A1B2/mx.example.net--
""".replace("\n", "\r\n").encode()


def complaint(row: OutgoingEmail, feedback: str = "abuse") -> bytes:
    """A report of a reader who pressed "spam", as a provider's feedback loop sends it (RFC 5965)."""
    return f"""\
From: <feedback@provider.example>
To: <returns@example.org>
Subject: FW: Handed in
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: SomeGenerator/1.0
Version: 1

--part
Content-Type: message/rfc822
Content-Disposition: inline

{headers_of(row)}
--part--
""".replace("\n", "\r\n").encode()


def headers_of(row: OutgoingEmail) -> str:
    """The mail that is sent back: an unfolded Message-ID and a body."""
    return f"""\
From: Eastside Campaign <post@example.org>
To: amina@example.org
Subject: Handed in
Message-ID: <{row.uuid}@example.org>
X-Outbox-Id: {row.pk}

Words of ours.
"""
