"""People who signed elsewhere: brought in with a list, counted apart, and moved to the others once they sign here.

Whoever calls this has judged the rows (exchange/); the database judges once more. It refuses a second signature of one
mailbox, leaves out who asked us for silence or was removed, and holds whom staff hold.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from petitions.signatures import signing, statistics
from petitions.statements import counting
from petitions.statements.models import Statement, Tally
from submissions import decisions

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


def stays_out_sql(key: str) -> str:
    """SQL: whether nobody but its owner may bring the mailbox `key` in under %(statement)s.

    It asked for silence, was removed by staff, or what it had there was taken back or erased (core/tombstones.py).
    """
    return f"""(EXISTS (SELECT FROM mail_suppression no WHERE no.mailbox_key = {key})
    OR EXISTS (SELECT FROM submissions_decision d WHERE d.subject = {key} AND d.makes = 'remove'
        AND d.lifted_at IS NULL AND d.kind = '{signing.KIND}' AND coalesce(d.scope, %(statement)s) = %(statement)s)
    OR EXISTS (SELECT FROM core_tombstone gone WHERE gone.subject = {key}
        AND (gone.kind = '' OR (gone.kind = '{signing.KIND}' AND gone.which IN ('', '1')))
        AND coalesce(gone.scope, %(statement)s) = %(statement)s))"""


_STAYS_OUT = stays_out_sql("brought.mailbox_key")
# Who is odd is held as by a form's own traps: by a decision, which the trigger of the table finds.
_HOLD = f"""
INSERT INTO submissions_decision (makes, kind, scope, subject, position, reason, source, source_id)
SELECT 'hold', '{signing.KIND}', %(statement)s, mailbox_key, 1, odd, '{SOURCE}', %(import)s FROM brought
WHERE odd <> '' AND NOT {_STAYS_OUT} AND NOT EXISTS (SELECT FROM petitions_signature sig
    WHERE sig.mailbox_key = brought.mailbox_key AND sig.statement_id = %(statement)s)
"""
_ADD = f"""
INSERT INTO petitions_signature (statement_id, version_id, consent_id, language, channel, import_id, state, created_at,
    confirmed_at, agreed_at, {_COPIED})
SELECT %(statement)s, %(version)s, %(consent)s, %(language)s, 'import', %(import)s, 'confirmed', signed_at, signed_at,
    signed_at, {_COPIED}
FROM brought WHERE NOT {_STAYS_OUT} ORDER BY mailbox_key
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


# One person who says so themselves. Everything but the hold in one statement, as agreeing does it (agreeing.py).
_ONE = "WITH brought AS (SELECT " + ", ".join(f"%({name})s::{_TYPES.get(name, 'text')} AS {name}" for name in _NAMES)
_ADD_ONE = f"""{_ONE}), added AS ({_ADD} RETURNING id, statement_id, version_id, state, show_name, import_id
), tallied AS (
    INSERT INTO petitions_tally AS tally (statement_id, version_id, slot, {", ".join(counting.COLUMNS)})
    SELECT statement_id, version_id, pg_backend_pid() %% {Tally.SLOTS},
        {counting.values_of("state", "show_name", "import_id")} FROM added
    ON CONFLICT (statement_id, version_id, slot) DO UPDATE SET {counting.SUMS}
) SELECT id FROM added"""


@transaction.atomic
def add_one(*, statement: Statement, import_id: int, consent_id: int, person: Brought) -> int | None:
    """Add one person who says that they wish to stay; returns the signature's id.

    None when they may not be brought in, or stand there already.
    """
    values: dict[str, Any] = {
        **asdict(person), "statement": statement.pk, "version": statement.version and statement.version.pk,
        "consent": consent_id, "import": import_id, "language": statement.language,
    }  # fmt: skip
    decisions.lock(person.mailbox_key, person.domain_key)
    with connection.cursor() as cursor:
        cursor.execute(f"{_ONE}) {_HOLD}", values)
        cursor.execute(_ADD_ONE, values)
        found = cursor.fetchone()
    return found[0] if found else None


_STANDING = f"""
SELECT asked.mailbox_key, CASE WHEN {stays_out_sql("asked.mailbox_key")} THEN 'out' ELSE 'here' END
FROM unnest(%(keys)s::bytea[]) AS asked (mailbox_key)
WHERE {stays_out_sql("asked.mailbox_key")} OR EXISTS (SELECT FROM petitions_signature sig
    WHERE sig.mailbox_key = asked.mailbox_key AND sig.statement_id = %(statement)s)
"""


def standing(statement_id: int, keys: Iterable[bytes]) -> dict[bytes, str]:
    """Those of the mailboxes that stand there already (`here`), and those that only their owners bring in (`out`)."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"keys": list(keys), "statement": statement_id})
        return {bytes(key): found for key, found in cursor.fetchall()}


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
