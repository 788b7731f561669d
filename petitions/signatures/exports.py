"""Signatures as files: names for the addressee of a statement, and addresses of those who want news."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit, csv, sealed
from core.encrypting import encrypted
from mail.models import Suppression
from petitions.signatures import optional
from petitions.signatures.models import Signature
from petitions.statements import counting
from petitions.statements.models import Statement
from publishers.models import Publisher

_SELECT = """
SELECT {columns} FROM petitions_signature sig
WHERE sig.statement_id = %(statement)s AND sig.state = 'confirmed' AND {where} ORDER BY sig.id
"""


@dataclass(frozen=True)
class Export:
    """One kind of file: its address below the statement's, who may have it, and what is in it.

    `columns` are SQL over `sig` by their names in the first line, `where` says which of the confirmed ones. What
    `expires` says in its last line until when it may be kept.
    """

    name: str
    slug: str
    label: str | Promise
    permission: str
    consequence: str | Promise
    columns: dict[str, str]
    where: str
    expires: bool = False
    wants: Q = field(default_factory=lambda: Q(email_updates=True))  # the same as `where`, for counting

    @property
    def select(self) -> str:
        """The rows as PostgreSQL writes them, oldest signature first."""
        columns = ", ".join(f"{sql} AS {name}" for name, sql in self.columns.items())
        return _SELECT.format(columns=columns, where=self.where)


def _if_shown(column: str) -> str:
    return f"CASE WHEN sig.show_name THEN {csv.cell(column)} ELSE '' END"


def _answer(asked: optional.OptionalField) -> str:
    """An answer as it is handed in: only with a name that is shown."""
    column = f"sig.{asked.name}"
    if asked.what:
        return f"CASE WHEN sig.show_name THEN {csv.unsealed_cell(column, asked.what)} ELSE '' END"
    return f"CASE WHEN sig.show_name AND {column} THEN 'yes' ELSE '' END" if asked.is_choice else _if_shown(column)


_SIGNED_ON = "to_char(sig.confirmed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

DELIVERY = Export(
    name="export",
    slug="signatures",
    label=_("Download the names"),
    permission="export_signatures",
    consequence=_(
        "Everybody who counts, as they chose to be shown: name, what else the form asked, and day. A person who keeps "
        "their name private is a line with a day and nothing else. It says who signed elsewhere and was brought in. No "
        "address is in it. This is what you hand in."
    ),
    columns={
        "name": _if_shown("sig.name"),
        **{one.name: _answer(one) for one in optional.FIELDS if one.is_delivered},
        "signed_on": _SIGNED_ON,
        "agreed": "CASE WHEN sig.import_id IS NULL THEN 'here' ELSE 'elsewhere' END",
    },
    where="true",
)
CONTACTS = Export(
    name="export/contacts",
    slug="contacts",
    label=_("Download addresses"),
    permission="export_contacts",
    consequence=_(
        "Name and email address of those who asked for news, and of nobody who wants no mail from us. Keep the "
        "file to yourself, delete it when you are done, and use it only for what they asked for."
    ),
    columns={
        "name": csv.cell("sig.name"),
        "email": csv.mailbox("sig.email", sealed.what_of(Signature, "email")),
        "language": csv.cell("sig.language"),
        "signed_on": _SIGNED_ON,
    },
    where="sig.email_updates AND NOT EXISTS (SELECT FROM mail_suppression no WHERE no.mailbox_key = sig.mailbox_key)",
    expires=True,
)
EXPORTS = [DELIVERY, CONTACTS]


def export(*, statement: Statement, what: Export, why: str, by: audit.Staff) -> Iterator[bytes]:
    """The file, piece by piece; who took it, how many rows it was to have and `why` is on record before the first.

    The file is as of the moment its first piece is read. Raises psycopg.Error as core.csv.stream does.
    """
    words = f"{what.label}, {_expected(statement, what):,} rows"
    with transaction.atomic():
        audit.record(by=by, on=statement, what=words, why=why)
    pieces = _counted(csv.stream(what.select, {"statement": statement.pk}), statement, what, by)
    return encrypted(pieces, settings.EXPORT_RECIPIENT) if settings.EXPORT_RECIPIENT else pieces


def _counted(pieces: Iterator[bytes], statement: Statement, what: Export, by: audit.Staff) -> Iterator[bytes]:
    """The pieces, and the line that says until when they may be kept; then on record how many rows were given."""
    rows, ended = -1, False  # the first line names the columns
    try:
        for piece in pieces:
            rows += piece.count(b"\n")  # no cell has one (core/text/kinds.py)
            yield piece
        if what.expires:
            yield csv.line([expiry()])
        ended = True
    finally:
        words = f"{what.label}: {max(rows, 0):,} rows were given{'' if ended else ', then it was stopped'}"
        with transaction.atomic():
            audit.record(by=by, on=statement, what=words)


def expiry() -> str:
    """What the last line of a file with addresses says."""
    until = timezone.localdate() + timedelta(days=settings.EXPORT_DAYS)
    return gettext("Delete this file by %(day)s.") % {"day": until.isoformat()}


def _expected(statement: Statement, what: Export) -> int:
    """How many rows it will have. All who count are not counted again: that would keep the first row back."""
    if what is DELIVERY:
        numbers = counting.numbers([statement])[statement.pk]
        return numbers.people + numbers.brought_in
    silent = Exists(Suppression.objects.filter(mailbox_key=OuterRef("mailbox_key")))
    return Signature.objects.confirmed().filter(what.wants, ~silent, statement=statement).count()


def contacts_of(publisher: Publisher) -> Export:
    """The addresses of those who ticked the box of a publisher of a joint statement that is not its own."""
    not_silent = CONTACTS.where.partition(" AND ")[2]
    return replace(
        CONTACTS,
        consequence=_(
            "Name and email address of those who ticked your own box, and of nobody else. Keep the file to yourself, "
            "delete it when you are done, and use it only for what they asked for."
        ),
        where=f"sig.news_of @> ARRAY[{int(publisher.pk)}]::bigint[] AND {not_silent}",
        wants=Q(news_of__contains=[publisher.pk]),
    )
