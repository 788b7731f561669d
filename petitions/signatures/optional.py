"""The one declaration of each question that a statement may ask its signers besides name and address.

The form, the statement in which agreeing happens, the confirm page, the signer's own page, the desk, the files, the
numbers by place, the register and imports take what they need from FIELDS; docs/how-to/add-a-field.md adds one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import countries
from core.sealed import Sealed
from core.text.boxes import TextBox
from core.text.kinds import ORGANISATION
from petitions.signatures.models import Signature
from petitions.statements.models import Statement

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str | Promise


def _said(value: Any) -> str:
    """An answer as its reader reads it."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value) or gettext("None")


@dataclass(frozen=True)
class OptionalField:
    """One optional question.

    `name` is the column of what was typed and of the signature (AskedColumns in models/people.py); `asked_if` the
    statement's switch. `label` stands before the answer wherever it is shown, `box` is how it is asked and cleaned, and
    is shared by all forms (docs/decisions/0022). `why` is the reason in the register. `said` puts an answer into words;
    `likely` is the answer that stands first in the box's list under a statement. `is_public`: everybody reads it beside
    a name that is shown. `stays`: it stays with the count when the signature is anonymised. `is_listed`: the desk
    filters by it; its column then needs an index with `id`. `area` makes of an answer the area that numbers by place
    count it under (places.py); None if it is no place.
    """

    name: str
    asked_if: str
    label: Words
    box: forms.Field
    why: str
    said: Callable[[Any], str] = _said
    likely: Callable[[Statement], str] | None = None
    is_public: bool = False
    stays: bool = False
    is_delivered: bool = True  # in the file that is handed in
    is_listed: bool = False
    area: Callable[[str], str] | None = None

    @property
    def is_choice(self) -> bool:
        """Whether it is a box to tick, and no text."""
        return isinstance(self.box, forms.BooleanField)

    @property
    def empty(self) -> str | bool:
        """The answer of who gave none."""
        return False if self.is_choice else ""

    @property
    def what(self) -> bytes:
        """What is bound to the answer where it rests encrypted (core/sealed.py); nothing where it doesn't."""
        column = Signature._meta.get_field(self.name)
        return column.what if isinstance(column, Sealed) else b""

    @property
    def empty_sql(self) -> str:
        """The same as SQL has it."""
        return "false" if self.is_choice else "''"


_BRITISH = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")


def postcode(typed: str) -> str:
    """A postcode of any country as it is compared: in capitals, with single blanks, a British one with its blank.

    BS 7666-2 has the forms of British ones.
    """
    tidy = " ".join(typed.upper().split())
    british = _BRITISH.fullmatch(tidy)
    return " ".join(british.groups()) if british else tidy


class PostcodeField(TextBox):
    """A postcode, kept as `postcode` has it."""

    def to_python(self, value: Any) -> str:
        """The postcode as it will be stored."""
        return postcode(super().to_python(value) or "")


def resting(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as SQL writes them: sealed where their column is."""
    columns = {name: Signature._meta.get_field(name) for name in answers}
    own = {name: column for name, column in columns.items() if isinstance(column, Sealed)}
    return {name: own[name].sealed(value) if name in own else value for name, value in answers.items()}


def area(code: str) -> str:
    """The area of a postcode as it is stored, under which numbers by place count it.

    One that begins with a letter names it before its blank: a British outward code (E1 6AN is in E1), a Canadian
    forward sortation area, an Irish routing key. Of others the first two digits are a region (10115: 10).
    """
    return code.partition(" ")[0][:4] if "A" <= code[:1] <= "Z" else code[:2]


def as_it_is(answer: str) -> str:
    """An answer that names an area itself."""
    return answer


FIELDS = (
    OptionalField(
        name="affiliation",
        asked_if="ask_affiliation",
        label=_("Organisation or job"),
        box=TextBox(
            kind=ORGANISATION,
            label=_("Organisation or job (optional)"),
            help_text=_("This signs for you, not for the organisation."),
            max_length=120,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        ),
        why="what they belong to, where the statement asks for it",
        is_public=True,
    ),
    OptionalField(
        name="personal_capacity",
        asked_if="ask_affiliation",
        label=_("In a personal capacity"),
        box=forms.BooleanField(label=_("I'm signing in a personal capacity"), required=False),
        why="that they speak for themselves only",
        is_public=True,
        stays=True,
    ),
    OptionalField(
        name="postcode",
        asked_if="ask_postcode",
        label=_("Postcode"),
        box=PostcodeField(
            label=_("Postcode (optional)"),
            help_text=_("Helps us show local support."),
            max_length=16,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        ),
        why="to tell the addressee where signers live, where the statement asks for it",
        area=area,
    ),
    OptionalField(
        name="country",
        asked_if="ask_country",
        label=_("Country"),
        box=countries.CountryField(
            label=_("Country (optional)"),
            help_text=_("Shows where support comes from."),
            required=False,
        ),
        why="to tell the addressee in which countries signers live, where the statement asks for it",
        said=lambda code: countries.name(code) or gettext("None"),
        likely=lambda statement: statement.likely_country,
        is_listed=True,
        area=as_it_is,
    ),
    OptionalField(
        name="keep_name",
        asked_if="ask_keep_name",
        label=_("Keep my name on the published statement"),
        box=forms.BooleanField(
            label=_("Keep my name on the published statement"),
            help_text=_("If your name is on the public list, it stays there after the statement has closed."),
            required=False,
        ),
        why="whether a name that is shown stays when everything else about its owner is forgotten",
        is_public=True,
        stays=True,
        is_delivered=False,
    ),
)
NAMES = tuple(field.name for field in FIELDS)
SWITCHES = tuple(dict.fromkeys(field.asked_if for field in FIELDS))


def asked(statement: Statement) -> list[OptionalField]:
    """The optional questions of this statement, in the order of its form."""
    return [field for field in FIELDS if getattr(statement, field.asked_if)]


def open_to(signature: Signature) -> list[OptionalField]:
    """The questions on a signer's own page: those asked now, and those they once answered."""
    now = asked(signature.statement)
    return [field for field in FIELDS if field in now or getattr(signature, field.name)]


def boxes() -> dict[str, forms.Field]:
    """The fields of a form that asks everything, by name."""
    return {field.name: field.box for field in FIELDS}


def complete(answers: Mapping[str, Any]) -> dict[str, Any]:
    """These answers by name, with an empty one where there is none. Raises TypeError for an unknown name."""
    if unknown := answers.keys() - set(NAMES):
        raise TypeError(f"No statement asks for {', '.join(sorted(unknown))}.")
    return {field.name: answers.get(field.name, field.empty) for field in FIELDS}


def cleaned(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with each answer cleaned as the form would; for imports.

    Raises django.core.exceptions.ValidationError for one that the form refuses.
    """
    return {field.name: field.box.clean(value) for field, value in zip(FIELDS, complete(answers).values(), strict=True)}
