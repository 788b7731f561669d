"""Agreeing, and saying "This wasn't me": the two things that end a submission. Both need proof of its mailbox."""

from dataclasses import dataclass

from django.db import connection

from mail import outbox
from submissions import status
from submissions.kinds import Agreed, numbered
from submissions.status import Status


@dataclass
class NotAgreed(Exception):
    """Nothing was agreed; `state` is the submission's status (submissions/status.py), or `unknown`."""

    state: str

    def __str__(self) -> str:
        return self.state


def agree(number: int, submission_id: int, choice: str = "") -> Agreed:
    """Agree to exactly one submission, once. Raises NotAgreed; what has been agreed already is answered first."""
    agreed = numbered(number).agree(submission_id, choice)
    if agreed is None:
        raise NotAgreed(state(number, submission_id))
    return agreed


def state(number: int, submission_id: int) -> str:
    """Its status now, or `unknown`."""
    found = status.of([(number, submission_id)])
    return found[0].state if found else "unknown"


def disown(number: int, submission_id: int) -> bool:
    """End one that its mailbox did not ask for; whether it was still there to end. What was agreed is left alone."""
    kind = numbered(number)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {kind.table} SET ended_at = statement_timestamp()"
            " WHERE id = %s AND agreed_at IS NULL AND ended_at IS NULL",
            [submission_id],
        )
        return cursor.rowcount == 1


def stop_mail(found: Status) -> None:
    """Never write to this mailbox again, until its owner presses a button on their own page (SAFETY T3)."""
    outbox.suppress_key(found.mailbox_key)
