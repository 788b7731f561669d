"""Retention of signatures. The privacy notice prints the same settings (GDPR Art. 5(1)(e))."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from core import tombstones
from core.models import Tombstone
from petitions.signatures import forgetting
from petitions.signatures.models import Signature
from petitions.signatures.signing import KIND
from petitions.statements import availability, counting

BATCH = 1000

# Every row of a statement that closed long enough ago, whatever its state, so that one odd row stops no other. Who was
# forgotten while it was open is so once more, for what stayed of them then (forgetting.py).
_DUE = f"""sig.id = ANY(ARRAY(
    SELECT due.id FROM petitions_signature due JOIN petitions_statement st ON st.id = due.statement_id
    WHERE (due.anonymised_at IS NULL OR due.anonymised_at < {availability.ENDED_SQL} + %(after)s)
        AND {availability.ENDED_SQL} < statement_timestamp() - %(after)s
    LIMIT {BATCH} FOR UPDATE OF due SKIP LOCKED
))"""


def anonymise() -> int:
    """Forget who signed statements that closed ANONYMISE_AFTER_CLOSING_DAYS ago; the count stays.

    One batch of at most 1,000; returns how many rows it was, so the caller goes on until it is 0.
    """
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    return len(counting.move(where=_DUE, change=forgetting.NOBODY, values={"after": after}, many=True))


# Under a statement that does not close nobody is kept for ever either, but who says that they want it (staying.py).
_OLD = f"""sig.id = ANY(ARRAY(
    SELECT due.id FROM petitions_signature due JOIN petitions_statement st ON st.id = due.statement_id
    WHERE due.anonymised_at IS NULL AND due.created_at < statement_timestamp() - %(longest)s
        AND coalesce(due.renewed_at, due.agreed_at) < statement_timestamp() - %(longest)s
        AND (due.state <> 'confirmed' OR due.email = ''
            OR due.asked_to_stay_at < statement_timestamp() - %(asked)s)
    LIMIT {BATCH} FOR UPDATE OF due SKIP LOCKED
))"""


def anonymise_old() -> int:
    """Forget who signed LONGEST_DAYS ago and has not said since that it should stay; the count stays.

    Who counts was asked ASK_TO_STAY_DAYS before. The keyed hashes of the address stay until the statement has closed.
    One batch; returns how many rows it was.
    """
    values = {"longest": timedelta(days=settings.LONGEST_DAYS), "asked": timedelta(days=settings.ASK_TO_STAY_DAYS)}
    return len(counting.move(where=_OLD, change=forgetting.NOBODY_WHILE_OPEN, values=values, many=True))


_REMOVED = f"""
SELECT sig.id, sig.statement_id, sig.mailbox_key, sig.mailbox_position FROM petitions_signature sig
WHERE sig.state = 'removed' AND (sig.anonymised_at IS NULL OR sig.name <> '')
    AND sig.removed_at < statement_timestamp() - %(kept)s
LIMIT {BATCH} FOR UPDATE SKIP LOCKED
"""


@transaction.atomic
def forget_removed() -> int:
    """Forget whom staff removed REMOVED_DAYS ago: until then that can be undone. The number removed stays.

    The decision itself stays, so the same mailbox does not count by signing again. Returns how many rows it was.
    """
    values: dict[str, Any] = {"kept": timedelta(days=settings.REMOVED_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_REMOVED, values)
        rows = cursor.fetchall()
    _leave(Tombstone.Why.REMOVED, rows)
    ids = {"ids": [row[0] for row in rows]}
    return (
        len(counting.move(where="sig.id = ANY(%(ids)s)", change=forgetting.NOBODY, values=ids, many=True))
        if rows
        else 0
    )


@transaction.atomic
def delete_withdrawn() -> int:
    """Delete what its owner took back WITHDRAWN_MINUTES ago: until then they may think better of it."""
    over = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    due = Signature.objects.filter(state=Signature.State.WITHDRAWN, withdrawn_at__lt=over)
    due = due.select_for_update(skip_locked=True, of=["self"]).order_by()
    rows = list(due.values_list("pk", "statement_id", "mailbox_key", "mailbox_position")[:BATCH])
    if rows:
        Signature.objects.filter(pk__in=[row[0] for row in rows]).delete()
        _leave(Tombstone.Why.WITHDRAWN, rows)
    return len(rows)


def _leave(why: str, rows: Sequence[tuple[int, int, bytes | memoryview, int]]) -> None:
    """A tombstone for each, of a row's id, statement, mailbox and position."""
    places: dict[tuple[int, int], list[bytes]] = {}
    for _pk, statement, mailbox, position in rows:
        places.setdefault((statement, position), []).append(bytes(mailbox))
    for (statement, position), mailboxes in places.items():
        tombstones.leave(why, kind=KIND, subjects=mailboxes, scope=statement, which=str(position))


# Only once everybody there is anonymised, so that nothing begins to count which was held. What is about all statements
# (no scope) stays: it keeps out a domain used for ballot stuffing.
_DECISIONS = f"""
DELETE FROM submissions_decision WHERE scope = ANY(ARRAY(
    SELECT st.id FROM petitions_statement st
    WHERE {availability.ENDED_SQL} < statement_timestamp() - %(after)s
        AND EXISTS (SELECT 1 FROM submissions_decision d WHERE d.scope = st.id AND d.kind = 'signature')
        AND NOT EXISTS (SELECT 1 FROM petitions_signature s WHERE s.statement_id = st.id AND s.anonymised_at IS NULL)
    LIMIT 20
)) AND kind = 'signature'
"""


def forget_decisions() -> int:
    """Delete decisions about mailboxes together with the people they were about; returns how many.

    Those of twenty statements at most, each as a whole, because decisions name each other.
    """
    values: dict[str, Any] = {"after": timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_DECISIONS, values)
        return cursor.rowcount
