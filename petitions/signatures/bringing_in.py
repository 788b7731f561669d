"""People who signed elsewhere: brought in with a list, counted apart, and moved to the others once they sign here.

Whoever calls this has judged the rows (exchange/); the database judges once more. It refuses a second signature of one
mailbox, leaves out who asked us for silence or was removed, and holds whom staff hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from petitions.signatures import signing, statistics
from petitions.statements import counting
from petitions.statements.models import Statement

SOURCE = "import"
BATCH = 5000


@dataclass(frozen=True)
class Brought:
    """One person of a list, with every text as its column holds it, address and postcode sealed.

    `odd` is the reason to hold it for a look.
    """

    name: str
    email: bytes
    address_key: bytes
    mailbox_key: bytes
    domain_key: bytes
    show_name: bool
    email_updates: bool
    signed_at: datetime
    postcode: bytes
    country: str
    affiliation: str
    personal_capacity: bool
    odd: str


_NAMES = [field.name for field in fields(Brought)]
_TYPES = {"email": "bytea", "postcode": "bytea", "address_key": "bytea", "mailbox_key": "bytea", "domain_key": "bytea",
          "show_name": "boolean",
          "email_updates": "boolean", "signed_at": "timestamptz", "personal_capacity": "boolean"}  # fmt: skip
_COPIED = ", ".join(name for name in _NAMES if name not in {"signed_at", "odd"})
_STAGE = "CREATE TEMPORARY TABLE brought (" + ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _NAMES) + ")"
_STAYS_OUT = """EXISTS (SELECT FROM mail_suppression no WHERE no.mailbox_key = brought.mailbox_key)
    OR EXISTS (SELECT FROM submissions_decision d WHERE d.subject = brought.mailbox_key AND d.makes = 'remove'
        AND d.lifted_at IS NULL AND d.kind = 'signature' AND coalesce(d.scope, %(statement)s) = %(statement)s)"""
# Who is odd is held as by a form's own traps: by a decision, which the trigger of the table finds.
_HOLD = f"""
INSERT INTO submissions_decision (makes, kind, scope, subject, position, reason, source, source_id)
SELECT 'hold', '{signing.KIND}', %(statement)s, mailbox_key, 1, odd, '{SOURCE}', %(import)s FROM brought
WHERE odd <> '' AND NOT ({_STAYS_OUT}) AND NOT EXISTS (SELECT FROM petitions_signature sig
    WHERE sig.mailbox_key = brought.mailbox_key AND sig.statement_id = %(statement)s)
"""
_ADD = f"""
INSERT INTO petitions_signature (statement_id, version_id, consent_id, language, channel, import_id, state, created_at,
    confirmed_at, agreed_at, {_COPIED})
SELECT %(statement)s, %(version)s, %(consent)s, %(language)s, 'import', %(import)s, 'confirmed', signed_at, signed_at,
    signed_at, {_COPIED}
FROM brought WHERE NOT ({_STAYS_OUT}) ORDER BY mailbox_key
ON CONFLICT (mailbox_key, statement_id, mailbox_position) DO NOTHING
"""


@transaction.atomic
def add(*, statement: Statement, import_id: int, consent_id: int, people: Iterable[Brought]) -> int:
    """Add people who signed elsewhere to the statement's newest version, all or none; returns how many were new.

    Nobody is mailed. Who stands on the statement already stays as they are, in whatever state.
    """
    version = statement.version
    values: dict[str, Any] = {
        "statement": statement.pk, "version": version and version.pk, "consent": consent_id, "import": import_id,
        "language": statement.language,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_STAGE + " ON COMMIT DROP")
        _stage(cursor, people)
        # Decisions wait until this is through: the rows take no lock of their own (petitions/schema.py).
        cursor.execute("LOCK TABLE submissions_decision IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_HOLD, values)
        cursor.execute(_ADD, values)
        added = cursor.rowcount
        cursor.execute("DROP TABLE brought")
    statistics.rebuild(statement)
    counting.recount(statement=statement, repair=True)
    return added


def _stage(cursor: Any, people: Iterable[Brought]) -> None:
    """Batch by batch: while a COPY runs nothing else can be read over the connection, not even the next people."""
    waiting = iter(people)
    while batch := list(islice(waiting, BATCH)):
        with cursor.copy(f"COPY brought ({', '.join(_NAMES)}) FROM STDIN") as copy:
            for person in batch:
                copy.write_row([getattr(person, name) for name in _NAMES])


_TAKE_BACK = """
WITH gone AS (
    SELECT sig.id, sig.mailbox_key FROM petitions_signature sig WHERE sig.import_id = %(import)s
        AND NOT sig.id = ANY(%(kept)s) FOR UPDATE
), unsent AS (
    DELETE FROM petitions_mailingrecipient to_whom USING gone WHERE to_whom.signature_id = gone.id
), unheld AS (
    DELETE FROM submissions_decision d USING gone WHERE d.source = 'import' AND d.source_id = %(import)s
        AND d.subject = gone.mailbox_key
)
DELETE FROM petitions_signature sig USING gone WHERE sig.id = gone.id
"""


@transaction.atomic
def take_back(*, statement: Statement, import_id: int, kept: list[int]) -> int:
    """Take everybody of an import back but those whose ids are `kept`; returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("LOCK TABLE submissions_decision IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_TAKE_BACK, {"import": import_id, "kept": kept})
        gone = cursor.rowcount
    counting.recount(statement=statement, repair=True)
    return gone


# Everything that can be changed on a signature. Equal digests: nobody has acted on it.
DIGEST = """hashtextextended(concat_ws(chr(31), sig.name, sig.address_key, sig.state, sig.show_name, sig.email_updates,
    octet_length(sig.postcode), sig.country, sig.affiliation, sig.personal_capacity, sig.submission_id, sig.removed_at,
    sig.withdrawn_at, sig.link_number), 0)"""
