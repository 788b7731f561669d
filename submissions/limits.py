"""How much mail a mailbox gets that has not answered: a limit means later, and fewer, never never (SAFETY T3).

One mail lists everything that waits, and settles every queued request it lists. A mailbox that answers none is written
to five times on the first day, then daily, then weekly. Judged as mail is claimed, never at the door, so the answer
there tells nobody anything; and while the rows are claimed, so that what one worker lets through the next one counts.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection

from core.speed import prepared
from mail import returns
from mail.kinds import Judged, Steps
from mail.models import OutgoingEmail
from submissions import correspondence, networks, status, turns
from submissions.correspondence import NEVER
from submissions.kinds import everything, numbered
from submissions.status import Status

MOST_LISTED = 10
MOST_EQUAL = 100
MOST_PUT_OFF = 2000  # at once; the rest with the next batch
GATHER = timedelta(seconds=10)
LOOK_AGAIN = timedelta(minutes=10)
JUST_NOW = timedelta(minutes=1)
LATER = "later: our mails were not answered"


def judge(rows: list[OutgoingEmail]) -> dict[int, Judged]:
    """Verdicts on claimed confirmation mails that must not be sent as they are.

    In the transaction that claimed them. A row that may go is given, in its context, the list of what it will say;
    one that has it already was let through before, and goes. Locks are taken in one order: the claimed rows, their
    mailboxes, then only rows that nobody holds.
    """
    fresh = [row for row in rows if _asks(row) and "lists" not in row.context]
    if not fresh:
        return {}
    recipient_keys = sorted({row.mailbox for row in fresh})
    _lock(recipient_keys)
    mailboxes = _Mailboxes(fresh, recipient_keys)
    verdicts: dict[int, Judged] = {}
    for row in fresh:
        verdict = mailboxes.judge(row)
        if verdict is not None:
            verdicts[row.pk] = verdict
    mailboxes.write_down()
    return verdicts


def _asks(row: OutgoingEmail) -> bool:
    """A malformed row is left for its builder to reject; it must not stop the others."""
    pk = row.context.get("submission") if isinstance(row.context, dict) else None
    return type(pk) is int and 0 < pk < 2**63


class _Mailboxes:
    """What waits for the mailboxes of one batch, and the mails they have had; queried once."""

    def __init__(self, rows: list[OutgoingEmail], recipient_keys: list[bytes]) -> None:
        kinds = {kind.mail: kind for kind in everything()}
        pairs = {row.pk: (kinds[_base(row.kind)].number, row.context["submission"]) for row in rows}
        own = {found.pair: found for found in status.of(pairs.values())}
        self.own = {pk: own[pair] for pk, pair in pairs.items() if pair in own}
        self.waiting: dict[bytes, list[Status]] = {found.address_key: [] for found in own.values()}
        for found in status.unanswered(list(self.waiting)):
            self.waiting[found.address_key].append(found)
        self.written = correspondence.written({found.mailbox_key for found in own.values()})
        self.listed = _on_their_way(recipient_keys)
        self.rows = rows
        self.turns: dict[bytes, list[turns.Turn]] | None = None  # asked for when it matters
        self.carriers: list[OutgoingEmail] = []
        self.written_to: set[bytes] = set()
        self.spared: dict[bytes, Judged] = {}
        self.slow = networks.busy([found.pair for found in own.values() if found.mailed_at is None])

    def judge(self, row: OutgoingEmail) -> Judged | None:
        found = self.own.get(row.pk)
        if found is None or found.state in {"agreed", "ended", "superseded", "expired", "closed"}:
            return Judged.drop(found.state if found else "gone")
        if found.pair in self.listed:
            return Judged.drop(f"listed in mail {self.listed[found.pair]}")
        if found.state == "hidden":
            return Judged.later(LOOK_AGAIN, "its statement is hidden")
        return self._may_go(row, found)

    def _may_go(self, row: OutgoingEmail, found: Status) -> Judged | None:
        again = row.context.get("again", False)
        written = self.written.get(found.mailbox_key, NEVER)
        if found.mailed_at is not None and not again and row.kind == found.kind.mail:
            return Judged.drop("listed in another mail")
        waits = [one for one in self.waiting[found.address_key] if one.state == "waiting"]
        if not again and _was_just_mailed(found, waits):
            mark_mailed([found.pair], wait="SKIP LOCKED")  # whoever agrees to it right now must not be waited for
            return Judged.drop("the same was mailed a moment ago")
        if written.wait > timedelta(0):
            return self._spare(row, Judged.later(written.wait, LATER))
        if found.pair in self.slow:
            return Judged.later(LOOK_AGAIN, networks.SLOWLY)
        if written.mails and not again and row.queued_for < GATHER:
            return self._spare(row, Judged.later(GATHER - row.queued_for, "gathers what comes within ten seconds"))
        if written.mails and self._is_anothers_turn(row, found):
            return Judged.later(GATHER, "another spelling of this mailbox comes first")
        self._carry(row, found, waits)
        return None

    def _is_anothers_turn(self, row: OutgoingEmail, found: Status) -> bool:
        """Whether what waits for this mailbox in another spelling comes first (turns.py)."""
        if self.turns is None:
            self.turns = turns.of(self.written, [row.mailbox for row in self.rows])
        waits = [address for address, pair in self.turns.get(found.mailbox_key, ()) if pair not in self.listed]
        return bool(waits) and waits[0] != found.address_key

    def _spare(self, row: OutgoingEmail, verdict: Judged) -> Judged:
        self.spared.setdefault(row.mailbox, verdict)
        return verdict

    def _carry(self, row: OutgoingEmail, found: Status, waits: list[Status]) -> None:
        """Let the row list what waits: the request itself, and what no mail lists yet before what one does."""
        different: dict[tuple[int, bytes], Status] = {}
        for one in sorted(waits, key=lambda one: one.pair in self.listed):
            different.setdefault(one.same, one)
        different.pop(found.same, None)
        others = list(different.values())[: MOST_LISTED - 1]
        chosen = sorted([found, *others], key=lambda one: (one.created_at, one.pair))
        said = {one.same for one in chosen}
        twins = [one for one in waits if one.same in said and one not in chosen][:MOST_EQUAL]
        row.context["lists"] = [list(one.pair) for one in chosen]
        row.context["equal"] = [list(one.pair) for one in twins]
        self.listed |= dict.fromkeys([one.pair for one in (*chosen, *twins)], row.pk)
        self.carriers.append(row)
        self.written_to.add(found.mailbox_key)
        self.written[found.mailbox_key] = self.written.get(found.mailbox_key, NEVER).once_more()

    def write_down(self) -> None:
        """Keep what the rows list, settle the requests that they answer, and remember that mails went out."""
        if self.spared:
            _put_off(self.spared)
        if self.carriers:
            _keep_contexts(self.carriers)
            carried = {row.pk for row in self.carriers}
            _settle({pair: carrier for pair, carrier in self.listed.items() if carrier in carried})
            correspondence.remember({key: self.written[key] for key in self.written_to})


def _was_just_mailed(found: Status, waits: list[Status]) -> bool:
    """Whether a mail of the last minute had the same content: the button was pressed twice."""
    return any(one.same == found.same and one.was_mailed_within(JUST_NOW) for one in waits)


def _base(mail_kind: str) -> str:
    return mail_kind.replace("_reminder", "_confirm")


def _lock(recipient_keys: Iterable[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT hashtextextended('mail to ' || encode(recipient, 'hex'), 0) AS key
            FROM unnest(%s::bytea[]) recipient
            ORDER BY key) one_after_the_other""",
            [list(recipient_keys)],
        )


