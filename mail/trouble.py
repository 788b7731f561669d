"""Whether mail leaves, judged by the results of sending: staff must hear of trouble before signers do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from mail.models import OutgoingEmail

LATE = timedelta(minutes=5)
LANES = [OutgoingEmail.Lane.CONFIRM.value, OutgoingEmail.Lane.NOTICE.value]
TRIES = 3  # about five minutes; a busy server that asks us to come back is not in trouble yet

# The mail people wait for that should have left longest ago, and the newest that were tried; both by an index.
_LOOK = """
(SELECT 'late', created_at, attempts, outcome, state FROM mail_outgoingemail
 WHERE state = 'queued' AND lane = ANY(%(lanes)s)
    AND due_at < statement_timestamp() - %(late)s
    AND (claimed_until IS NULL OR claimed_until < statement_timestamp())
 ORDER BY lane, due_at, id LIMIT 1)
UNION ALL
(SELECT 'tried', created_at, attempts, outcome, state FROM
    (SELECT * FROM mail_outgoingemail ORDER BY id DESC LIMIT 100) newest
 WHERE attempts > 0 AND state IN ('queued', 'sent') ORDER BY id DESC)
"""


@dataclass(frozen=True)
class Trouble:
    """Since when mail has been waiting, what is wrong, what to do about it; and whether the mail server refuses it."""

    since: datetime
    words: str
    advice: str
    is_refused: bool = False


def trouble() -> Trouble | None:
    """The reason why mail does not leave, or None; one query of two index reads."""
    values: dict[str, Any] = {"late": LATE, "lanes": LANES}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, values)
        rows = cursor.fetchall()
    refused = _refused([row[1:] for row in rows if row[0] == "tried"])
    if refused:
        return refused
    late = [since for kind, since, *_ in rows if kind == "late"]
    advice = gettext("Start manage.py worker, or see in its log why it waits for the mail server.")
    return Trouble(late[0], gettext("Nobody is sending it."), advice) if late else None


def _refused(tried: list[tuple[datetime, int, str, str]]) -> Trouble | None:
    """Whether none of the mails tried since one last got through was taken; `tried` is newest first."""
    since_sent = []
    for since, attempts, outcome, state in tried:
        if state == OutgoingEmail.State.SENT:
            break
        since_sent.append((since, attempts, outcome))
    stuck = [(since, outcome) for since, attempts, outcome in since_sent if attempts >= TRIES and outcome != "sending"]
    if not stuck:
        return None
    since, outcome = min(stuck)
    return Trouble(
        since,
        gettext("The mail server says: %(said)s.") % {"said": outcome.rstrip(".")},
        gettext("Correct EMAIL_URL or the settings of the provider, then restart the worker."),
    )
