"""The numbers under a statement: exact under any race, crash or retry, and provable from the rows.

A signature changes state through `move` only. One SQL statement locks the row, changes it and adds the difference to
one of 32 tally slots, so a number can never be off by the half of something. docs/decisions/0003-counting.md says why
slots and not one counter.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from core import health, switches
from core.speed import prepared
from petitions.statements.models import Statement, Tally

# What the states of a signature add to a tally. `{s}` is the state, `{n}` whether the name is shown, and `{i}` the
# import that brought the person in, who is counted apart until they agree here themselves.
_ADDS = {
    "confirmed": "({s} IN ('confirmed', 'anonymised') AND {i} IS NULL)::int",
    "shown": "({s} = 'confirmed' AND {n})::int",
    "removed": "({s} = 'removed')::int",
    "brought_in": "({s} IN ('confirmed', 'anonymised') AND {i} IS NOT NULL)::int",
}


COLUMNS = tuple(_ADDS)
SUMS = ", ".join(f"{column} = tally.{column} + EXCLUDED.{column}" for column in COLUMNS)


def values_of(state: str, shown: str, brought_in_by: str, *, sign: str = "") -> str:
    """SQL for what one signature adds to each of COLUMNS, of the columns with its state, its choice and its import."""
    filled = (expression.format(s=state, n=shown, i=brought_in_by) for expression in _ADDS.values())
    return ", ".join(f"{sign}({expression})" for expression in filled)


def _difference(column: str) -> str:
    new = _ADDS[column].format(s="changed.state", n="changed.show_name", i="changed.import_id")
    old = _ADDS[column].format(s="changed.old_state", n="changed.old_show_name", i="changed.import_id")
    return f"sum({new} - {old})"


_MOVE = f"""
WITH old AS (
    SELECT sig.id, sig.state, sig.show_name
    FROM petitions_signature sig JOIN petitions_statement st ON st.id = sig.statement_id
    WHERE {{where}} FOR UPDATE OF sig
), changed AS (
    UPDATE petitions_signature sig SET {{change}} FROM old WHERE sig.id = old.id
    RETURNING sig.id, sig.statement_id, sig.version_id, sig.email, sig.mailbox_key, sig.address_key, sig.state,
        sig.show_name, sig.import_id, old.state AS old_state, old.show_name AS old_show_name
), tallied AS (
    INSERT INTO petitions_tally AS tally (statement_id, version_id, slot, {", ".join(COLUMNS)})
    SELECT statement_id, version_id, pg_backend_pid() %% {Tally.SLOTS}, {", ".join(map(_difference, COLUMNS))}
    FROM changed GROUP BY statement_id, version_id ORDER BY statement_id, version_id
    ON CONFLICT (statement_id, version_id, slot) DO UPDATE SET {SUMS}
){{also}}
SELECT id, statement_id, state FROM changed
"""


@dataclass(frozen=True)
class Moved:
    """A signature that changed: its row id, its statement's, and the state it has now."""

    id: int
    statement_id: int
    state: str


def move(*, where: str, change: str, values: dict[str, Any], also: str = "", many: bool = False) -> list[Moved]:
    """Change the signatures that match, and their tallies, in one statement.

    `where` is SQL over `sig` and `st` (its statement), `change` the SET list, `also` a further `, name AS (…)` step
    that may read `changed`; all three are written in this app, never typed by anybody; `values` fill their parameters;
    `many` says that these are many rows, so that the plan for one is not used again.
    Returns what changed; a row that another transaction changed first is looked at again by PostgreSQL and left alone
    if it matches no longer, so of two who confirm at once only one counts.
    """
    sql = _MOVE.format(where=where, change=change, also=also)
    run = prepared.run_anew if many else prepared.run
    return [Moved(*row) for row in run(sql, values)]


