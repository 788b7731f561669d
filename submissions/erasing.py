"""Erasing whatever one mailbox has here, at its owner's wish (GDPR Art. 17)."""

from django.db import transaction

from core import tombstones
from core.models import Tombstone
from submissions import decisions, holdings
from submissions.holdings import Mailbox


@transaction.atomic
def erase(mailbox: Mailbox) -> int:
    """Delete everything of the mailbox for good; returns how many things that were.

    What stays are keyed hashes: that nothing of it comes back by an import or from a backup, that it asked for no more
    mail, and what staff decided to keep a faker out. They name nobody and can't be turned back into an address.
    """
    decisions.lock(mailbox.mailbox_key)
    number = holdings.erase_all(mailbox)
    which = mailbox.address_key.hex() if mailbox.address_key else ""  # another spelling may be somebody else's
    tombstones.leave(Tombstone.Why.ERASED, kind=tombstones.EVERYTHING, subjects=[mailbox.mailbox_key], which=which)
    return number


@transaction.atomic
def erase_again(stone: tombstones.Stone) -> int:
    """The same of what a restored backup brought back; what came since stays."""
    mailbox = Mailbox(stone.subject, bytes.fromhex(stone.which) or None)
    decisions.lock(mailbox.mailbox_key)
    return holdings.erase_all(mailbox, made_until=stone.at)
