"""Mailboxes whose owners asked never to be written to again, kept as keyed hashes only."""

from collections.abc import Iterable

from core.addresses import mailbox_key
from mail.models import Suppression


def suppress(address: str) -> None:
    """Never write to `address` again, in whatever spelling. Harmless to repeat."""
    suppress_key(mailbox_key(address))


def suppress_key(key: bytes) -> None:
    """The same for who knows only the key of the mailbox (core/addresses.py)."""
    Suppression.objects.get_or_create(mailbox_key=key)


def lift(key: bytes) -> bool:
    """Write to this mailbox again, as its owner asked on their own page; whether it had asked for silence."""
    return bool(Suppression.objects.filter(mailbox_key=key).delete()[0])


def suppressed(canonical: Iterable[str]) -> set[str]:
    """Those of the canonical addresses that asked for silence."""
    by_key = {mailbox_key(address): address for address in canonical}
    found = Suppression.objects.filter(mailbox_key__in=list(by_key)).values_list("mailbox_key", flat=True)
    return {by_key[bytes(key)] for key in found}
