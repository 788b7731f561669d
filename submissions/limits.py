"""How much mail a mailbox gets that has not answered: a limit means later, and fewer, never never (SAFETY T3).

One mail lists everything that waits, and settles every queued request it lists. A mailbox that answers none is written
to five times on the first day, then daily, then weekly. Judged as mail is claimed, never at the door, so the answer
there tells nobody anything; and while the rows are claimed, so that what one worker lets through the next one counts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from core import addresses
from mail.kinds import Judged
from mail.models import OutgoingEmail
from submissions import standing
from submissions.kinds import everything
from submissions.standing import Standing

MOST_LISTED = 10
MOST_EQUAL = 100
GATHER = timedelta(seconds=10)
LOOK_AGAIN = timedelta(minutes=10)
JUST_NOW = timedelta(minutes=1)


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


NEVER = Written()


def judge(rows: list[OutgoingEmail]) -> dict[int, Judged]:
    """What must become of claimed rows that ask to confirm, other than being sent as they are.

    In the transaction that claimed them. A row that may go is given, in its context, the list of what it will say;
    one that has it already was let through before, and goes.
    """
    fresh = [row for row in rows if _asks(row) and "lists" not in row.context]
    if not fresh:
        return {}
    _lock({row.recipient_key for row in fresh})
    mailboxes = _Mailboxes(fresh)
    verdicts: dict[int, Judged] = {}
    for row in fresh:
        verdict = mailboxes.judge(row)
        if verdict is not None:
            verdicts[row.pk] = verdict
    mailboxes.write_down()
    return verdicts


def _asks(row: OutgoingEmail) -> bool:
    """A row that makes no sense is for whoever builds it to complain about; it must not stop the others."""
    return isinstance(row.context, dict) and isinstance(row.context.get("submission"), int)


class _Mailboxes:
    """What waits for the mailboxes of one batch, and how they were written to; asked for once."""

    def __init__(self, rows: list[OutgoingEmail]) -> None:
        kinds = {kind.mail: kind for kind in everything()}
        pairs = {row.pk: (kinds[_base(row.kind)].number, row.context["submission"]) for row in rows}
        own = {found.pair: found for found in standing.of(pairs.values())}
        self.own = {pk: own[pair] for pk, pair in pairs.items() if pair in own}
        self.waiting: dict[bytes, list[Standing]] = {found.address_key: [] for found in own.values()}
        for found in standing.unanswered(list(self.waiting)):
            self.waiting[found.address_key].append(found)
        self.written = _written({found.mailbox_key for found in own.values()})
        self.listed: dict[tuple[int, int], int] = {}
        self.carriers: list[tuple[OutgoingEmail, bytes]] = []

    def judge(self, row: OutgoingEmail) -> Judged | None:
        found = self.own.get(row.pk)
        if found is None or found.state in {"agreed", "ended", "superseded", "expired", "closed"}:
            return Judged.drop(found.state if found else "gone")
        if found.pair in self.listed:
            return Judged.drop(f"listed in mail {self.listed[found.pair]}")
        if found.state == "hidden":
            return Judged.later(LOOK_AGAIN, "its statement is hidden")
        return self._may_go(row, found)

    def _may_go(self, row: OutgoingEmail, found: Standing) -> Judged | None:
        again = row.context.get("again", False)
        written = self.written.get(found.mailbox_key, NEVER)
        if found.mailed_at is not None and not again and row.kind == found.kind.mail:
            return Judged.drop("listed in another mail")
        waits = [one for one in self.waiting[found.address_key] if one.state == "waiting"]
        if not again and written.last < JUST_NOW and self._was_just_mailed(found, waits):
            mark_mailed([found.pair])
            return Judged.drop("the same was mailed a moment ago")
        if written.wait > timedelta(0):
            return Judged.later(written.wait, f"later: {written.mails} mails unanswered")
        age = row.age
        if written.mails and not again and age < GATHER:
            return Judged.later(GATHER - age, "gathers what comes within ten seconds")
        self._carry(row, found, waits)
        return None

    def _was_just_mailed(self, found: Standing, waits: list[Standing]) -> bool:
        """Whether a mail of the last minute said exactly this: somebody pressed the button twice."""
        twins = [one for one in waits if one.digest == found.digest and one.number == found.number]
        return any(one.was_mailed_within(JUST_NOW) for one in twins)

    def _carry(self, row: OutgoingEmail, found: Standing, waits: list[Standing]) -> None:
        """Let the row list what waits; the request itself is always among it."""
        first: dict[tuple[int, bytes], Standing] = {}
        for one in (found, *waits) if row.context.get("again") else (*waits, found):
            first.setdefault((one.number, one.digest), one)
        chosen = sorted(list(first.values())[:MOST_LISTED], key=lambda one: (one.created_at, one.pair))
        said = {(one.number, one.digest) for one in chosen}
        twins = [one for one in waits if (one.number, one.digest) in said and one not in chosen][:MOST_EQUAL]
        row.context["lists"] = [list(one.pair) for one in chosen]
        row.context["equal"] = [list(one.pair) for one in twins]
        self.listed |= dict.fromkeys([one.pair for one in (*chosen, *twins)], row.pk)
        self.carriers.append((row, found.mailbox_key))
        self.written[found.mailbox_key] = _one_more(self.written.get(found.mailbox_key, NEVER))

    def write_down(self) -> None:
        """Keep what the rows list, settle the requests that they answer, and remember that a mail went out."""
        if not self.carriers:
            return
        _keep_contexts([row for row, _ in self.carriers])
        _settle(self.listed)
        _remember([key for _, key in self.carriers])


def _one_more(written: Written) -> Written:
    return Written(written.mails + 1, written.first, timedelta(0))


def _base(mail_kind: str) -> str:
    return mail_kind.replace("_reminder", "_confirm")


def _lock(recipient_keys: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT hashtextextended('mail to ' || recipient, 0) AS key FROM unnest(%s::text[]) recipient
            ORDER BY key) one_after_the_other""",
            [list(recipient_keys)],
        )


