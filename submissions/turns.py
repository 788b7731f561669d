"""The order in which several spellings of one mailbox get mail: network by network, as in lists.

Each spelling has its own mail, because only the address as typed may see what was typed; all of them share what one
mailbox gets. Without turns whoever posts in forty spellings would keep the owner's own request waiting for weeks.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection

from submissions.kinds import Kind, everything

SOON = timedelta(seconds=10)
MOST = 500

# By way of the mail that waits: what has none queued any more must not keep others waiting.
_TURNS = """
SELECT waits.mailbox_key, waits.address_key, waits.number, waits.id FROM ({each}) waits
JOIN mail_outgoingemail mail ON mail.kind = waits.mail AND mail.context->>'submission' = waits.id::text
WHERE waits.mailed_at IS NULL AND mail.recipient_key = ANY(%(recipients)s) AND mail.state = 'queued'
    AND mail.due_at <= statement_timestamp() + %(soon)s
ORDER BY waits.turn, waits.created_at, waits.number, waits.id LIMIT {most}
"""

# A flood in one spelling is the common one, and has no turns to take.
_SPELT = """
SELECT recipient_key FROM mail_outgoingemail WHERE recipient_key = ANY(%s) AND state = 'queued'
GROUP BY recipient_key HAVING count(DISTINCT address_key) > 1
"""

Turn = tuple[bytes, tuple[int, int]]  # the address, and the submission


def of(mailbox_keys: Iterable[bytes], recipient_keys: Iterable[bytes]) -> dict[bytes, list[Turn]]:
    """Submissions that have had no mail and are due for one, by mailbox, oldest first."""
    sql = _TURNS.format(each=" UNION ALL ".join(map(_of_kind, everything())), most=MOST)
    turns: dict[bytes, list[Turn]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SPELT, [list(recipient_keys)])
        spelt = [recipient for (recipient,) in cursor.fetchall()]
        if not spelt:
            return turns
        values: dict[str, Any] = {"mailboxes": list(mailbox_keys), "recipients": spelt, "soon": SOON}
        cursor.execute(sql, values)
        for mailbox, address, number, pk in cursor.fetchall():
            turns.setdefault(bytes(mailbox), []).append((bytes(address), (number, pk)))
    return turns


def _of_kind(kind: Kind) -> str:
    """Mails already sent count for their network, so that other networks come first."""
    return f"""SELECT s.mailbox_key, s.address_key, {kind.number} AS number, '{kind.mail}' AS mail, s.id, s.mailed_at,
        s.created_at, row_number() OVER (PARTITION BY s.mailbox_key, s.ip_key ORDER BY s.mailed_at IS NULL, s.id) turn
        FROM {kind.table} s
        WHERE s.mailbox_key = ANY(%(mailboxes)s) AND s.agreed_at IS NULL AND s.ended_at IS NULL"""
