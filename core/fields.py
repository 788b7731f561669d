"""Columns that hold a keyed hash of an address instead of the address (core/addresses.py)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

from core import addresses


class KeyField(models.BinaryField):
    """16 bytes made of the address in the column `of` whenever a row is saved; an emptied address leaves them."""

    make: Callable[[str], bytes]

    def __init__(self, of: str = "email", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", addresses.KEY_BYTES)
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"of": self.of} if self.of != "email" else {})

    def pre_save(self, instance: models.Model, add: bool) -> bytes | None:
        address = getattr(instance, self.of)
        if address and isinstance(address, str):  # the database's own default is no address
            setattr(instance, self.attname, type(self).make(address))
        return getattr(instance, self.attname)


class AddressKeyField(KeyField):
    """Of the address as it was typed, case-folded: who may see and renew."""

    make = staticmethod(addresses.address_key)


class MailboxKeyField(KeyField):
    """Of the canonical address: who counts, and how often we write."""

    make = staticmethod(addresses.mailbox_key)


class DomainKeyField(KeyField):
    """Of what stands after the @."""

    make = staticmethod(addresses.domain_key)
