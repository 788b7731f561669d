"""The alarm for people who were promised a mail and have had none."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


def _never_mailed() -> tuple[int, datetime | None]:
    """How many mailboxes, and since when the first of them; every staff page asks, so it is one query for all kinds."""
    looks = " UNION ALL ".join(_look(kind) for kind in everything())
    values: dict[str, Any] = {"promised": PROMISED}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(mailboxes), min(since) FROM ({looks}) AS looked (mailboxes, since)", values)
        number, since = cursor.fetchone()
    return int(number), since


def _look(kind: Kind) -> str:
    values = {"lane": OutgoingEmail.Lane.CONFIRM.value, "most": MOST_COUNTED, "mail": kind.mail}
    return _LOOK.format(source=kind.source, reachable=kind.reachable, **values)


@desk.alarm
def mail_that_was_promised() -> desk.Alarm | None:
    """Mailboxes that have waited for their first mail for over an hour, by our limits or because none gets through."""
    number, since = _never_mailed()
    if since is None:
        return None
    words = ngettext("One mailbox waits for a first mail.", "%(number)s mailboxes wait for a first mail.", number) % {
        "number": f"{number:,}"
    }
    advice = _(
        "Their mail waits in the list of outgoing mail, which says why; what the limits put off goes out by itself."
    )
    return desk.Alarm(_("Mail that was promised has not gone out"), since, words, advice)


@health.gauge("undersigned_never_mailed", "Mailboxes that have waited over an hour for a first mail.")
def never_mailed() -> int:
    """The number that the alarm above counts."""
    return _never_mailed()[0]
