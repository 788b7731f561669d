"""The register of personal columns: of each column of each model whose it is, why, until when, what erasing does.

An app declares its models in its `personal.py`, beside them:

    register(Signature, {
        "name": Personal(Whose.SIGNATORY, "who signed", AFTER_CLOSING, Erase.EMPTY),
    }, rest="statement version state")

`rest` are the columns that are nobody's. A column of ours with no entry fails the build, and so does an entry that
names no column (`manage.py check`). What core/retention.py forgets by the clock is proved against it, and
`manage.py personal` prints it (docs/personal-data.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import register as check
from django.db.models import Model
from django.utils.module_loading import autodiscover_modules


class Whose(StrEnum):
    """Whose data a column holds. ASKER is a placeholder in abstract models, replaced by their concrete ones."""

    ASKER = "whoever asks"
    SIGNATORY = "signatory"
    REPRESENTATIVE = "representative"
    COMMENTER = "commenter"
    READER = "reader"
    VISITOR = "who comes to an event"
    MAILBOX = "owner of the mailbox"
    FOLLOWER = "who follows in the fediverse"
    STAFF = "staff"
    NETWORK = "visitor's network"
    NOBODY = "nobody"


class Erase(StrEnum):
    """The effect of erasing on a column, by the clock or at a person's request."""

    DELETE = "the row is deleted"
    EMPTY = "emptied"
    KEEP_HASH = "a keyed hash stays"
    KEEP = "stays"


@dataclass(frozen=True)
class Until:
    """How long a column is kept, in words; each `{}` is replaced by a setting that it follows, in days."""

    words: str
    settings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.words.format(*(f"{getattr(settings, name)} days" for name in self.settings))


@dataclass(frozen=True)
class Personal:
    """One column with personal data."""

    whose: Whose
    why: str
    until: Until
    erase: Erase


NOT_PERSONAL = Personal(Whose.NOBODY, "", Until(""), Erase.KEEP)
Columns = dict[str, Personal]
_declared: dict[type[Model], Columns] = {}
_askers: dict[type[Model], Whose] = {}


def register(
    model: type[Model], columns: Mapping[str, Personal] | None = None, *, rest: str = "", asker: Whose | None = None
) -> None:
    """Declare a model's columns: `columns` by the field's name, and in `rest`, with blanks between, those of nobody.

    What an abstract model declared stands for all that inherit from it; `asker` says who ASKER is in this one. A key
    that numbers rows (`id`) says nothing and needs no entry. Raises ValueError for a column that is declared twice.
    """
    personal, impersonal = dict(columns or {}), rest.split()
    if model in _declared or personal.keys() & set(impersonal) or len(set(impersonal)) < len(impersonal):
        raise ValueError(f"{model._meta.label} or one of its columns is declared twice.")
    _declared[model] = personal | dict.fromkeys(impersonal, NOT_PERSONAL)
    if asker:
        _askers[model] = asker


def columns_of(model: type[Model]) -> Columns:
    """The entries of a model, its own and those it inherits, in the order of its columns."""
    _load()
    asker = _askers.get(model, Whose.ASKER)
    known: Columns = {}
    for base in reversed(model.__mro__):
        known |= _declared.get(base, {})
    found = {name: known.pop(name) for name in _columns(model) if name in known}
    return {
        name: replace(entry, whose=asker) if entry.whose == Whose.ASKER else entry
        for name, entry in (found | known).items()
    }


def everything() -> list[tuple[type[Model], Columns]]:
    """Every model, ours and of the packages that are installed, with its entries."""
    _load()
    return [(model, columns_of(model)) for model in apps.get_models() if _is_table(model)]


def personal_columns() -> Iterator[tuple[type[Model], str, Personal]]:
    """Every personal column of every model."""
    for model, columns in everything():
        yield from ((model, name, entry) for name, entry in columns.items() if entry != NOT_PERSONAL)


def mistakes_of(model: type[Model]) -> list[CheckMessage]:
    """An error for each column without an entry, and for each entry without a column."""
    known, there = columns_of(model), _columns(model)
    hint = f"Declare it in {model.__module__.partition('.')[0]}/personal.py (core/register.py)."
    missing = [name for name in there if name not in known and not _is_row_number(model, name)]
    return [
        *(Error(f"{name} has no entry in the register.", hint, obj=model, id="core.E010") for name in missing),
        *(
            Error(f"The register names {name}, which is no column.", hint, obj=model, id="core.E011")
            for name in known
            if name not in there
        ),
    ]


@check()
def every_column_is_declared(**kwargs: Any) -> list[CheckMessage]:
    """The checks of the register for `manage.py check`."""
    return [mistake for model, _ in everything() for mistake in mistakes_of(model)]


@cache
def _load() -> None:
    autodiscover_modules("personal")


def _columns(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.local_concrete_fields]


def _is_row_number(model: type[Model], name: str) -> bool:
    return model._meta.pk.name == name == "id"


def _is_table(model: type[Model]) -> bool:
    """Whether it has rows of its own: not one that a test makes up, nor a view of another one's."""
    return model._meta.managed and not model._meta.proxy and not model.__module__.startswith("tests.")
