"""Holdings: what a mailbox has on this site, and its owner's rights over it; each app registers its own (SAFETY F9).

An app registers its kinds of things in `holding_kinds.py`. The page of a mailbox, the files it can take away, what
staff see when somebody writes a letter, and erasing are written once, over what a kind says here:

    @holdings.register
    class Signatures(holdings.Holding[Signature]): ...

The register (core/register.py) says of each column of those rows why it is there and until when.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import autodiscover_modules

from core import addresses
from core import register as personal
from core.forms import HouseForm
from submissions.kinds import Row, Words


@dataclass(frozen=True)
class Mailbox:
    """The owner: one address as typed, or, for staff, all spellings of a mailbox (None)."""

    mailbox_key: bytes
    address_key: bytes | None = None
    canonical: str = ""  # where it is known, which staff type

    @classmethod
    def of(cls, address: str, *, any_spelling: bool = False) -> "Mailbox":
        """That of an address as it was typed."""
        own = None if any_spelling else addresses.address_key(address)
        return cls(addresses.mailbox_key(address), own, addresses.canonical(address))

    @property
    def keys(self) -> Q:
        """Rows of it, of a table with both columns."""
        mine = Q(mailbox_key=self.mailbox_key)
        return mine if self.address_key is None else mine & Q(address_key=self.address_key)


@dataclass(frozen=True)
class Act:
    """One button: its label, the message when done, and the question if it asks first."""

    name: str
    label: Words
    said: Words
    asks: Words = ""


@dataclass(frozen=True)
class Item:
    """One thing as its page shows it. `state` is its status in words, `url` its public page."""

    pk: int
    title: Words
    state: Words
    facts: Sequence[Row]
    url: str = ""
    confirm_url: str = ""
    correct_url: str = ""  # where it is corrected, if not on this page
    acts: Sequence[Act] = ()
    can_correct: bool = False
    can_erase: bool = True
    language: str = ""


Of = TypeVar("Of", bound=Model)


class Holding(ABC, Generic[Of]):
    """One kind of thing that mailboxes have. `on_page`: its owner sees it on their page; all are in their files."""

    name: ClassVar[str]  # in links, such as `signature`
    heading: ClassVar[Words]
    one: ClassVar[Words]  # such as “Signature”
    on_page: ClassVar[bool] = True
    searched: ClassVar[str] = ""  # the column that staff look for a person's name in

    @abstractmethod
    def rows(self, mailbox: Mailbox) -> QuerySet[Of]:
        """The mailbox's things of this kind, in any order."""

    def shown(self, mailbox: Mailbox) -> QuerySet[Of]:
        """The rows that the page shows."""
        return self.rows(mailbox)

    def item(self, row: Of) -> Item:
        """A row as the page shows it; `register` sees to it that each kind `on_page` says more than this."""
        return Item(pk=row.pk, title=self.one, state="", facts=())

    def act(self, row: Of, name: str) -> bool:
        """Do what a button says; whether there was anything to do. Only what `item` offers gets here."""
        return False

    def form(self, row: Of, data: Mapping[str, Any] | None = None) -> HouseForm | None:
        """The form with which its owner can correct it, or None."""
        return None

    def correct(self, row: Of, form: HouseForm) -> Words:
        """Save a valid form; returns the message to show, empty when nothing could be done."""
        return ""

    @abstractmethod
    def erase(self, row: Of) -> None:
        """Delete it for good, leaving a tombstone where something could bring it back. Harmless to repeat."""

    def called(self, name: str) -> QuerySet[Of]:
        """For staff: rows of people whose name has this in it, whatever its accents (core/search.py)."""
        return self.rows(Mailbox(b"")).none()  # no name is kept

    def address_of(self, row: Of) -> str:
        """The address on a row that staff found by a name; empty for one that has none, such as a line on paper."""
        return ""

    def made_at(self, row: Of) -> datetime:
        """When its owner last agreed to it, or it was made: what was erased before, it outlives."""
        return row.created_at  # type: ignore[attr-defined]  # which nearly all have

    def find(self, mailbox: Mailbox, pk: int) -> Of | None:
        """One row of this mailbox that its page shows, and of no other."""
        return self.shown(mailbox).filter(pk=pk).first()


_holdings: dict[str, Holding] = {}


def register(holding: type[Holding]) -> type[Holding]:
    """Let pages and files know a kind; a class decorator.

    Raises ValueError for a name that is taken, and TypeError for a kind that lacks what its pages ask of it.
    """
    if holding.name in _holdings:
        raise ValueError(f"There is a holding {holding.name} already.")
    if holding.on_page and holding.item is Holding.item:
        raise TypeError(f"{holding.__name__} is on its owner's page: it needs `item`.")
    if holding.searched and holding.called is Holding.called:
        raise TypeError(f"{holding.__name__} is searched by a name: it needs `called`.")
    _holdings[holding.name] = holding()
    return holding


def everything() -> list[Holding]:
    """All kinds, in the order in which their apps are installed."""
    _load()
    return list(_holdings.values())


def named(name: str) -> Holding | None:
    """The kind of that name, if there is one."""
    _load()
    return _holdings.get(name)


@cache
def _load() -> None:
    autodiscover_modules("holding_kinds")


@dataclass(frozen=True)
class Told:
    """One column of one row for its owner: its value, why we have it, and until when."""

    column: str
    value: Any
    why: str
    until: str


@dataclass(frozen=True)
class Record:
    """One row with its columns, for its owner."""

    kind: str
    heading: Words
    columns: list[Told] = field(default_factory=list)


HIDDEN = "a keyed hash"


def records(mailbox: Mailbox) -> list[Record]:
    """All rows of all kinds with every column that is personal, as the register has it (GDPR Art. 15 and 20)."""
    return [
        Record(holding.name, holding.one, _told(row))
        for holding in everything()
        for row in holding.rows(mailbox).order_by("pk")
    ]


def _told(row: Model) -> list[Told]:
    entries = personal.columns_of(type(row))
    attributes = {column.name: column.attname for column in row._meta.concrete_fields}
    return [
        Told(name, _said(getattr(row, attributes[name])), entry.why, str(entry.until))
        for name, entry in entries.items()
        if entry != personal.NOT_PERSONAL and entry.whose != personal.Whose.STAFF
    ]


def _said(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, (bytes, memoryview)):
        return HIDDEN
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def erase_all(mailbox: Mailbox, *, made_until: datetime | None = None) -> int:
    """Delete all rows of all kinds for good, or those made until a time; returns how many.

    One kind after the other, in the caller's transaction.
    """
    rows = [(holding, row) for holding in everything() for row in holding.rows(mailbox).order_by("pk")]
    due = [(holding, row) for holding, row in rows if made_until is None or holding.made_at(row) <= made_until]
    for holding, row in due:
        holding.erase(row)
    return len(due)
