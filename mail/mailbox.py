"""Reading the mailbox for returned mail (RETURNS_URL) by IMAP: reports that were understood are deleted there.

What else lies there – answers of people, holiday notes – is marked as read and stays, for a person to look at.
"""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Protocol

from mail import reports, returns

SECONDS = 10
MOST = 200  # in one look
LONGEST_BYTES = 1_000_000
AWAY = (OSError, imaplib.IMAP4.error)  # IMAP4.abort is one of the latter


@dataclass(frozen=True)
class Looked:
    """How many unread mails lay there, and how many of them were reports about mail of ours."""

    found: int
    understood: int


class Place(Protocol):
    """Where the mailbox is, as the environment says (undersigned/environment/mail.py)."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def is_encrypted(self) -> bool: ...


def look(there: Place) -> Looked:
    """Read what is unread. Raises one of AWAY when the server doesn't answer or lets us not in."""
    found = understood = 0
    with _opened(there) as box:
        for number, raw in _unread(box):
            found += 1
            report = reports.read(raw)
            is_ours = report is not None and returns.came_back(**asdict(report))
            box.uid("STORE", number, "+FLAGS", r"(\Seen \Deleted)" if is_ours else r"(\Seen)")
            understood += is_ours
        if understood:
            box.expunge()
    return Looked(found, understood)


@contextmanager
def _opened(there: Place) -> Iterator[imaplib.IMAP4]:
    box: imaplib.IMAP4
    if there.is_encrypted:
        trusted = ssl.create_default_context()
        box = imaplib.IMAP4_SSL(there.host, there.port, ssl_context=trusted, timeout=SECONDS)
    else:
        box = imaplib.IMAP4(there.host, there.port, timeout=SECONDS)
    try:
        box.login(there.user, there.password)
        answer, _said = box.select(f'"{there.folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {there.folder}")
        yield box
    finally:
        with suppress(*AWAY):
            box.logout()


def _unread(box: imaplib.IMAP4) -> Iterator[tuple[str, bytes]]:
    _answer, listed = box.uid("SEARCH", "UNSEEN", "SMALLER", str(LONGEST_BYTES))
    for number in (listed[0] or b"").split()[:MOST]:
        uid = number.decode()
        _answer, fetched = box.uid("FETCH", uid, "(BODY.PEEK[])")
        for one in fetched:
            if isinstance(one, tuple):
                yield uid, one[1]
