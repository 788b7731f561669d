"""The columns that a list can have for us, and by which headings they are known in nine languages."""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.models import Brings


@dataclass(frozen=True)
class Column:
    """One of our columns: its name, what it is called, for which lists, and the headings that mean it, folded."""

    name: str
    label: str | Promise
    brings: frozenset[Brings]
    headings: frozenset[str]


def folded(heading: str) -> str:
    """A heading as it is compared: without accents, capitals and signs."""
    plain = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


_KNOWN: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "headings.toml").read_text())


def _column(name: str, label: str | Promise, brings: set[Brings]) -> Column:
    known = frozenset(folded(heading) for heading in _KNOWN[name])
    return Column(name, label, frozenset(brings), known | {folded(name)})


_PEOPLE, _NAMES, _BOTH = {Brings.PEOPLE}, {Brings.NAMES}, {Brings.PEOPLE, Brings.NAMES}
_GROUPS = {Brings.ORGANISATIONS}
COLUMNS = (
    _column("name", _("Full name"), _BOTH),
    _column("given_name", _("First name"), _BOTH),
    _column("family_name", _("Last name"), _BOTH),
    _column("email", _("Email address"), _PEOPLE),
    _column("signed_at", _("Date signed"), _BOTH),
    _column("show_name", _("Name may be shown"), _PEOPLE),
    _column("email_updates", _("Wants news"), _PEOPLE),
    _column("confirmed", _("Confirmed there"), _PEOPLE),
    _column("postcode", _("Postcode"), _PEOPLE),
    _column("country", _("Country"), _PEOPLE),
    _column("affiliation", _("Organisation or job"), _PEOPLE),
    _column("organisation", _("Organisation"), _GROUPS),
    _column("kind", _("Kind"), _GROUPS),
    _column("town", _("Town or area"), _GROUPS),
    _column("website", _("Website"), _GROUPS),
    _column("contact_name", _("Representative"), _GROUPS),
    _column("contact_role", _("Their role"), _GROUPS),
    _column("contact_email", _("Their email address"), _GROUPS),
    _column("agreed_on", _("Agreed on"), _GROUPS),
    _column("message", _("What they say"), _GROUPS),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}


def of(brings: str) -> list[Column]:
    """Our columns for lists of this kind."""
    return [column for column in COLUMNS if brings in column.brings]


def match(headings: Sequence[str], *, brings: str) -> dict[str, int]:
    """Which column of the list is which of ours, by its heading: our names to places from 0."""
    known = [folded(heading) for heading in headings]
    found: dict[str, int] = {}
    for column in of(brings):
        place = next((at for at, heading in enumerate(known) if heading in column.headings), None)
        if place is not None and place not in found.values():
            found[column.name] = place
    # "Nom" beside "Prénom" and "Nombre" beside "Apellido" are the two parts of a name, not the whole.
    if "given_name" in found and "family_name" in found:
        found.pop("name", None)
    return found


def suffices(columns: Mapping[str, int], *, brings: str) -> bool:
    """Whether a list that is matched so can be read at all."""
    if brings == Brings.ORGANISATIONS:
        return "organisation" in columns
    has_name = "name" in columns or "family_name" in columns or "given_name" in columns
    return has_name and (brings == Brings.NAMES or "email" in columns)