def _on_their_way(recipient_keys: list[bytes]) -> dict[tuple[int, int], int]:
    """By submission: the id of a mail that was let through, lists it, and has not been taken by a server yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, (context->'lists') || (context->'equal') FROM mail_outgoingemail"
            " WHERE recipient_key = ANY(%s) AND state = 'queued' AND jsonb_exists(context, 'lists')",
            [recipient_keys],
        )
        return {tuple(pair): pk for pk, pairs in cursor.fetchall() for pair in json.loads(pairs)}


# What waits for a mailbox is put off together: ten thousand posts for it must not come to be judged one by one.
_PUT_OFF = """
UPDATE mail_outgoingemail mail SET due_at = statement_timestamp() + later.wait, outcome = later.outcome
FROM (
    SELECT queued.id, spared.wait, spared.outcome FROM mail_outgoingemail queued
    JOIN unnest(%(recipients)s::bytea[], %(waits)s::interval[], %(outcomes)s::text[])
        AS spared (recipient, wait, outcome)
        ON queued.recipient_key = spared.recipient
    WHERE queued.kind = ANY(%(kinds)s) AND queued.state = 'queued' AND queued.claimed_until IS NULL
        AND queued.due_at < statement_timestamp() + spared.wait AND NOT jsonb_exists(queued.context, 'lists')
    LIMIT %(most)s FOR UPDATE OF queued SKIP LOCKED
) later
WHERE mail.id = later.id
"""


def _put_off(spared: dict[bytes, Judged]) -> None:
    values: dict[str, Any] = {
        "recipients": list(spared),
        "waits": [verdict.delay for verdict in spared.values()],
        "outcomes": [verdict.outcome for verdict in spared.values()],
        "kinds": _mails(),
        "most": MOST_PUT_OFF,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, values)


def _mails() -> list[str]:
    return [name for kind in everything() for name in (kind.mail, kind.reminder)]


# Rows that another worker has claimed are passed over: it waits for our lock, and then sees what was listed.
_SETTLE = """
UPDATE mail_outgoingemail SET state = 'skipped', claimed_until = NULL, finished_at = statement_timestamp(),
    outcome = 'listed in mail ' || wanted.carrier
