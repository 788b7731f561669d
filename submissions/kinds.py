"""The kinds of things people can agree to, each with its table, its sameness, and what agreeing does.

An app registers its kinds in `submission_kinds.py`. All of asking, mailing, showing and ending is written once, in this
app, over what a kind says here; docs/how-to/add-a-kind.md builds one step by step.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from submissions.models import Submission

Words = str | Promise


@dataclass(frozen=True)
class Row:
    """One line of what will be recorded: its label, and what was typed or chosen."""

    label: Words
    value: Words


@dataclass(frozen=True)
class Choice:
    """One way to agree: `value` is what the button sends, nothing for the only or the usual way."""

    label: Words
    value: str = ""


@dataclass(frozen=True)
class Details:
    """All that one submission says, for the page that asks to confirm it and for the page that waits."""

    rows: Sequence[Row]
    lead: Words = ""
    choices: Sequence[Choice] = ()
    template: str = ""  # how it will look to others, drawn from `shown`
    shown: dict[str, Any] = field(default_factory=dict)
    note: Words = ""


@dataclass(frozen=True)
class Agreed:
    """Result of agreeing: the row written, its state now, and the address its owner is led to."""

    result_id: int
    state: str
    url: str


Of = TypeVar("Of", bound=Submission)


class Kind(ABC, Generic[Of]):
    """One kind. SQL here is over `s`, the submission, and whatever `source` joins; it is never typed by anybody.

    `reachable` says whether the page it belongs to can be seen at all, `in_time` whether agreeing still counts (it may
    use `%(grace)s`), `superseded` whether a newer answer of the same mailbox has taken its place, `ends` until when
    agreeing counts if its mail goes out now. `statement`, `title`, `language` and `slug` say under what page it stands.
    """

    name: ClassVar[str]
    number: ClassVar[int]  # in links; never used again for another kind
    model: ClassVar[type[Submission]]
    label: ClassVar[Words]  # as mails list it, such as "Signature"
    heading: ClassVar[Words]  # over the page and the mail, such as "Confirm your signature"
    button: ClassVar[Words]  # such as "Confirm my signature"
    done: ClassVar[Words]  # what is said of one that was agreed to already
    mine: ClassVar[Words]  # the link to the page of what was agreed to, such as "See or change your signature"
    source: ClassVar[str]
    place: ClassVar[str]  # a SELECT of the columns `placed`: one row where it can be asked now, else none
    placed: ClassVar[Sequence[str]]
    reachable: ClassVar[str]
    in_time: ClassVar[str]
    superseded: ClassVar[str] = "false"
    ends: ClassVar[str] = "NULL::timestamptz"
    statement: ClassVar[str] = "st.id"
    title: ClassVar[str] = "st.title"
    language: ClassVar[str] = "st.language"
    slug: ClassVar[str] = "st.slug"
    publisher: ClassVar[str] = "st.publisher_id"  # the row id of whose mail asks to confirm it
    not_digested: ClassVar[Sequence[str]] = ()  # columns that are new for each post, though the same was typed

    @property
    def mail(self) -> str:
        """The kind of mail that asks to confirm it."""
        return f"{self.name}_confirm"

    @property
    def reminder(self) -> str:
        """The kind of mail that asks once more."""
        return f"{self.name}_reminder"

    @property
    def table(self) -> str:
        """Its table's name in SQL."""
        return self.model._meta.db_table

    @abstractmethod
    def details(self, submissions: Sequence[Of]) -> dict[int, Details]:
        """The content of each submission, by id; called once per page, for a reader who has proved the mailbox."""

    def typed(self, submissions: Sequence[Of]) -> dict[int, Details]:
        """The same for a reader who may only have typed the address: nothing from earlier submissions is shown."""
        return self.details(submissions)

    @abstractmethod
    def agree(self, submission_id: int, choice: str) -> Agreed | None:
        """Use the submission up, once, and write the row that counts.

        None when nothing was written: it is used up, ended or superseded, or it is too late. `choice` is one of what
        `details` offers.
        """

    @abstractmethod
    def url(self, result_id: int, *, is_reader: bool) -> str:
        """The page after agreeing, or nothing once the row is gone.

        `is_reader` says that whoever is led there has read the mailbox.
        """

    def needs_page(self, submission: Of) -> bool:
        """Whether a code is not enough because the confirm page has a choice to make or something to read."""
        return False


_kinds: dict[str, Kind] = {}


def register(kind: type[Kind]) -> type[Kind]:
    """Let the flow know a kind; a class decorator. Raises ValueError for a name or number that is taken."""
    made = kind()
    if any(known.name == made.name or known.number == made.number for known in _kinds.values()):
        raise ValueError(f"There is a kind {made.name} or number {made.number} already.")
    _kinds[made.name] = made
    _by_number.cache_clear()
    return kind


def unregister(kind: type[Kind]) -> None:
    """Forget a kind, for tests that made one up."""
    del _kinds[kind.name]
    _by_number.cache_clear()


def everything() -> list[Kind]:
    """All kinds, in the order of their numbers."""
    _load()
    return sorted(_kinds.values(), key=lambda kind: kind.number)


def named(name: str) -> Kind:
    """The kind of that name. Raises KeyError."""
    _load()
    return _kinds[name]


def numbered(number: int) -> Kind:
    """The kind of that number. Raises KeyError."""
    return _by_number()[number]


@cache
def _by_number() -> dict[int, Kind]:
    return {kind.number: kind for kind in everything()}


@cache
def _load() -> None:
    autodiscover_modules("submission_kinds")
