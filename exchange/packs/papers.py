"""The papers of a pack: what is said of the statement, and the names volume by volume, as PDF.

The Word documents (word.py) are drawn from the same parts, so that they can't tell different things.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import paper, qr
from exchange.models import Pack
from exchange.packs import collecting
from exchange.packs.collecting import ANSWERS
from organisations.models import Endorsement, Kind
from petitions.models import Statement
from petitions.signatures import notable
from petitions.statements import sharing
from publishers.documents.parts import Heading, Part, Points, Table, Words

_KINDS = dict(Kind.choices)


def address(pack: Pack) -> str:
    """The page on which anybody can prove the pack."""
    return sharing.whole(pack.statement, reverse("pack", args=[pack.statement.slug, pack.code]))


def front(pack: Pack) -> dict[str, Any]:
    """All that stands before the names, as the template of the PDF takes it."""
    statement, facts = pack.statement, pack.facts
    version, proof = statement.version, address(pack)
    return {
        "author": statement.who.name,
        "accent": statement.who.accent,
        "title": statement.title,
        "heading": paper.breakable(statement.title),
        "language": collecting.language_of(statement),
        "dir": statement.direction,
        "kind": _("Handed over by %(publisher)s") % {"publisher": statement.who.name},
        "addressed_to": _("To: %(whom)s") % {"whom": statement.addressed_to} if statement.addressed_to else "",
        "numbers": _numbers(facts["numbers"]),
        "qr": qr.svg(proof),
        "address": proof,
        "short": proof.partition("://")[2],
        "code_words": _("Prove this pack"),
        "before": [part.data() for part in _before(pack)],
        "text_heading": _("The text that people signed"),
        "body": paper.tree(version.body if version else ""),
        "after": [part.data() for part in _after(pack)],
        "foot": _foot(pack),
    }


def _foot(pack: Pack) -> str:
    made = parse_datetime(pack.facts["made_at"])
    return f"{pack.statement.title} · {formats.date_format(made, 'j F Y H:i') if made else ''}"


def _numbers(numbers: dict[str, int]) -> list[tuple[str, str]]:
    people, organisations = numbers["people"], numbers["organisations"]
    found = [
        (people, ngettext("person", "people", people)),
        (organisations, ngettext("organisation", "organisations", organisations)),
        (numbers["paper"], _("names on paper, counted apart")),
        (numbers["brought_in"], _("people who signed elsewhere, counted apart")),
        (numbers["names_only"], _("names without an address, counted apart")),
    ]
    return [(f"{number:,}", words) for number, words in found if number or words == found[0][1]]


def _before(pack: Pack) -> list[Part]:
    statement = pack.statement
    asks = _("%(publisher)s asks %(whom)s.") if statement.addressed_to else _("%(publisher)s publishes it.")
    said = {"publisher": statement.who.name, "whom": statement.addressed_to}
    parts: list[Part] = [Heading(_("Who asks whom")), Words(asks % said)]
    if statement.summary:
        parts.append(Words(statement.summary))
    responsible = _("Responsible for the names: %(who)s. Contact: %(contact)s.")
    contact = statement.contact_email or statement.who.contact_email
    parts.append(Words(responsible % {"who": statement.who.legal_name, "contact": contact}))
    return parts


def _after(pack: Pack) -> list[Part]:
    facts = pack.facts
    numbers = facts["numbers"]
    versions = [
        (str(one["number"]), one["published_at"][:10], f"{one['signed']:,}", one["sha256"]) for one in facts["versions"]
    ]
    head = [_("Version"), _("Published"), _("Signed by"), "SHA-256"]
    parts: list[Part] = [
        Table(_("Versions of the text"), head, versions, (1, 1.6, 1.2, 5)),
        Words(
            _("A published version never changes. The SHA-256 changes with every letter of title, addressee and text.")
        ),
        Heading(_("How signatures were counted")),
        Points([*_method(numbers)]),
        Heading(_("Numbers by day")),
        Table(_("Days on which somebody agreed"), [_("Day"), _("People"), _("Signed elsewhere")], _days(facts["days"])),
    ]
    parts += _organisations(pack.statement)
    parts += _first_names(pack.statement)
    return [*parts, *_certificate(pack)]


def _method(numbers: dict[str, int]) -> Iterable[str]:
    yield _(
        "Everybody filled in a form and agreed through a message to their own mailbox. Who did not agree isn't counted."
    )
    yield _("One person counts once: the database allows one signature of a mailbox, or two where two people share it.")
    yield _(
        "%(shown)s people allowed that their names are shown and handed over; they are in the volumes of names."
    ) % {"shown": f"{numbers['shown']:,}"}
    yield _("%(private)s people count and keep their names to themselves. They are in the numbers alone.") % {
        "private": f"{numbers['private']:,}"
    }
    yield _("%(removed)s were removed after a look, and are not in any number above.") % {
        "removed": f"{numbers['removed']:,}"
    }
    if numbers["paper"]:
        yield _(
            "%(paper)s names on paper were typed in from sheets. They are counted apart and listed on the sheets."
        ) % {"paper": f"{numbers['paper']:,}"}
    if numbers["brought_in"] or numbers["names_only"]:
        yield _("Who signed on another site was brought in from there and is counted apart: they did not agree here.")


def _days(days: list[list[Any]]) -> list[tuple[str, str, str]]:
    return [(day, f"{people:,}", f"{brought_in:,}" if brought_in else "") for day, people, brought_in in days] or [
        ("–", "0", "")
    ]


def _organisations(statement: Statement) -> list[Part]:
    rows = Endorsement.objects.listed().filter(statement=statement).select_related("organisation")
    found = rows.order_by("-is_initial", "organisation__sort_key", "organisation_id")
    if not found:
        return []
    table = [
        (one.organisation.name, str(_KINDS[one.organisation.kind]), one.organisation.town,
         one.listed_at.date().isoformat() if one.listed_at else "")
        for one in found if one.organisation
    ]  # fmt: skip
    head = [_("Organisation"), _("Kind"), _("Town"), _("Since")]
    return [Heading(_("Organisations")), Table(_("They endorse it"), head, table, (3, 1.6, 1.4, 1.2))]


def _first_names(statement: Statement) -> list[Part]:
    names = [_named(name, affiliation, personal) for name, affiliation, personal in notable.of(statement.pk)]
    return [Heading(_("Among those who signed")), Points(names)] if names else []


def _named(name: str, affiliation: str, in_person: bool) -> str:
    words = f"{name}, {affiliation}" if affiliation else name
    return f"{words} ({_('in a personal capacity')})" if affiliation and in_person else words


def _certificate(pack: Pack) -> list[Part]:
    facts = pack.facts
    rows = [
        (_("Made at"), facts["made_at"]),
        (_("Statement"), facts["statement"]["address"]),
        (_("Its number for ever"), facts["statement"]["id"]),
    ]
    if facts["record"]:
        rows.append((_("Newest line of the record"), f"{facts['record']['line']:,}"))
        rows.append((_("SHA-256 of that line"), facts["record"]["sha256"]))
    if facts.get("proof"):
        rows.append((_("Proof of the count, day"), f"{facts['proof']['day']} ({facts['proof']['size']:,})"))
        rows.append((_("Its root"), facts["proof"]["root"]))
    rows.append((_("Volumes of names"), f"{facts['names']['volumes']:,}"))
    proves = _("The site writes down who did what. Each line of that record is chained to the one before by a hash.")
    return [
        Heading(_("Certificate")),
        Words(proves),
        Table(_("As it was then"), [_("What"), _("Says")], rows, (1.4, 4)),
    ]


def pdf(pack: Pack) -> bytes:
    """All that stands before the names, as tagged PDF."""
    return paper.pdf_apart("exchange/pack.typ", front(pack))


def volume(pack: Pack, number: int, rows: list[list[Any]]) -> dict[str, Any]:
    first = (number - 1) * collecting.VOLUME
    of = {"number": number, "all": pack.facts["names"]["volumes"]}
    if rows:
        lead = _("Names %(first)s to %(last)s of %(all)s") % {
            "first": f"{first + 1:,}", "last": f"{first + len(rows):,}", "all": f"{pack.facts['numbers']['shown']:,}",
        }  # fmt: skip
    else:
        lead = _("Nobody allowed that their name is handed over.")
    return {
        "title": _("%(title)s: names, volume %(number)s of %(all)s") % {"title": pack.statement.title, **of},
        "lead": lead,
        "groups": [
            {"head": head, "names": [_one(row) for row in group]}
            for head, group in groupby(rows, key=lambda row: row[-1])
        ],
    }


def _one(row: list[Any]) -> str:
    answers = dict(zip(ANSWERS, row[1:], strict=False))
    return _named(row[0], answers["affiliation"], answers["personal_capacity"])


def names_pdf(pack: Pack, number: int, rows: list[list[Any]]) -> bytes:
    """One volume of names as tagged PDF."""
    data = volume(pack, number, rows)
    statement = pack.statement
    groups = [{**one, "names": list(map(paper.breakable, one["names"]))} for one in data["groups"]]
    about = {"author": statement.who.name, "accent": statement.who.accent, "foot": _foot(pack)}
    language = {"language": collecting.language_of(statement)}
    return paper.pdf_apart("exchange/names.typ", {**data, **about, **language, "groups": groups})
