"""Columns that rest encrypted, so that a stolen copy of the database names nobody's mailbox.

AES-256-GCM (NIST SP 800-38D) under keys that stand in the environment and never in the database. What rests is

    4 bytes: which key · 12 bytes: a random nonce · the sealed text with its tag of 16 bytes

and of which kind of row and which column it is (`signature.mailbox`) is bound to it as associated data: bytes put into
another column, or the rows of another kind, are refused. A submission and what it becomes are of one kind, so that one
SQL statement carries a mailbox from one to the other without anybody unsealing it; so it does into mail, which takes
mailboxes of any kind (`AnyAddressField`) and has the keyed hash beside them to tell whether it is the right one. An
empty text rests empty, so that SQL can ask for it. Equal texts rest unlike each other: search and uniqueness go by
keyed hashes beside them (core/fields.py).
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.db import IntegrityError, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Exact, In, IsNull

from core import addresses
from core.addresses import LONGEST
from core.fields import AddressKeyField
from core.text import fields

NAME, NONCE, TAG = 4, 12, 16  # bytes
MAILBOX, POSTCODE, WORDS = b"mailbox", b"postcode", b"words"  # what follows the kind of row


class Unreadable(LookupError):
    """It can't be read, and its text says why."""


class NoKey(Unreadable):
    """It was sealed with a key that is not in the environment."""


class Changed(Unreadable):
    """It was changed in the database, or stands where it was not sealed for."""


NO_KEY = "the key that sealed it is neither HASH_SECRET nor in SEALING_KEYS. Put it back (docs/operating.md, section 2)"
CHANGED = "it was changed in the database, or stands where it was not sealed for"


def seal(text: str, what: bytes) -> bytes:
    """The text as it rests; `what` is the kind of row and the column (`Sealed.what`). An empty one stays empty."""
    return seal_bytes(text.encode(), what)


def seal_bytes(data: bytes, what: bytes) -> bytes:
    """The same for what is no text."""
    if not data:
        return b""
    name, cipher = _newest(_secrets())
    nonce = os.urandom(NONCE)
    return name + nonce + cipher.encrypt(nonce, data, what)


def unseal(sealed: bytes | memoryview, what: bytes, *others: bytes) -> str:
    """The text that rests there, sealed as `what` or one of the `others`. Raises Unreadable."""
    return unseal_bytes(sealed, what, *others).decode()


def unseal_bytes(sealed: bytes | memoryview, what: bytes, *others: bytes) -> bytes:
    """The same for what is no text. Raises Unreadable."""
    if not sealed:
        return b""
    given = bytes(sealed)
    cipher = _ciphers(_secrets()).get(given[:NAME])
    if cipher is None:
        raise NoKey(f"{what.decode()}: {NO_KEY}")
    for one in (what, *others):
        with contextlib.suppress(InvalidTag, ValueError):
            return cipher.decrypt(given[NAME : NAME + NONCE], given[NAME + NONCE :], one)
    raise Changed(f"{what.decode()}: {CHANGED}")


def newest_key() -> bytes:
    """The name of the key that seals now, with which every sealed text begins."""
    return _newest(_secrets())[0]


def _secrets() -> tuple[str, ...]:
    """The newest first. HASH_SECRET is the first there ever was, and never changes."""
    return (*settings.SEALING_KEYS, settings.HASH_SECRET)


@lru_cache(maxsize=4)
def _newest(secrets: tuple[str, ...]) -> tuple[bytes, AESGCM]:
    return next(iter(_ciphers(secrets).items()))


@lru_cache(maxsize=4)
def _ciphers(secrets: tuple[str, ...]) -> dict[bytes, AESGCM]:
    ciphers: dict[bytes, AESGCM] = {}
    for secret in secrets:
        key = hashlib.sha256(f"columns.{secret}".encode()).digest()
        ciphers.setdefault(hashlib.sha256(b"name of " + key).digest()[:NAME], AESGCM(key))
    return ciphers


def what_of(model: type[models.Model], column: str) -> bytes:
    """What is bound to the texts in this column, for SQL that bypasses the fields."""
    return _columns(model)[column]


@cache
def _columns(model: type[models.Model]) -> dict[str, bytes]:
    return {field.name: field.what for field in model._meta.concrete_fields if isinstance(field, Sealed)}


class Sealed(models.Field):
    """What sealed columns share: text in Python, bytes in the database, and no looking into it with SQL.

    `of` is the kind of row it is bound to; a submission's is that of what it becomes.
    """

    which: ClassVar[bytes]
    batch: ClassVar[int] = 1000  # rows that are sealed anew at once

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not self.of:
            found.append(checks.Error("Say of what kind of row this sealed column is: of=…", obj=self, id="core.E012"))
        return found

    @cached_property
    def what(self) -> bytes:
        """What is bound to each text in it."""
        return b"%s.%s" % (self.of.encode(), self.which)

    def unsealed(self, resting: bytes | memoryview) -> str:
        """The text that rests there. Raises Unreadable."""
        return unseal(resting, self.what)

    def resealed(self, resting: bytes | memoryview) -> bytes:
        """The same, under the newest key. Raises Unreadable."""
        return seal_bytes(found if isinstance(found := self.unsealed(resting), bytes) else found.encode(), self.what)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Nothing is ever written there as it was typed: its first byte would be a letter, its length shorter."""
        length = f"octet_length({connection.ops.quote_name(str(self.column))})"
        sealed = f"{length} > {NAME + NONCE + TAG}"
        return sealed if getattr(self, "filled", False) else f"({length} = 0 OR {sealed})"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """As it rests; bytes are sealed already."""
        value = value if prepared else self.get_prep_value(value)
        return self.sealed(value) if isinstance(value, str) else value

    def sealed(self, text: str) -> bytes:
        """The tidied text as it rests."""
        return seal(text, self.what)

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """The text again."""
        return value if value is None else self.unsealed(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only what bytes that differ each time can answer; Django refuses the others by name."""
        return _LOOKUPS.get(lookup_name)


