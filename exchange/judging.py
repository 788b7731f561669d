"""The second step: each row is read as what it says, and judged, batch by batch. Nothing is brought in yet.

A row that can't be read says why and stops no other. What only the database knows – who is here, who asked us for
silence – is asked in one statement for each batch, and again as the rows come in.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from comments import text as comment_text
from comments.models import LONGEST
from core import addresses, countries, csv, mailboxes, naming
from core.text import tidying
from exchange import dates, plain
from exchange.columns import folded
from exchange.models import Brings, Import, ImportRow
from organisations import likeness
from organisations.models import Kind
from petitions.signatures import bringing_in, optional
from submissions.traps import WORDS

Status = ImportRow.Status
BATCH = 2000
LONGEST_NAME = 255
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
YES = frozenset("1 y yes true t on ja oui si sì sí da tak evet x ✓ confirmed yes✓ نعم да".split())
NO = frozenset("0 n no false f off nein non nie hayır unconfirmed нет لا".split()) | {""}
_HTML = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>")
_FORMULA = re.compile(r"\s*[=＝]|\s*[-+@]\s*\w+\(")
_CODES = {"usa": "US", "uk": "GB", "gb": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL"}


class Refused(ValueError):
    """This row can't be brought in; its text says why."""


class Skipped(Refused):
    """This row is left out because of what it is, not because it is wrong."""


@dataclass
class Judged:
    """The result of checking a row."""

    pk: int
    status: str
    reason: str
    read_as: dict[str, Any]
    mailbox_key: bytes = b""


def judge(listed: Import, rows: list[ImportRow]) -> None:
    """Judge these rows of one list and write down what became of each."""
    read = _READERS[Brings(listed.brings)]
    judged = [_one(read, listed, row) for row in rows]
    values: list[Any] = [
        [one.pk for one in judged],
        [str(one.status) for one in judged],
        [one.reason[:300] for one in judged],
        [json.dumps(_plain(one.read_as), ensure_ascii=False) for one in judged],
        [_private(one.read_as) for one in judged],
        [one.mailbox_key for one in judged],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)
        if listed.brings == Brings.PEOPLE and listed.statement_id:
            about = {"rows": values[0], "import": listed.pk, "statement": listed.statement_id, "asks": listed.asks}
            cursor.execute(_KNOWN, about)
        elif listed.brings == Brings.ORGANISATIONS:
            cursor.execute(_LISTED, {"rows": values[0], "import": listed.pk, "statement": listed.statement_id})


PRIVATE = {"email", "postcode"}


def _plain(read_as: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in read_as.items() if name not in PRIVATE}


def _private(read_as: dict[str, Any]) -> bytes:
    """What tells whose mailbox it is, as it rests."""
    told = {name: value for name, value in read_as.items() if name in PRIVATE}
    return bytes(ImportRow._meta.get_field("private").get_db_prep_value(told, connection))


def opened(row: ImportRow) -> dict[str, Any]:
    """All that a row was read as, with what rests sealed."""
    return {**row.read_as, **row.private}


_WRITE = """
UPDATE exchange_importrow row SET status = found.status, reason = found.reason, read_as = found.read_as::jsonb,
    private = found.private, mailbox_key = found.mailbox_key
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])
    AS found (id, status, reason, read_as, private, mailbox_key)
WHERE row.id = found.id
"""
# Silence before presence: who asked for it is not told apart by where they signed. Who was asked by mail is not asked
# again, with whatever list they come.
_KNOWN = f"""
UPDATE exchange_importrow row SET status = judged.status, reason = ''
FROM (
    SELECT one.id, CASE
        WHEN {bringing_in.stays_out_sql("one.mailbox_key")} THEN 'out'
        WHEN EXISTS (SELECT FROM petitions_signature sig
            WHERE sig.mailbox_key = one.mailbox_key AND sig.statement_id = %(statement)s) THEN 'here'
        WHEN %(asks)s AND EXISTS (SELECT FROM exchange_inquiry before
            WHERE before.mailbox_key = one.mailbox_key AND before.statement_id = %(statement)s) THEN 'before'
        WHEN EXISTS (SELECT FROM exchange_importrow other WHERE other.of_id = %(import)s
            AND other.mailbox_key = one.mailbox_key AND other.mailbox_key <> '' AND other.line < one.line
            AND other.status IN ('new', 'odd')) THEN 'twice' END AS status
    FROM exchange_importrow one WHERE one.id = ANY(%(rows)s) AND one.status IN ('new', 'odd')
) judged
WHERE row.id = judged.id AND judged.status IS NOT NULL
"""
_LISTED = """
UPDATE exchange_importrow row SET status = judged.status, reason = ''
FROM (
    SELECT one.id, CASE
        WHEN EXISTS (SELECT FROM organisations_endorsement e
            JOIN organisations_organisation o ON o.id = e.organisation_id
            WHERE e.statement_id = %(statement)s AND e.state = 'listed' AND o.key = one.read_as->>'key'
                AND lower(o.town) = lower(one.read_as->>'town')) THEN 'here'
        WHEN EXISTS (SELECT FROM exchange_importrow other WHERE other.of_id = %(import)s AND other.line < one.line
            AND other.status IN ('new', 'odd') AND other.read_as->>'key' = one.read_as->>'key'
            AND lower(other.read_as->>'town') = lower(one.read_as->>'town')) THEN 'twice' END AS status
    FROM exchange_importrow one WHERE one.id = ANY(%(rows)s) AND one.status IN ('new', 'odd')
) judged
WHERE row.id = judged.id AND judged.status IS NOT NULL
"""


