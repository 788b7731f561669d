"""The status of submissions, by the database's clock: one definition for mails, pages, alarms and retention."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from core import sealed
from core.speed import prepared
from submissions.kinds import Kind, everything, numbered

# Unanswered, it is deleted so long after its first mail, and so long after it was sent if no mail could go out.
EXPIRES = "least(coalesce(s.mailed_at + %(valid)s, 'infinity'), s.created_at + %(longest)s)"
_IF_MAILED_NOW = "least(coalesce(s.mailed_at, statement_timestamp()) + %(valid)s, s.created_at + %(longest)s)"


class Status(NamedTuple):
    """One submission and its status. States: `waiting`, `agreed`, `ended` (its owner said it wasn't them),
    `superseded` (a newer answer of theirs counts), `expired`, `hidden` (with its statement), `closed` (too late)."""

    number: int
    id: int
    state: str
    reference: str
    digest: bytes
    address_key: bytes
    mailbox_key: bytes
    email: str
    created_at: datetime
    mailed_at: datetime | None
    mailed_ago: timedelta | None
    result_id: int | None
    statement_id: int
    title: str
    language: str
    slug: str
    publisher: int | None
    works_until: datetime  # what a mail that goes out now may promise

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return numbered(self.number)

    @property
    def same(self) -> tuple[int, bytes]:
        """Equal for two that say the same: one of them is enough."""
        return self.number, self.digest

    def was_mailed_within(self, span: timedelta) -> bool:
        """Whether the first mail that lists it was accepted so lately."""
        return self.mailed_ago is not None and self.mailed_ago < span

    @property
    def pair(self) -> tuple[int, int]:
        """Its name in links."""
        return self.number, self.id


def times() -> dict[str, Any]:
    """The times that submissions live by, as SQL takes them."""
    return {
        "valid": timedelta(days=settings.UNCONFIRMED_DAYS),
        "longest": timedelta(days=settings.UNMAILED_DAYS),
        "grace": timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS),
    }


def state_of(kind: Kind) -> str:
    """SQL for the state of the submission `s`."""
    return f"""CASE WHEN s.agreed_at IS NOT NULL THEN 'agreed' WHEN s.ended_at IS NOT NULL THEN 'ended'
        WHEN {kind.superseded} THEN 'superseded' WHEN {EXPIRES} <= statement_timestamp() THEN 'expired'
        WHEN NOT ({kind.reachable}) THEN 'hidden' WHEN NOT ({kind.in_time}) THEN 'closed' ELSE 'waiting' END"""


def _select(kind: Kind, where: str, more: str = "") -> str:
    return f"""SELECT {kind.number}, s.id, {state_of(kind)} AS state, s.reference, s.digest, s.address_key,
        s.mailbox_key, s.email, s.created_at, s.mailed_at, statement_timestamp() - s.mailed_at, s.result_id,
        {kind.statement}, {kind.title}, {kind.language}, {kind.slug}, {kind.publisher},
        least({_IF_MAILED_NOW}, {kind.ends}){more}
    FROM {kind.source} WHERE {where}"""


@lru_cache(maxsize=16)
def _by_id(kinds: tuple[Kind, ...]) -> str:
    return " UNION ALL ".join(_select(kind, f"s.id = ANY(%(ids_{kind.number})s::bigint[])") for kind in kinds)


def of(pairs: Iterable[tuple[int, int]]) -> list[Status]:
    """The status of these submissions, in the order given; deleted ones are left out."""
    wanted = list(dict.fromkeys(pairs))
    known = {kind.number for kind in everything()}
    kinds = tuple(numbered(number) for number in sorted({number for number, _ in wanted if number in known}))
    if not kinds:
        return []
    ids = {f"ids_{kind.number}": [pk for number, pk in wanted if number == kind.number] for kind in kinds}
    found = {one.pair: one for one in map(_read, prepared.run(_by_id(kinds), {**times(), **ids}))}
    return [found[pair] for pair in wanted if pair in found]


MOST_LOOKED_AT = 200  # of one kind and one mailbox: a flood must not slow down the mail of others


@lru_cache(maxsize=16)
def _by_address(kinds: tuple[Kind, ...]) -> str:
    mine = "s.address_key = wanted.address AND s.agreed_at IS NULL AND s.ended_at IS NULL"
    # Network by network in turn: who floods a mailbox from one place does not bury what its owner asked for.
    turn = ", row_number() OVER (PARTITION BY s.mailed_at IS NULL, s.ip_key ORDER BY s.id) AS turn"
    each = " UNION ALL ".join(
        f"({_select(kind, mine, turn)} ORDER BY s.mailed_at IS NOT NULL, turn, s.id LIMIT {MOST_LOOKED_AT})"
        for kind in kinds
    )
    return f"SELECT found.* FROM unnest(%(addresses)s::bytea[]) AS wanted (address), LATERAL ({each}) found"


def unanswered(address_keys: Sequence[bytes]) -> list[Status]:
    """Unconfirmed submissions of these mailboxes, as typed: never-mailed first, networks in turn, then oldest first."""
    rows = prepared.run(_by_address(tuple(everything())), {**times(), "addresses": list(address_keys)})
    ordered = sorted(((_read(row), turn) for *row, turn in rows), key=lambda one: _order(*one))
    return [one for one, _ in ordered]


def _order(one: Status, turn: int) -> tuple[bool, int, datetime, tuple[int, int]]:
    return one.mailed_at is not None, turn, one.created_at, one.pair


def _read(row: Sequence[Any]) -> Status:
    what = sealed.what_of(numbered(row[0]).model, "email")
    return Status._make([*row[:4], *map(bytes, row[4:7]), sealed.unseal(row[7], what), *row[8:]])