@dataclass(frozen=True)
class Numbers:
    """The public numbers of a statement; organisations are never added to people."""

    people: int
    shown: int
    removed: int
    brought_in: int = 0  # with a list that was collected elsewhere; never added to people
    fixed_goal: int | None = None
    off: dict[str, str] = field(default_factory=dict)  # what is switched off (core.switches)

    @property
    def private(self) -> int:
        """How many of those who count, brought in or not, keep their name to themselves."""
        return self.people + self.brought_in - self.shown

    @property
    def goal(self) -> int:
        """The campaign's goal, or the next step once it is reached: 100, 200, 500, 1,000 …"""
        if self.fixed_goal and self.people < self.fixed_goal:
            return self.fixed_goal
        return next_goal(self.people)

    @property
    def goal_reached(self) -> int | None:
        """The fixed goal, when it has been reached."""
        return self.fixed_goal if self.fixed_goal and self.people >= self.fixed_goal else None

    @property
    def percent(self) -> int:
        """How far towards the goal, 0 to 100."""
        return min(100, self.people * 100 // self.goal)


def next_goal(people: int) -> int:
    """The next step above `people` in 100, 200, 500, 1,000, 2,000, 5,000 and so on."""
    step = 100
    while True:
        for goal in (step, step * 2, step * 5):
            if people < goal:
                return goal
        step *= 10


@health.gauge("undersigned_signatures", "Confirmed signatures on all statements.")
def confirmed_everywhere() -> int:
    """All that count, on the whole site."""
    return Tally.objects.aggregate(all=Sum("confirmed", default=0))["all"]


def prepare(statement: Statement) -> None:
    """Make the slots of the statement's versions, so that counting only ever updates; harmless when they are there."""
    versions = list(statement.versions.filter(published_at__isnull=False))
    slots = [
        Tally(statement=statement, version=version, slot=slot) for version in versions for slot in range(Tally.SLOTS)
    ]
    Tally.objects.bulk_create(slots, ignore_conflicts=True)


def numbers(statements: list[Statement]) -> dict[int, Numbers]:
    """The numbers now, by the statement's id: sums of slots in one query, whatever the number of signatures.

    What is switched off comes with them, because it decides whether they may be told.
    """
    goals = {statement.pk: statement.goal for statement in statements}
    return {
        pk: Numbers(people=people, shown=shown, removed=removed, brought_in=brought_in, fixed_goal=goals[pk], off=off)
        for pk, people, shown, removed, brought_in, off in prepared.run(_NUMBERS, [list(goals)])
    }


_NUMBERS = f"""
SELECT asked.id, coalesce(sum(confirmed), 0), coalesce(sum(shown), 0), coalesce(sum(removed), 0),
    coalesce(sum(brought_in), 0), {switches.OFF}
FROM unnest(%s::bigint[]) AS asked (id) LEFT JOIN petitions_tally ON statement_id = asked.id GROUP BY asked.id
"""


def by_version(statement: Statement) -> dict[int, int]:
    """How many people signed each version of the statement, by the version's id."""
    tallies = Tally.objects.filter(statement=statement).values_list("version_id").order_by()
    return dict(tallies.annotate(Sum("confirmed")))


# What the numbers mean, said again by itself: a proof that shared code with the counter would repeat its mistakes.
_COUNT = """
SELECT version_id,
    count(*) FILTER (WHERE import_id IS NULL AND (state = 'confirmed' OR state = 'anonymised')),
    count(*) FILTER (WHERE show_name AND state = 'confirmed'),
    count(*) FILTER (WHERE state = 'removed'),
    count(*) FILTER (WHERE import_id IS NOT NULL AND state <> 'held' AND state <> 'removed' AND state <> 'withdrawn')
FROM petitions_signature WHERE statement_id = %s GROUP BY version_id
"""


@dataclass(frozen=True)
class Recount:
    """The stored numbers and those of the rows: confirmed, shown, removed; and whether each version's agree.

    Who was brought in is a pair of its own, stored and counted.
    """

    stored: tuple[int, ...]
    rows: tuple[int, ...]
    versions_agree: bool = True
    brought_in: tuple[int, int] = (0, 0)

    @property
    def agrees(self) -> bool:
        """Whether the stored numbers equal the rows."""
        return self.stored == self.rows and self.versions_agree and len(set(self.brought_in)) == 1


_PerVersion = dict[int, tuple[int, ...]]


def recount(*, statement: Statement, repair: bool = False) -> Recount:
    """Compare the stored numbers with the rows, and with `repair` make them equal.

    All slots are locked first: whoever confirms meanwhile waits with the addition until this commits, so nobody is
    counted twice or forgotten. Public pages go on showing the old number.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        if repair:  # which touches it in the end: the statement comes before its slots, as for who corrects a text
            list(Statement.objects.select_for_update(no_key=True).filter(pk=statement.pk).values_list("pk"))
        prepare(statement)
        slots = list(Tally.objects.select_for_update().filter(statement=statement).order_by("version_id", "slot"))
        cursor.execute(_COUNT, [statement.pk])
        rows = {version: tuple(numbers) for version, *numbers in cursor.fetchall()}
        stored = _per_version(slots)
        (*kept, brought), (*counted, came) = _all(stored), _all(rows)
        agree = _told(stored) == _told(rows)
        result = Recount(tuple(kept), tuple(counted), versions_agree=agree, brought_in=(brought, came))
        if repair and not result.agrees:
            _store(statement, rows)
    return result


def _per_version(slots: list[Tally]) -> _PerVersion:
    found: _PerVersion = {}
    for slot in slots:
        numbers = found.get(slot.version_id, (0,) * len(COLUMNS))
        found[slot.version_id] = tuple(had + getattr(slot, name) for had, name in zip(numbers, COLUMNS, strict=True))
    return found


def _all(numbers: _PerVersion) -> tuple[int, ...]:
    return tuple(map(sum, zip((0,) * len(COLUMNS), *numbers.values(), strict=True)))


def _told(numbers: _PerVersion) -> _PerVersion:
    """Drop the versions that nobody signed."""
    return {version: each for version, each in numbers.items() if any(each)}


def _store(statement: Statement, rows: _PerVersion) -> None:
    Tally.objects.filter(statement=statement).update(**dict.fromkeys(COLUMNS, 0))
    for version, numbers in rows.items():
        first = dict(zip(COLUMNS, numbers, strict=True))
        Tally.objects.filter(statement=statement, version=version, slot=0).update(**first)
    Statement.objects.touch(statement)
