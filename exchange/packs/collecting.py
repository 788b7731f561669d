"""Who stands in a pack: read in one moment, put in order, and cut into volumes from which every file is made.

So a paper, a table and the certificate tell the same, however long the worker takes and whoever withdraws meanwhile.
A private name is a number of its day and nothing else.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import countries
from core.models import AuditEntry
from exchange.models import Pack
from petitions.models import Statement
from petitions.signatures import listing, optional, proof
from petitions.signatures.models import FEWEST, Signature
from petitions.signatures.models.people import AGAIN
from petitions.statements import counting, sharing

VOLUME = 5_000
READ_AT_ONCE = 5_000
ANSWERS = tuple(field.name for field in optional.FIELDS if field.is_delivered)
_COLUMNS = ("confirmed_at", "import_id", "state", "show_name", "name", "sort_key", *ANSWERS)
LAST = "\U0010ffff"  # after every place that has a name


_KNOWN = "The text that people signed"  # one of the sentences of a pack


def language_of(statement: Statement) -> str:
    """The language of a pack: the statement's where its sentences are translated into it, else English."""
    spoken = statement.language.split("-", maxsplit=1)[0]
    if spoken not in dict(settings.LANGUAGES):
        return "en"
    with override(spoken):
        return spoken if _(_KNOWN) != _KNOWN else "en"


@dataclass
class Days:
    """How many agreed on each day: here, and elsewhere to be brought in."""

    people: Counter[str] = field(default_factory=Counter)
    brought_in: Counter[str] = field(default_factory=Counter)

    def add(self, day: str, *, brought_in: bool) -> None:
        """One more."""
        (self.brought_in if brought_in else self.people)[day] += 1

    @property
    def rows(self) -> list[list[Any]]:
        """Day, people, brought in."""
        return [[day, self.people[day], self.brought_in[day]] for day in sorted({*self.people, *self.brought_in})]


def collect(pack: Pack) -> Iterator[bytes]:
    """The names by volume, each as a JSON list of rows; the certificate is written into the pack's row at the end.

    A row is: name, the answers in the order of ANSWERS, day, `here` or `elsewhere`, under which heading it stands.
    """
    statement, days = Statement.objects.get(pk=pack.statement_id), Days()
    found = sorted(_read(statement, days, pack.order), key=lambda row: row[0])
    shown = len(found)
    with override(language_of(statement)):
        rows = _headed([row for _key, row in found], statement, pack.order)
    del found
    for begin in range(0, max(shown, 1), VOLUME):
        yield json.dumps(rows[begin : begin + VOLUME], ensure_ascii=False).encode()
    Pack.objects.filter(pk=pack.pk).update(facts=facts(pack, statement, days, shown))


def _read(statement: Statement, days: Days, order: str) -> Iterator[tuple[Any, list[Any]]]:
    counts = {Signature.State.CONFIRMED, Signature.State.ANONYMISED}
    rows = Signature.objects.filter(statement=statement, state__in=counts).order_by().values_list(*_COLUMNS)
    for agreed, brought_by, state, is_shown, name, sort_key, *answers in rows.iterator(READ_AT_ONCE):
        day = agreed.astimezone(timezone.get_default_timezone()).date().isoformat()
        days.add(day, brought_in=brought_by is not None)
        if state != Signature.State.CONFIRMED or not is_shown:
            continue
        place = _place(dict(zip(ANSWERS, answers, strict=True))) if order == Pack.Order.PLACE else ""
        key = sort_key if sort_key > AGAIN else listing.key_of(name, statement.language)
        yield (place or LAST, key), [name, *answers, day, "elsewhere" if brought_by else "here", place]


def _place(answers: dict[str, Any]) -> str:
    """Under which place somebody stands: the area of a postcode, else the country."""
    if code := optional.area(answers["postcode"]):
        return code
    return countries.name(answers["country"]) or ""


def _headed(rows: list[list[Any]], statement: Statement, order: str) -> list[list[Any]]:
    """The same with the heading of each; a place of few is no place, as everywhere (petitions/signatures/places.py)."""
    if order != Pack.Order.PLACE:
        return [[*row[:-1], _letter(row[0])] for row in rows]
    sizes = Counter(row[-1] for row in rows)
    named = [row for row in rows if row[-1] and sizes[row[-1]] >= FEWEST]
    others = [row for row in rows if not row[-1] or sizes[row[-1]] < FEWEST]
    others.sort(key=lambda row: listing.key_of(row[0], statement.language))
    elsewhere = _("Elsewhere") if named else _("Names")
    return [*named, *([*row[:-1], elsewhere] for row in others)]


def _letter(name: str) -> str:
    """The letter that a name begins with, without its accents."""
    first = next((letter for letter in unicodedata.normalize("NFD", name) if letter.isalpha()), "")
    return first.upper()[:1] or "…"


def facts(pack: Pack, statement: Statement, days: Days, shown: int) -> dict[str, Any]:
    """The certificate: what is in the pack in numbers and hashes, and where the record stood. No name is in it."""
    people, brought_in = sum(days.people.values()), sum(days.brought_in.values())
    signed = counting.by_version(statement)
    versions = statement.versions.filter(published_at__isnull=False).order_by("number")
    line = AuditEntry.objects.order_by("-id").first()
    proved = next(iter(proof.published(statement, most=1)), None)
    return {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "statement": {
            "id": str(statement.uid), "address": sharing.address(statement), "kind": statement.kind,
            "title": statement.title, "addressed_to": statement.addressed_to, "language": statement.language,
            "publisher": statement.who.name, "controller": statement.who.legal_name,
        },
        "versions": [
            {"number": one.number, "published_at": one.published_at and one.published_at.isoformat(timespec="seconds"),
             "sha256": one.sha256, "note": one.note, "signed": signed.get(one.pk, 0)}
            for one in versions
        ],
        "numbers": {
            "people": people, "brought_in": brought_in, "shown": shown, "private": people + brought_in - shown,
            "paper": statement.paper, "names_only": statement.names_only, "organisations": statement.organisations,
            "removed": counting.numbers([statement])[statement.pk].removed,
        },
        "days": days.rows,
        "names": {"order": pack.order, "volumes": max(1, -(-shown // VOLUME)), "in_a_volume": VOLUME},
        "proof": {"day": proved.day.isoformat(), "size": proved.size, "root": proved.root} if proved else None,
        "record": {"line": line.pk, "sha256": line.hash} if line else None,
    }  # fmt: skip
