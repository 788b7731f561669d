"""Where lists come from: by what each is known, how its columns are matched, and what is odd about it.

The facts, and where they were read, are in docs/exchange/sources.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange import columns
from exchange.models import Brings

Headings = Sequence[str]


@dataclass(frozen=True)
class Source:
    """One place where lists come from. `places` are its columns where headings are translated; `never` are places whose
    cells are dropped before anything is stored; `remarks` are told to whoever brings the list in."""

    name: str
    label: str | Promise
    knows: Callable[[Headings, str], bool]
    brings: Brings = Brings.PEOPLE
    places: dict[str, int] = field(default_factory=dict)
    never: frozenset[int] = frozenset()
    remarks: tuple[str | Promise, ...] = ()


def _has(*names: str) -> Callable[[Headings, str], bool]:
    wanted = {columns.folded(name) for name in names}
    return lambda headings, encoding: wanted <= {columns.folded(heading) for heading in headings}


# ID, petition, honorific, first, last, email, address, city, state, postcode, country, seven own questions, opt-in,
# date, code, confirmed, message, language, IP address, anonymise: headings are in the site's language.
_SPEAKOUT = {"given_name": 3, "family_name": 4, "email": 5, "postcode": 9, "country": 10, "email_updates": 18,
             "signed_at": 19}  # fmt: skip
_SECRET = frozenset({20, 24})
_TIMESTAMP = columns.BY_NAME["signed_at"].headings

SOURCES = (
    Source(
        "speakout_old", _("SpeakOut (WordPress plugin, old version)"),
        lambda headings, encoding: columns.folded(headings[0]) == "signatureid" and len(headings) == 26,
        places=_SPEAKOUT, never=_SECRET,
        remarks=(
            _("This version of SpeakOut writes “Confirmed” for everybody, so nobody can tell who confirmed."),
            _("It sticks the word “Anonymise” to last names; it was taken off again. It doesn't tell whose name may be "
                "shown: show none unless you know."),
        ),
    ),
    Source(
        "speakout", _("SpeakOut (WordPress plugin)"),
        lambda headings, encoding: columns.folded(headings[0]) == "id" and len(headings) == 26,
        places={**_SPEAKOUT, "confirmed": 21}, never=_SECRET,
    ),
    Source(
        "pytition", "Pytition", _has("first_name", "last_name", "email", "subscribed_to_mailinglist", "confirmed"),
        remarks=(_("Pytition's list has no dates: say below when people signed."),),
    ),
    Source("eff", _("EFF Action Center"), _has("full_name", "email", "city", "state", "country_code")),
    Source(
        "change_org", "Change.org", _has("name", "city", "state_province", "country_code", "signed_at"),
        brings=Brings.NAMES,
        remarks=(_("Change.org gives no addresses, so nobody can be written to and these names are counted apart."),),
    ),
    Source("action_network", "Action Network", _has("email", "first_name", "last_name", "zip_code")),
    Source(
        "controlshift", "ControlShift", lambda headings, encoding: False,
        remarks=(_("ControlShift's columns differ from site to site: look at which column is which below."),),
    ),
    Source(
        "google_forms", "Google Forms",
        lambda headings, encoding: columns.folded(headings[0]) in _TIMESTAMP,
        remarks=(_("Google writes times in the form owner's own style and zone: look at the dates below."),),
    ),
)  # fmt: skip
ANY = Source("list", _("Any other list"), lambda headings, encoding: True)
WORDPRESS = Source("wordpress", _("WordPress export"), lambda headings, encoding: False, brings=Brings.COMMENTS)
PASTED = Source("pasted", _("A pasted list"), lambda headings, encoding: False)
ALL = {source.name: source for source in (*SOURCES, ANY, WORDPRESS, PASTED)}


def recognise(headings: Headings, encoding: str) -> Source:
    """Where a table with these headings comes from, as far as anybody can tell."""
    return next((source for source in SOURCES if headings and source.knows(headings, encoding)), ANY)


def matched(source: Source, headings: Headings, *, brings: str) -> dict[str, int]:
    """The default matching of its columns."""
    if source.places and brings == Brings.PEOPLE:
        return dict(source.places)
    return columns.match(headings, brings=brings)