def _one(read: Any, listed: Import, row: ImportRow) -> Judged:
    try:
        read_as, odd = read(listed, row.cells)
    except Skipped as left_out:
        return Judged(row.pk, Status.SKIPPED, str(left_out), {})
    except Refused as refused:
        return Judged(row.pk, Status.INVALID, str(refused), {})
    key = addresses.mailbox_key(read_as["email"]) if read_as.get("email") else b""
    return Judged(row.pk, Status.ODD if odd else Status.NEW, odd, read_as, key)


def _cell(listed: Import, cells: list[str], name: str) -> str:
    place = listed.columns.get(name)
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _name(listed: Import, cells: list[str]) -> tuple[str, str]:
    """The name, and what is odd about it."""
    parts = [_cell(listed, cells, part) for part in ("name", "given_name", "family_name")]
    whole = parts[0] or " ".join(filter(None, parts[1:]))
    return _judged_name(whole, _("There is no name."))


def _judged_name(typed: str, missing: str, *, of_a_person: bool = True, longest: int = LONGEST_NAME) -> tuple[str, str]:
    name = tidying.name(typed)
    if not name:
        raise Refused(missing)
    if _HTML.search(name):
        raise Refused(_("There is HTML in the name."))
    if len(name) > longest:
        raise Refused(_("The name is longer than %(most)s characters.") % {"most": longest})
    found = [str(WORDS.get(code, code)) for code in sorted(naming.oddities(name, of_a_person=of_a_person))]
    if _FORMULA.match(name):
        found.append(_("begins like a formula"))
    return name, "; ".join(found)


def _when(listed: Import, cells: list[str]) -> datetime:
    zone = ZoneInfo(settings.TIME_ZONE)
    written = _cell(listed, cells, "signed_at")
    if not written:
        if listed.date_if_none is None:
            raise Refused(_("There is no date. Say when these people signed."))
        day = listed.date_if_none
        return datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    found = dates.read(written, day_first=listed.day_first, zone=zone)
    if found is None:
        raise Refused(_("“%(date)s” is no date that we can read.") % {"date": written[:40]})
    if found > timezone.now():
        raise Refused(_("“%(date)s” is in the future.") % {"date": written[:40]})
    if found < EARLIEST:
        raise Refused(_("“%(date)s” is too long ago.") % {"date": written[:40]})
    return found


def _address(typed: str) -> str:
    if not typed:
        raise Refused(_("There is no email address."))
    try:
        return mailboxes.read(typed)
    except mailboxes.Unclear as unclear:
        raise Refused(unclear.sentence) from unclear


def _yes(typed: str) -> bool:
    return typed.casefold() in YES


def _country(typed: str) -> str:
    """The code of a country that is written as a code or by its name; "" if unknown."""
    text = typed.strip()
    if not text:
        return ""
    if len(text) == 2 and countries.name(text.upper()) != text.upper():
        return text.upper()
    return _CODES.get(folded(text), _countries(get_language() or "en").get(folded(text), ""))


@lru_cache(maxsize=16)
def _countries(language: str) -> dict[str, str]:
    """The codes of countries by what they are called in this language, and in English."""
    found: dict[str, str] = {}
    for spoken in (language, "en"):
        with override(spoken):
            found |= {folded(said): code for code, said in countries.names().items()}
    return found


