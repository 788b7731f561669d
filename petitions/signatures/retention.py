"""What is forgotten, and when. The privacy notice prints the same settings (GDPR Art. 5(1)(e))."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from petitions.signatures import optional
from petitions.statements import availability, counting

BATCH = 1000

# Every row of a statement that closed long enough ago, whatever its state, so that one odd row stops no other.
_DUE = f"""sig.id = ANY(ARRAY(
    SELECT due.id FROM petitions_signature due JOIN petitions_statement st ON st.id = due.statement_id
    WHERE due.anonymised_at IS NULL AND {availability.ENDED_SQL} < statement_timestamp() - %(after)s
    LIMIT {BATCH} FOR UPDATE OF due SKIP LOCKED
))"""

# What goes, and what stands there then; all columns of the register that follow the same setting.
_NOTHING = {
    **dict.fromkeys(
        ("name", "email", "email_canonical", "ip_key", "address_key", "domain_key", "removed_reason"), "''"
    ),
    **{field.name: field.empty_sql for field in optional.FIELDS if not field.stays},
    "mailbox_key": "decode(lpad(to_hex(sig.id), 32, '0'), 'hex')",
    "held_reason": "CASE sig.state WHEN 'held' THEN 'Forgotten' ELSE '' END",
    "show_name": "false",
    "email_updates": "false",
}  # fmt: skip
EMPTIED = " ".join(_NOTHING)

_FORGET = f"""
    state = CASE sig.state WHEN 'confirmed' THEN 'anonymised' ELSE sig.state END,
    {", ".join(f"{column} = {nothing}" for column, nothing in _NOTHING.items())},
    anonymised_at = statement_timestamp()
"""


def anonymise() -> int:
    """Forget who signed statements that closed ANONYMISE_AFTER_CLOSING_DAYS ago; the count stays.

    One batch of at most 1,000; returns how many rows it was, so the caller goes on until it is 0.
    """
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    return len(counting.move(where=_DUE, change=_FORGET, values={"after": after}, many=True))


# Only once everybody there is anonymised, so that nothing begins to count which was held. What is about all statements
# (no scope) stays: it keeps out whoever stuffs ballots with a domain.
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
    """What was decided about mailboxes goes with the people it was about; returns how many decisions that was.

    Those of twenty statements at most, each as a whole, because decisions name each other.
    """
    values: dict[str, Any] = {"after": timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_DECISIONS, values)
        return cursor.rowcount
