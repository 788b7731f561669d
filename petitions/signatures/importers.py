"""Signatures that come in bulk: from paper, from another system, or for the demo. Each was agreed to elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core import mailboxes, tombstones
from core.addresses import mailbox_key
from petitions.signatures import consent, optional, statistics
from petitions.signatures.models import Signature
from petitions.signatures.signing import KIND
from petitions.statements import counting
from petitions.statements.models import Statement

BATCH = 1000


@dataclass(frozen=True)
class Row:
    """One confirmed signature from elsewhere; `signed_at` has a time zone.

    `answers` are those to what the statement may ask besides (optional.py), by name, as they were typed.
    """

    name: str
    email: str
    signed_at: datetime
    show_name: bool = False
    email_updates: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)
    via: str = ""


def barred(statement: Statement, emails: Iterable[str]) -> set[str]:
    """Addresses that may not be brought in there: their owners withdrew, or were removed.

    Only their own new signature counts. As `mailboxes.tidied` has them.
    """
    by_key: dict[bytes, set[str]] = {}
    for email in {mailboxes.tidied(email) for email in emails} - {""}:
        by_key.setdefault(mailbox_key(email), set()).add(email)
    found = tombstones.barred(kind=KIND, subjects=by_key, scope=statement.pk, which="1")
    return set().union(*(by_key[key] for key in found))


def load(*, statement: Statement, rows: Iterable[Row], channel: str = Signature.Channel.IMPORT) -> int:
    """Add the rows as confirmed signatures of the statement's newest version, all or none. Nobody is mailed.

    Whoever has signed already stays as they are, and whoever is `barred` stays out. Returns how many were new; the
    numbers are proved afterwards. Raises ValidationError for an answer that the form would refuse, TypeError for one to
    a question that nobody asks.
    """
    version, consent_id, listed = statement.version, consent.current(), list(rows)
    left_out = barred(statement, [row.email for row in listed])
    signatures = [
        Signature(
            statement=statement,
            version=version,
            name=row.name,
            email=mailboxes.tidied(row.email),
            **optional.cleaned(row.answers),
            show_name=row.show_name,
            email_updates=row.email_updates,
            consent_id=consent_id,
            language=statement.language,
            via=row.via,
            channel=channel,
            state=Signature.State.CONFIRMED,
            created_at=row.signed_at,
            confirmed_at=row.signed_at,
            agreed_at=row.signed_at,
        )
        for row in listed
        if mailboxes.tidied(row.email) not in left_out
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        # Decisions wait until this is through: the rows take no lock of their own (petitions/schema.py).
        cursor.execute("LOCK TABLE submissions_decision IN SHARE MODE")
        # In one order, so that two imports never wait in a circle; and the numbers after the rows, as who agrees does.
        signatures.sort(key=lambda signature: mailbox_key(signature.email))
        Signature.objects.bulk_create(signatures, batch_size=BATCH, ignore_conflicts=True)
        statistics.rebuild(statement)
        recount = counting.recount(statement=statement, repair=True)
        return recount.rows[0] - recount.stored[0]
