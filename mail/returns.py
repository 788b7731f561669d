"""What comes back: mail that bounced and mail whose reader complained, so that a dead address is written to no more.

Who reports says which mail it was, by the Message-ID that only we, the servers on the way and the recipient know.
Anybody can write to a mailbox for returned mail; a report that names no mail of ours changes nothing.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, When
from django.db.models.functions import Now

from mail import kinds
from mail.models import Fate, OutgoingEmail, ReturnedMail, UnreachableMailbox

# RFC 3463: no such mailbox, no such system, bad syntax, moved without a new address, no mail at all there (RFC 7505);
# mailbox disabled. Once is enough. Others, such as a full mailbox or a policy, may pass.
GONE = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)")
IN_A_ROW = 3
APART = timedelta(days=30)  # what came back longer ago than that was over
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def status_in(words: str) -> str:
    """The first enhanced status code in what a server said, or an empty text."""
    found = STATUS.search(words)
    return found[0] if found else ""


@transaction.atomic
def came_back(*, uuid: UUID, fate: str, status: str = "", row: int | None = None) -> bool:
    """Write down what became of the mail with this uuid; False when there is none. Harmless to repeat.

    Its `row` finds it by the primary key; without that all mail of the last days is looked through.
    """
    mails = OutgoingEmail.objects.filter(uuid=uuid)
    return _told((mails.filter(pk=row) if row else mails).first(), fate, status)


@transaction.atomic
def refused(row: OutgoingEmail, words: str) -> None:
    """A server would not take this mail for ever; if it said that there is no such mailbox, news goes there no more."""
    status = status_in(words)
    if status.startswith(("5.1.", "5.2.")):
        _count(row.mailbox, Fate.BOUNCED, status)


def unreachable(keys: Iterable[bytes]) -> set[bytes]:
    """Those of the mailboxes, by their keyed hashes, that news goes to no more."""
    wanted = list(keys)
    if not wanted:
        return set()
    found = UnreachableMailbox.objects.filter(mailbox_key__in=wanted, is_dead=True)
    return {bytes(key) for key in found.values_list("mailbox_key", flat=True)}


def reached(keys: Iterable[bytes]) -> None:
    """Somebody answered a mail to these mailboxes (their keyed hashes), so what came back from there is over."""
    wanted = list(keys)
    if wanted:
        UnreachableMailbox.objects.filter(mailbox_key__in=wanted).delete()


def _told(mail: OutgoingEmail | None, fate: str, status: str) -> bool:
    if mail is None:
        return False
    _row, is_new = ReturnedMail.objects.get_or_create(mail=mail, defaults={"fate": fate, "status": status})
    if is_new:
        _count(mail.mailbox, fate, status)
        if fate == Fate.COMPLAINED:
            kinds.complained(mail)
    return True


def _count(key: bytes, fate: str, status: str) -> None:
    """One more; dead at once where nobody lives or who lives there complained, and after IN_A_ROW of anything, none of
    them APART from the one before."""
    is_over = fate == Fate.COMPLAINED or bool(GONE.fullmatch(status))
    known, values = UnreachableMailbox.objects.filter(mailbox_key=key), {"fate": fate, "status": status}
    # Two workers may learn at once of two mails to one mailbox.
    _row, is_first = known.get_or_create(mailbox_key=key, defaults={**values, "is_dead": is_over})
    if is_first:
        return
    again = Case(When(last_at__lt=Now() - APART, then=1), default=F("times") + 1)
    known.update(times=again, last_at=Now(), **values)
    dead = known if is_over else known.filter(times__gte=IN_A_ROW)
    dead.update(is_dead=True)
