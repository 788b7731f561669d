"""Personal columns of this app."""

from core.register import Erase, Personal, Until, Whose, register
from mail.models import (
    AllowedHost,
    OutgoingEmail,
    OutgoingRequest,
    ReturnedMail,
    Suppression,
    UnreachableMailbox,
    WorkerHeartbeat,
)

SENT = Until("{} after it was sent, skipped or given up", ("SENT_MAIL_DAYS",))


def mailbox(why: str) -> Personal:
    """A column of a mail, which goes as a whole."""
    return Personal(Whose.MAILBOX, why, SENT, Erase.DELETE)


register(
    OutgoingEmail,
    {
        "kind": mailbox("what the mail is about"),
        "recipient": mailbox("to send it there"),
        "recipient_key": mailbox("keyed hash: no spelling of a mailbox gets more mail than another"),
        "address_key": mailbox("keyed hash of the address: its spellings take turns"),
        "context": mailbox("the numbers of the rows that it tells about; it is written as it is sent"),
        "outcome": mailbox("what the mail server answered, which may name the address"),
        "created_at": mailbox("to count how often a mailbox is written to"),
        "finished_at": mailbox("to know when to forget it"),
    },
    rest="lane uuid state attempts due_at claimed_until",
)
register(WorkerHeartbeat, rest="name beat_at")
UNTIL_LIFTED = Until("until its owner lifts it on their own page")
register(
    Suppression,
    {
        "mailbox_key": Personal(
            Whose.MAILBOX, "to keep a promise: never to write there again", UNTIL_LIFTED, Erase.KEEP_HASH
        ),
        "created_at": Personal(Whose.MAILBOX, "since when", UNTIL_LIFTED, Erase.KEEP),
    },
)
WITH_MAIL = Until("as long as that mail")


def told(why: str) -> Personal:
    """A column about a mail that came back, which goes with the mail."""
    return Personal(Whose.MAILBOX, why, WITH_MAIL, Erase.DELETE)


register(
    ReturnedMail,
    {
        "mail": told("which mail it was"),
        "fate": told("that it came back, or that its reader reported it"),
        "status": told("why, as a code"),
        "told_at": told("when we were told"),
    },
)
CAME_BACK = Until("{} after the last time; the first answer from there ends it", ("UNREACHABLE_DAYS",))


def came_back(why: str) -> Personal:
    """A column about a mailbox that mail came back from."""
    return Personal(Whose.MAILBOX, why, CAME_BACK, Erase.DELETE)


register(
    UnreachableMailbox,
    {
        "mailbox_key": came_back("keyed hash: no news to a mailbox that is gone, or whose owner reported it"),
        "fate": came_back("whether mail came back or was reported"),
        "status": came_back("why, as a code"),
        "times": came_back("how often in a row"),
        "is_dead": came_back("whether news goes there"),
        "since": came_back("since when"),
        "last_at": came_back("when it was last so, to know when to forget it"),
    },
)
ASKED = Until("{} after it was answered, skipped or given up", ("OUTBOUND_LOG_DAYS",))
register(
    OutgoingRequest,
    {
        "context": Personal(Whose.MAILBOX, "the numbers of the rows that it is about", ASKED, Erase.DELETE),
        "once": Personal(Whose.MAILBOX, "the number of the row that it is about, to ask once", ASKED, Erase.DELETE),
        "sequence": Personal(Whose.MAILBOX, "the number of what it follows, to keep the order", ASKED, Erase.DELETE),
    },
    rest="kind host uuid status took_ms state attempts created_at due_at claimed_until finished_at outcome",
)
LISTED = Until("as long as the host is on the list")
register(
    AllowedHost,
    {
        "added_by": Personal(Whose.STAFF, "who allowed it", LISTED, Erase.EMPTY),
        "why": Personal(Whose.STAFF, "the reason that they gave", LISTED, Erase.DELETE),
        "added_at": Personal(Whose.STAFF, "when they did", LISTED, Erase.DELETE),
    },
    rest="host",
)