def _answered() -> str:
    """SQL for when the mailbox `wrote` last agreed to anything."""
    parts = " UNION ALL ".join(
        f"SELECT max(s.agreed_at) AS at FROM {kind.table} s WHERE s.mailbox_key = wrote.mailbox_key"
        for kind in everything()
    )
    return f"(SELECT max(at) FROM ({parts}) answers)"


def _written(mailbox_keys: Iterable[bytes]) -> dict[bytes, Written]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT mailbox_key, mails, statement_timestamp() - since, statement_timestamp() - last_at
            FROM submissions_correspondence wrote WHERE mailbox_key = ANY(%s) AND since IS NOT NULL
            AND since >= coalesce({_answered()}, '-infinity')""",
            [list(mailbox_keys)],
        )
        return {bytes(key): Written(*rest) for key, *rest in cursor.fetchall()}


def _remember(mailbox_keys: list[bytes]) -> None:
    """Each of these is written to now; a first mail since the last answer begins the count anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO submissions_correspondence AS wrote (mailbox_key, since, mails, last_at)
            SELECT key, clock_timestamp(), 1, clock_timestamp() FROM unnest(%s::bytea[]) AS key
            GROUP BY key ORDER BY key
            ON CONFLICT (mailbox_key) DO UPDATE SET last_at = clock_timestamp(),
                mails = CASE WHEN wrote.since >= coalesce({_answered()}, '-infinity') THEN wrote.mails + 1 ELSE 1 END,
                since = CASE WHEN wrote.since >= coalesce({_answered()}, '-infinity') THEN wrote.since
                    ELSE clock_timestamp() END""",
            [mailbox_keys],
        )


# Rows that another worker has claimed are passed over: it waits for our lock, and then sees what was listed.
_SETTLE = """
UPDATE mail_outgoingemail SET state = 'skipped', claimed_until = NULL, finished_at = statement_timestamp(),
    outcome = 'listed in mail ' || wanted.carrier