class SealedAddressField(Sealed, fields.AddressField):
    """A mailbox that rests sealed. Looking for one goes by the keyed hash beside it (AddressKeyField), as typed.

    That it is one address the database can't see any more, so writing anything else is refused here, whoever writes.
    """

    which = MAILBOX

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            _mailboxes.setdefault(self.what)

    def sealed(self, text: str) -> bytes:
        """Raises IntegrityError, as the database did, for what is not one address or is too long."""
        is_one = _ONE.fullmatch(text) and len(text) <= (self.max_length or LONGEST)
        if not is_one and (text or self.filled):
            raise IntegrityError(f'{self.model._meta.db_table}.{self.column} violates check constraint "one address"')
        return super().sealed(text)


class AnyAddressField(SealedAddressField):
    """A mailbox that SQL brings here as it rested in a row of another kind. One that was changed reads as empty."""

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """The mailbox; one bad row of a batch must not stop the others."""
        with contextlib.suppress(Changed):
            return super().from_db_value(value)
        return ""

    def unsealed(self, resting: bytes | memoryview) -> str:
        """Of whatever kind it is."""
        return unseal(resting, self.what, *mailboxes())


_mailboxes: dict[bytes, None] = {}


def mailboxes() -> tuple[bytes, ...]:
    """What is bound to the mailboxes of each kind of row."""
    return tuple(_mailboxes)


class SealedLineField(Sealed, fields.LineField):
    """One line that rests sealed, such as what another program calls somebody."""

    which = b"line"


class SealedPostcodeField(Sealed, fields.LineField):
    """A postcode that rests sealed. Nobody looks for one; the worker counts them (petitions/signatures/places.py)."""

    which = POSTCODE


class SealedJSONField(Sealed, models.JSONField):
    """Facts about somebody that rest sealed as a whole. Nothing ([], {}, "") rests empty and is asked for as `None`."""

    which = WORDS

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """As it rests."""
        if value is None or isinstance(value, bytes):
            return value
        return self.sealed(json.dumps(value, ensure_ascii=False, cls=self.encoder) if value else "")

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """The same: JSON's null is none of ours."""
        return self.get_db_prep_value(value, connection)

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """The facts again; what is empty becomes what a new row has."""
        if value is None:
            return value
        return json.loads(self.unsealed(value)) if value else self.get_default()

    def get_lookup(self, lookup_name: str) -> Any:
        """`=[]` and `=None` say whether there is anything."""
        return _Nothing if lookup_name == "exact" else super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """Nobody looks into it."""
        return None


class SealedFileField(Sealed, models.BinaryField):
    """A piece of a file about people, up to a megabyte, that rests sealed: bytes in Python, too."""

    which, batch = b"file", 20

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """As it rests."""
        return value if value is None else seal_bytes(bytes(value), self.what)

    def unsealed(self, resting: bytes | memoryview) -> Any:
        """The bytes that rest there. Raises Unreadable."""
        return unseal_bytes(resting, self.what)


# As the database checked it: see ADDRESS in core/text/kinds.py.
_NOT = r"\s,;<>\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_ONE = re.compile(f"[^{_NOT}]+@[^{_NOT}@]+")


def _key_of(column: Any) -> Any:
    """The column with the keyed hashes of a sealed one."""
    field = column.target
    for one in field.model._meta.concrete_fields:
        if isinstance(one, AddressKeyField) and one.of == field.name:
            return column.__class__(column.alias, one)
    raise TypeError(f"There is no keyed hash beside {field}: nothing in it can be looked for.")


class _Same(Exact):
    """`email="…"`: by the keyed hash. `email=""`: whether there is one."""

    def get_prep_lookup(self) -> Any:
        if not isinstance(self.rhs, str):
            raise TypeError("Sealed columns differ each time: compare the keyed hashes beside them.")
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any, template: Any = None) -> Any:
        if not self.rhs:
            sql, values = compiler.compile(self.lhs)
            return f"octet_length({sql}) = 0", values
        sql, values = compiler.compile(_key_of(self.lhs))
        return f"{sql} = %s", [*values, addresses.address_key(self.rhs)]


class _AnyOf(In):
    """`email__in=[…]`."""

    def get_prep_lookup(self) -> Any:
        return list(self.rhs)

    def as_sql(self, compiler: Any, connection: Any, template: Any = None) -> Any:
        sql, values = compiler.compile(_key_of(self.lhs))
        return f"{sql} = ANY(%s)", [*values, [addresses.address_key(one) for one in self.rhs]]


class _Nothing(Exact):
    """`cells=[]`: whether anything rests there."""

    def get_prep_lookup(self) -> Any:
        if self.rhs:
            raise TypeError("Sealed facts differ each time: ask whether there are any.")
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any, template: Any = None) -> Any:
        sql, values = compiler.compile(self.lhs)
        return f"octet_length({sql}) = 0", values


_LOOKUPS: dict[str, Any] = {"exact": _Same, "in": _AnyOf, "isnull": IsNull}
