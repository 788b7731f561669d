"""What staff must hear of: people who were promised a mail and have had none."""

from datetime import datetime, timedelta

from django.db import connection

from core import desk, health
from mail.models import OutgoingEmail
from submissions.kinds import Kind, everything

PROMISED = timedelta(hours=1)
MOST_COUNTED = 10_000

# By way of the mail that waits, of which there is little and an index: whoever stopped our mail has none there. What
# is hidden with its statement waits because staff wanted it to.
_LOOK = """
SELECT count(DISTINCT s.mailbox_key), min(s.created_at) FROM (
    SELECT context->>'submission' AS submission FROM mail_outgoingemail
    WHERE state = 'queued' AND lane = {lane} AND kind = '{mail}' ORDER BY due_at, id LIMIT {most}
) queued
JOIN {source} ON s.id::text = queued.submission
WHERE s.mailed_at IS NULL AND s.agreed_at IS NULL AND s.ended_at IS NULL
    AND s.created_at < statement_timestamp() - %(promised)s AND {reachable}
"""


def _never_mailed(kind: Kind) -> tuple[int, datetime | None]:
    values = {"lane": OutgoingEmail.Lane.CONFIRM.value, "most": MOST_COUNTED, "mail": kind.mail}
    sql = _LOOK.format(source=kind.source, reachable=kind.reachable, **values)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"promised": PROMISED})
        return cursor.fetchone()


@desk.alarm
def mail_that_was_promised() -> desk.Alarm | None:
    """Mailboxes that have waited for their first mail for over an hour, by our limits or because none gets through."""
    found = [_never_mailed(kind) for kind in everything()]
    number = sum(mailboxes for mailboxes, _ in found)
    if not number:
        return None
    since = min(since for _, since in found if since)
    words = "One mailbox waits" if number == 1 else f"{number:,} mailboxes wait"
    advice = (
        "Their mail waits in the list of outgoing mail, which says why; what the limits put off goes out by itself."
    )
    return desk.Alarm("Mail that was promised has not gone out", since, f"{words} for a first mail.", advice)


@health.gauge("undersigned_never_mailed", "Mailboxes that have waited over an hour for a first mail.")
def never_mailed() -> int:
    """What the alarm above counts."""
    return sum(_never_mailed(kind)[0] for kind in everything())
