"""What is said to a mail server for one mail, in as few journeys as it allows.

`smtplib` waits for the answer to each command, four times a mail. A server that says PIPELINING takes all but the mail
itself at once (RFC 2920); that is two journeys, and half the work for both ends.
"""

import contextlib
import re
import smtplib

GOING_AWAY = 421  # RFC 5321 4.2.3: the server closes the connection
PLAIN = re.compile(r"[!-;=?-~]+")  # ASCII without spaces and angle brackets


def send(server: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    """Hand one mail over on an open connection: bare addresses, and the mail's octets, which end with CRLF.

    Raises what `smtplib.SMTP.sendmail` raises, with SMTPRecipientsRefused for one recipient. The connection is then
    ready for the next mail, or closed.
    """
    server.ehlo_or_helo_if_needed()
    if server.has_extn("pipelining") and PLAIN.fullmatch(sender) and PLAIN.fullmatch(recipient):
        _all_at_once(server, sender, recipient, content)
    else:
        server.sendmail(sender, recipient, content)


def _all_at_once(server: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    size = f" SIZE={len(content)}" if server.has_extn("size") else ""
    server.send(f"MAIL FROM:<{sender}>{size}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
    said = server.getreply()
    if said[0] != 250:
        _refused(server, smtplib.SMTPSenderRefused(*said, sender), said[0], unread=2)
    said = server.getreply()
    if said[0] not in {250, 251}:
        _refused(server, smtplib.SMTPRecipientsRefused({recipient: said}), said[0], unread=1)
    _accepted(server, 354)
    server.send(_stuffed(content))
    _accepted(server, 250)


def _accepted(server: smtplib.SMTP, code: int) -> None:
    said = server.getreply()
    if said[0] != code:
        _refused(server, smtplib.SMTPDataError(*said), said[0])


def _stuffed(content: bytes) -> bytes:
    """With its dots doubled where a line begins with one, and the dot that ends it (RFC 5321 4.5.2)."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _refused(server: smtplib.SMTP, error: smtplib.SMTPException, code: int, unread: int = 0) -> None:
    """Raise `error` when the conversation is where the next mail can begin, or is over.

    The server answers also what was said in the same breath. One that then still waits for a mail gets none, but the
    dot that it waits for (RFC 2920 3.1). One that has hung up is found gone by whoever speaks to it next.
    """
    if code == GOING_AWAY:
        server.close()
        raise error
    with contextlib.suppress(smtplib.SMTPServerDisconnected):
        last = [server.getreply()[0] for _ in range(unread)][-1:]
        if last == [354]:
            server.send(b".\r\n")
            server.getreply()
        server.rset()
    raise error