FROM (
    SELECT queued.id, listed.carrier FROM mail_outgoingemail queued
    JOIN unnest(%(kinds)s::text[], %(ids)s::text[], %(carriers)s::bigint[]) AS listed (kind, submission, carrier)
        ON replace(queued.kind, '_reminder', '_confirm') = listed.kind
        AND queued.context->>'submission' = listed.submission
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
    own = _lock_free({row.mailbox for row in fresh})
    keys = {row.pk: row.mailbox for row in fresh if row.mailbox in own}
    written = correspondence.written(set(keys.values()))
    verdicts: dict[int, Judged] = {}
    let_through: list[OutgoingEmail] = []
    for row in fresh:
        known = written.get(keys[row.pk], NEVER) if row.pk in keys else None
        if known is None:
            verdicts[row.pk] = Judged.later(GATHER, "another worker writes to this mailbox")
        elif known.wait > timedelta(0):
            verdicts[row.pk] = Judged.later(known.wait, LATER)
        else:
            written[keys[row.pk]] = known.once_more()
            row.context["counted"] = True
            let_through.append(row)
    if let_through:
        _keep_contexts(let_through)
        correspondence.remember({keys[row.pk]: written[keys[row.pk]] for row in let_through})
    return verdicts


def _lock_free(recipient_keys: Iterable[bytes]) -> set[bytes]:
    """Lock these mailboxes until this transaction ends; returns those that no other worker holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT recipient FROM unnest(%s::bytea[]) recipient
            WHERE pg_try_advisory_xact_lock(hashtextextended('mail to ' || encode(recipient, 'hex'), 0))""",
            [list(recipient_keys)],
        )
        return {bytes(recipient) for (recipient,) in cursor.fetchall()}


def _settle(listed: dict[tuple[int, int], int]) -> None:
    names = {kind.number: kind.mail for kind in everything()}
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "kinds": [names[number] for number, _ in listed],
                "ids": [str(pk) for _, pk in listed],
                "carriers": list(listed.values()),
            },
        )


def accepted(row: OutgoingEmail) -> Steps:
    """A mail server took this mail: what it lists has been mailed, and its codes work from now on."""
    listed = _by_number((*row.context["lists"], *row.context["equal"]))
    steps = [f"mailed_{number} AS ({_mailed(number, f'listed_{number}')})" for number in listed]
    return steps, {f"listed_{number}": ids for number, ids in listed.items()}


def mark_mailed(pairs: Iterable[tuple[int, int]], *, wait: str = "") -> None:
    """Write down that a mail which lists these was accepted; the first time counts."""
    for number, ids in _by_number(pairs).items():
        prepared.run(_mailed(number, "ids", wait), {"ids": ids})


def _by_number(pairs: Iterable[Iterable[int]]) -> dict[int, list[int]]:
    """The ids of each kind, in the order in which their rows are locked."""
    found: dict[int, list[int]] = {}
    for number, pk in sorted(map(tuple, pairs)):
        found.setdefault(number, []).append(pk)
    return found


@cache
def _mailed(number: int, ids: str, wait: str = "") -> str:
    table = numbered(number).table
    return f"""UPDATE {table} SET mailed_at = statement_timestamp() WHERE id = ANY(ARRAY(SELECT id FROM {table}
        WHERE id = ANY(%({ids})s::bigint[]) AND mailed_at IS NULL ORDER BY id FOR UPDATE {wait})) RETURNING id"""


def wake(recipient_keys: Iterable[bytes]) -> None:
    """The mailbox has answered: release the mail that was put off for it, and forget what once came back from it."""
    keys = list(recipient_keys)
    returns.reached(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE mail_outgoingemail SET due_at = statement_timestamp() WHERE recipient_key = ANY(%s)
            AND kind = ANY(%s) AND state = 'queued' AND claimed_until IS NULL AND due_at > statement_timestamp()""",
            [keys, _mails()],
        )