def _person(listed: Import, cells: list[str]) -> tuple[dict[str, Any], str]:
    name, odd = _name(listed, cells)
    email = _address(_cell(listed, cells, "email"))
    if "confirmed" in listed.columns and _cell(listed, cells, "confirmed").casefold() in NO:
        raise Skipped(_("It was never confirmed there."))
    shown, news = listed.columns.get("show_name"), listed.columns.get("email_updates")
    return {
        "name": name,
        "email": email,
        "signed_at": _when(listed, cells).isoformat(),
        "show_name": listed.may_show and (shown is None or _yes(_cell(listed, cells, "show_name"))),
        "email_updates": listed.may_mail and (news is None or _yes(_cell(listed, cells, "email_updates"))),
        "postcode": optional.postcode(tidying.line(_cell(listed, cells, "postcode")))[:16],
        "country": _country(_cell(listed, cells, "country")),
        "affiliation": tidying.name(_cell(listed, cells, "affiliation"))[:120],
    }, odd


def _name_only(listed: Import, cells: list[str]) -> tuple[dict[str, Any], str]:
    name, odd = _name(listed, cells)
    if odd:
        raise Refused(odd)
    return {"name": name}, ""


def _organisation(listed: Import, cells: list[str]) -> tuple[dict[str, Any], str]:
    name, odd = _judged_name(
        _cell(listed, cells, "organisation"), _("There is no name."), of_a_person=False, longest=120
    )
    email = _cell(listed, cells, "contact_email")
    town = tidying.line(_cell(listed, cells, "town"))[:80]
    agreed = _cell(listed, cells, "agreed_on")
    found = dates.read(agreed, day_first=listed.day_first, zone=ZoneInfo(settings.TIME_ZONE)) if agreed else None
    return {
        "name": name, "key": likeness.key(name), "kind": _kind(_cell(listed, cells, "kind")), "town": town,
        "website": _website(_cell(listed, cells, "website")), "email": _address(email) if email else "",
        "contact_name": tidying.name(_cell(listed, cells, "contact_name"))[:255],
        "contact_role": tidying.line(_cell(listed, cells, "contact_role"))[:80],
        "agreed_on": found.date().isoformat() if found else "",
        "message": tidying.line(_cell(listed, cells, "message"))[:300],
    }, odd  # fmt: skip


def _kind(typed: str) -> str:
    known: Mapping[str, str] = {folded(str(label)): value for value, label in Kind.choices}
    return known.get(folded(typed), folded(typed) if folded(typed) in Kind.values else Kind.OTHER)


def _website(typed: str) -> str:
    if not typed:
        return ""
    address = tidying.link(typed if "://" in typed else f"https://{typed}")
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        raise Refused(_("“%(address)s” is no web address.") % {"address": typed[:60]}) from error
    return address[:200]


APPROVED = {"1": "published", "approved": "published", "0": "waiting", "hold": "waiting"}


def _comment(listed: Import, cells: list[str]) -> tuple[dict[str, Any], str]:
    author, email, when, html, parent, key, approved, kind = cells
    if kind not in {"", "comment"}:
        raise Skipped(_("It is a %(kind)s, not a comment.") % {"kind": kind[:20]})
    if approved not in APPROVED:
        raise Skipped(_("It was in the bin or spam there."))
    name, odd = _judged_name(author or _("Anonymous"), "")
    body = comment_text.tidy(plain.text(html))
    if not body:
        raise Refused(_("There are no words in it."))
    if len(body) > LONGEST:
        raise Refused(_("It is longer than %(most)s characters.") % {"most": LONGEST})
    if not when:
        raise Refused(_("There is no date."))
    try:
        address = mailboxes.read(email) if email else ""
    except mailboxes.Unclear:
        address = ""  # it is shown nowhere, and the words are what matters
    return {"name": name, "email": address, "written_at": when, "body": body, "to": parent, "key": key,
            "state": APPROVED[approved]}, odd  # fmt: skip


_READERS = {
    Brings.PEOPLE: _person, Brings.NAMES: _name_only, Brings.ORGANISATIONS: _organisation, Brings.COMMENTS: _comment,
}  # fmt: skip


def rejected(listed: Import) -> Any:
    """The file of rows that were not brought in, line by line: as they came, with line and reason before them."""
    rows = listed.rows.filter(status__in=[Status.INVALID, Status.SKIPPED, Status.TWICE]).order_by("line")
    yield csv.BOM
    yield csv.line([_("Line"), _("Why"), *listed.headings])
    for row in rows.iterator(chunk_size=BATCH):
        yield csv.line([str(row.line), row.reason or str(Status(row.status).label), *row.cells])
