"""How often a mailbox was written to since it last answered, and how long it must be spared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from submissions.kinds import everything


@dataclass(frozen=True)
class Written:
    """How a mailbox was written to since it last answered: how often, and how long ago first and last."""

    mails: int = 0
    first: timedelta = timedelta(0)
    last: timedelta = timedelta(0)

    @property
    def wait(self) -> timedelta:
        """How long it must be spared still; none or less: it may be written to now."""
        if self.mails == 0:
            return timedelta(0)
        if self.first < timedelta(days=1):
            return timedelta(0) if self.mails < settings.MAILS_UNANSWERED_FIRST_DAY else timedelta(days=1) - self.first
        return (timedelta(days=1) if self.first < timedelta(days=7) else timedelta(days=7)) - self.last

    def once_more(self) -> "Written":
        """The state after one more mail."""
        return Written(self.mails + 1, self.first, timedelta(0))


NEVER = Written()


def written(mailbox_keys: Iterable[bytes]) -> dict[bytes, Written]:
    """How often these were written to since they last agreed to anything."""
    answers = " UNION ALL ".join(
        f"SELECT max(s.agreed_at) AS at FROM {kind.table} s WHERE s.mailbox_key = wrote.mailbox_key"
        for kind in everything()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT mailbox_key, mails, statement_timestamp() - since, statement_timestamp() - last_at
            FROM submissions_correspondence wrote WHERE mailbox_key = ANY(%s) AND since IS NOT NULL
            AND since >= coalesce((SELECT max(at) FROM ({answers}) answers), '-infinity')""",
            [list(mailbox_keys)],
        )
        return {bytes(key): Written(*rest) for key, *rest in cursor.fetchall()}


def remember(now: dict[bytes, Written]) -> None:
    """These are written to now. The caller holds their locks, so what it counted on is still true."""
    keys = sorted(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO submissions_correspondence (mailbox_key, since, mails, last_at)
            SELECT key, statement_timestamp() - first, mails, statement_timestamp()
            FROM unnest(%s::bytea[], %s::interval[], %s::int[]) AS now (key, first, mails)
            ON CONFLICT (mailbox_key) DO UPDATE
            SET since = EXCLUDED.since, mails = EXCLUDED.mails, last_at = EXCLUDED.last_at""",
            [keys, [now[key].first for key in keys], [now[key].mails for key in keys]],
        )
