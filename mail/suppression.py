"""Mailboxes whose owners asked never to be written to again, kept as keyed hashes only."""

from collections.abc import Iterable

from django.db import transaction

from core import tombstones
from core.addresses import mailbox_key
from core.models import Tombstone
from mail.models import Suppression

KIND = "mail"
Why = Tombstone.Why


def suppress(address: str) -> None:
    """Never write to `address` again, in whatever spelling. Harmless to repeat."""
    suppress_key(mailbox_key(address))


@transaction.atomic
def suppress_key(key: bytes) -> None:
    """The same for who knows only the key of the mailbox (core/addresses.py)."""
    _row, is_new = Suppression.objects.get_or_create(mailbox_key=key)
    if is_new:
        tombstones.leave(Why.SUPPRESSED, kind=KIND, subjects=[key])


@transaction.atomic
def lift(key: bytes) -> bool:
    """Write to this mailbox again, as its owner asked on their own page; whether it had asked for silence."""
    had_asked = bool(Suppression.objects.filter(mailbox_key=key).delete()[0])
    if had_asked:
        tombstones.leave(Why.LIFTED, kind=KIND, subjects=[key])
    return had_asked


def suppressed(keys: Iterable[bytes]) -> set[bytes]:
    """Those of the mailboxes, by their keyed hashes, that asked for silence."""
    found = Suppression.objects.filter(mailbox_key__in=list(keys)).values_list("mailbox_key", flat=True)
    return {bytes(key) for key in found}