FROM (
    SELECT queued.id, listed.carrier FROM mail_outgoingemail queued
    JOIN unnest(%(kinds)s::text[], %(ids)s::bigint[], %(carriers)s::bigint[]) AS listed (kind, submission, carrier)
        ON queued.kind = listed.kind AND (queued.context->>'submission')::bigint = listed.submission
    WHERE queued.recipient_key = ANY(SELECT recipient_key FROM mail_outgoingemail WHERE id = ANY(%(carriers)s))
        AND queued.state = 'queued' AND queued.claimed_until IS NULL
    FOR UPDATE OF queued SKIP LOCKED
) wanted
WHERE mail_outgoingemail.id = wanted.id
"""


def _keep_contexts(rows: list[OutgoingEmail]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mail_outgoingemail mail SET context = said.context"
            " FROM unnest(%s::bigint[], %s::jsonb[]) AS said (id, context) WHERE mail.id = said.id",
            [[row.pk for row in rows], [json.dumps(row.context) for row in rows]],
        )


def spare(rows: list[OutgoingEmail]) -> dict[int, Judged]:
    """The judge of other mail to mailboxes that have proved nothing: each counts as one, and waits as they must.

    Never waits for a lock, because this worker may hold those of its confirmations and another one the other way round.
    """
    fresh = [row for row in rows if isinstance(row.context, dict) and "counted" not in row.context]
    own = _lock_free({row.recipient_key for row in fresh})
    keys = {row.pk: addresses.mailbox_key(row.recipient) for row in fresh if row.recipient_key in own}
    written = _written(set(keys.values()))
    verdicts: dict[int, Judged] = {}
    let_through: list[OutgoingEmail] = []
    for row in fresh:
        known = written.get(keys[row.pk], NEVER) if row.pk in keys else None
        if known is None:
            verdicts[row.pk] = Judged.later(GATHER, "another worker writes to this mailbox")
        elif known.wait > timedelta(0):
            verdicts[row.pk] = Judged.later(known.wait, f"later: {known.mails} mails unanswered")
        else:
            written[keys[row.pk]] = Written(known.mails + 1, known.first, timedelta(0))
            row.context["counted"] = True
            let_through.append(row)
    if let_through:
        _keep_contexts(let_through)
    for row in let_through:
        _remember([keys[row.pk]])
    return verdicts


def _lock_free(recipient_keys: Iterable[str]) -> set[str]:
    """Those of these mailboxes that no other worker is judging mail to; nor will it, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT recipient FROM unnest(%s::text[]) recipient
            WHERE pg_try_advisory_xact_lock(hashtextextended('mail to ' || recipient, 0))""",
            [list(recipient_keys)],
        )
        return {recipient for (recipient,) in cursor.fetchall()}


def _settle(listed: dict[tuple[int, int], int]) -> None:
    names = {kind.number: kind.mail for kind in everything()}
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "kinds": [names[number] for number, _ in listed],
                "ids": [pk for _, pk in listed],
                "carriers": list(listed.values()),
            },
        )


def accepted(row: OutgoingEmail) -> None:
    """A mail server took this mail: what it lists has been mailed, and its codes work from now on."""
    mark_mailed([tuple(pair) for pair in (*row.context["lists"], *row.context["equal"])])


def mark_mailed(pairs: Iterable[tuple[int, int]]) -> None:
    """Write down that a mail which lists these was accepted; the first time counts."""
    by_number: dict[int, list[int]] = {}
    for number, pk in pairs:
        by_number.setdefault(number, []).append(pk)
    for kind in everything():
        if ids := by_number.get(kind.number):
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {kind.table} SET mailed_at = statement_timestamp()"
                    " WHERE id = ANY(%s) AND mailed_at IS NULL",
                    [ids],
                )


def wake(recipient_keys: Iterable[str]) -> None:
    """Somebody has answered: what was put off for their mailbox may go now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE mail_outgoingemail SET due_at = statement_timestamp() WHERE recipient_key = ANY(%s)
            AND kind = ANY(%s) AND state = 'queued' AND claimed_until IS NULL AND due_at > statement_timestamp()""",
            [list(recipient_keys), [kind.mail for kind in everything()]],
        )
