"""Chores for submissions. All times are the database's.

They go by time and not by what became of them, because an index that says "not agreed" would make agreeing dearer. So
these look at more rows than they touch, and once an hour is often enough.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from core import retention
from core.chores import chore
from mail.models import OutgoingEmail
from submissions import networks
from submissions.kinds import everything
from submissions.models import Correspondence, WrongCodes
from submissions.status import EXPIRES, state_of, times

BATCH = 1000
HOUR = timedelta(hours=1)
REMIND_AFTER, REMIND_UNTIL = timedelta(days=1), timedelta(days=2)  # shorter than rows of mail are kept


def delete_unconfirmed() -> int:
    """Delete unconfirmed submissions: 14 days after the first mail, or 28 after the form if none went out."""
    return _of_each(
        f"""DELETE FROM {{table}} WHERE id = ANY(ARRAY(SELECT id FROM {{table}} s
        WHERE s.created_at <= statement_timestamp() - least(%(valid)s, %(longest)s) AND s.agreed_at IS NULL
            AND {EXPIRES} <= statement_timestamp() LIMIT %(batch)s FOR UPDATE SKIP LOCKED))""",
        **times(),
    )


def delete_agreed() -> int:
    """The stub that goes on answering "already done" after its words have moved to what was agreed to."""
    return _of_each(
        """DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM {table} s
        WHERE s.created_at < statement_timestamp() - %(stub)s AND s.agreed_at < statement_timestamp() - %(stub)s
        LIMIT %(batch)s FOR UPDATE SKIP LOCKED))""",
        stub=timedelta(days=settings.AGREED_STUB_DAYS),
    )


def forget_networks() -> int:
    """The keyed hash of the network goes after IP_KEY_DAYS, with the key that made it (core/chores.py)."""
    return _of_each(
        """UPDATE {table} SET ip_key = '' WHERE id = ANY(ARRAY(SELECT id FROM {table} s
        WHERE s.ip_key <> '' AND s.created_at < statement_timestamp() - %(kept)s
        LIMIT %(batch)s FOR UPDATE SKIP LOCKED))""",
        kept=timedelta(days=settings.IP_KEY_DAYS),
    )


def forget_correspondence() -> int:
    """How often a mailbox was written to; after WRITTEN_TO_DAYS without a mail nothing depends on it."""
    return _execute(
        """DELETE FROM submissions_correspondence WHERE id = ANY(ARRAY(SELECT id FROM submissions_correspondence
        WHERE greatest(since, last_at, asked_at) < statement_timestamp() - %(kept)s
        LIMIT %(batch)s FOR UPDATE SKIP LOCKED))""",
        kept=timedelta(days=settings.WRITTEN_TO_DAYS),
    )


def forget_wrong_codes() -> int:
    """How many were typed on days that are over."""
    wrong = "DELETE FROM submissions_wrongcodes WHERE day < current_date - %(kept)s"
    return _execute(wrong, kept=settings.WRONG_CODES_DAYS)


# A row of mail shows whether a reminder was sent. Of equal posts the oldest is enough.
_REMIND = """
INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
SELECT '{reminder}', s.email, s.mailbox_key, s.address_key, {lane}, jsonb_build_object('submission', s.id)
FROM {source}
WHERE s.mailed_at BETWEEN statement_timestamp() - %(until)s AND statement_timestamp() - %(after)s
    AND s.agreed_at IS NULL AND {state} = 'waiting'
    AND NOT EXISTS (SELECT 1 FROM mail_outgoingemail mail WHERE mail.recipient_key = s.mailbox_key
        AND mail.kind = '{reminder}' AND mail.context->>'submission' = s.id::text)
    AND NOT EXISTS (SELECT 1 FROM {table} twin WHERE twin.address_key = s.address_key AND twin.digest = s.digest
        AND twin.id < s.id AND twin.agreed_at IS NULL)
LIMIT %(batch)s
"""


@chore("remind", every=HOUR)
def remind() -> int:
    """One reminder a day after the first mail, of what still waits; the limits judge it like any mail (limits.py)."""
    total = 0
    for kind in everything():
        sql = _REMIND.format(
            reminder=kind.reminder,
            lane=OutgoingEmail.Lane.NOTICE.value,
            source=kind.source,
            table=kind.table,
            state=f"({state_of(kind)})",
        )
        total += _execute(sql, **times(), after=REMIND_AFTER, until=REMIND_UNTIL)
    return total


chore("watch slowed networks")(networks.watch)

for _kind in everything():
    _of: dict[str, Any] = {"model": _kind.model, "every": HOUR}
    retention.step("delete unconfirmed submissions", **_of, follows="UNCONFIRMED_DAYS UNMAILED_DAYS")(
        delete_unconfirmed
    )
    retention.step("delete agreed submissions", **_of, follows="AGREED_STUB_DAYS")(delete_agreed)
    retention.step("forget networks of submissions", **_of, empties="ip_key", follows="IP_KEY_DAYS")(forget_networks)
retention.step("forget whom we wrote to", Correspondence, every=HOUR, follows="WRITTEN_TO_DAYS")(forget_correspondence)
retention.step("forget wrong codes", WrongCodes, every=HOUR, follows="WRONG_CODES_DAYS")(forget_wrong_codes)


def _of_each(sql: str, **values: Any) -> int:
    return sum(_execute(sql.format(table=kind.table), **values) for kind in everything())


def _execute(sql: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"batch": BATCH, **values})
        return cursor.rowcount
