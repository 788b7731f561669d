"""How much mail a mailbox may get that has not asked for any: our form must not become somebody's weapon (SAFETY T3).

Limits are judged as the mail is about to be sent, never at the door, so the answer there tells nobody anything.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from core.speed import prepared
from mail.kinds import capped_kinds
from mail.models import OutgoingEmail


@dataclass(frozen=True)
class Limit:
    """At most `most` mails in `within`, for one statement or (`everywhere`) for all of them together."""

    most: int
    within: timedelta
    everywhere: bool = False

    def __str__(self) -> str:
        where = "on the whole site" if self.everywhere else "for one statement"
        return f"{self.most} in {_words(self.within)} {where}"


@dataclass(frozen=True)
class Past:
    """A mail that went out, or is on its way: which statement it was about, and how long ago."""

    statement: str
    age: timedelta


ASKED_AGAIN = timedelta(minutes=1)


def limits(*, asked_again: bool = False) -> list[Limit]:
    """The limits per recipient, the shortest first; who presses "Send it again" waits a minute only.

    "In all" means within SENT_MAIL_DAYS: after that nobody can say any more what was sent, for it has been deleted.
    """
    return [
        Limit(1, ASKED_AGAIN if asked_again else timedelta(minutes=settings.MAILS_PER_RECIPIENT_AND_STATEMENT_MINUTES)),
        Limit(settings.MAILS_PER_RECIPIENT_AND_DAY, timedelta(days=1), everywhere=True),
        Limit(settings.MAILS_PER_RECIPIENT_AND_STATEMENT, timedelta(days=settings.SENT_MAIL_DAYS)),
    ]


def broken(statement: str, history: Iterable[Past], *, asked_again: bool = False) -> Limit | None:
    """The first limit that one more mail about `statement` would break, given what this mailbox got before."""
    past = list(history)
    for limit in limits(asked_again=asked_again):
        counted = [mail for mail in past if mail.age < limit.within]
        if sum(limit.everywhere or mail.statement == statement for mail in counted) >= limit.most:
            return limit
    return None


def judge(rows: list[OutgoingEmail]) -> dict[int, Limit]:
    """The rows (by id) that must not be sent, of rows that this process has just claimed, and the limit each breaks.

    To be called in the transaction that claimed them: the locks on the recipients hold until it ends, so what one
    worker lets through the next one counts. A row that is let through counts against those after it in `rows`.
    """
    histories = _histories(rows)
    refused: dict[int, Limit] = {}
    for row in rows:
        history, statement = histories[row.recipient_key], _statement_of(row)
        if limit := broken(statement, history, asked_again=_asked_again(row)):
            refused[row.pk] = limit
        else:
            history.append(Past(statement, timedelta(0)))
    return refused


def _statement_of(row: OutgoingEmail) -> str:
    """As text, and empty where there is none: a row that makes no sense must not stop the others from being claimed."""
    return str(row.context.get("statement", "")) if isinstance(row.context, dict) else ""


def _asked_again(row: OutgoingEmail) -> bool:
    return isinstance(row.context, dict) and row.context.get("again") is True


_LOCK = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('mail to ' || recipient, 0) AS key FROM unnest(%(keys)s::text[]) recipient
    ORDER BY key
) one_after_the_other
"""

# What another worker is sending at this moment counts as sent.
_HISTORY = """
SELECT recipient_key, coalesce(context->>'statement', ''), coalesce(statement_timestamp() - finished_at, interval '0')
FROM mail_outgoingemail
WHERE recipient_key = ANY(%(keys)s) AND kind = ANY(%(kinds)s) AND id <> ALL(%(own)s) AND (
    (state = 'sent' AND finished_at > statement_timestamp() - %(window)s)
    OR (state = 'queued' AND claimed_until > statement_timestamp() AND outcome = 'sending')
)
"""


def _histories(rows: list[OutgoingEmail]) -> dict[str, list[Past]]:
    values = {
        "keys": sorted({row.recipient_key for row in rows}),
        "kinds": capped_kinds(),
        "own": [row.pk for row in rows],
        "window": max(limit.within for limit in limits()),
    }
    found: dict[str, list[Past]] = defaultdict(list)
    prepared.run(_LOCK, values)
    for recipient_key, statement, age in prepared.run(_HISTORY, values):
        found[recipient_key].append(Past(statement, age))
    return found


def _words(span: timedelta) -> str:
    number, unit = (span.days, "day") if span.days else (span.seconds // 60, "minute")
    return f"a {unit}" if number == 1 else f"{number} {unit}s"
