"""SQL guards: no change of what was typed, no forbidden transition, no counting of held rows."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

State = TypeVar("State", bound=str)

# Long conditions stand in a trigger's function and not in its WHEN, which PostgreSQL reads anew, all of it, in each
# statement: a sixth of what agreeing cost. Tables take their triggers along, but not the functions: hence OR REPLACE.

# Whoever decides about a mailbox takes this lock alone, whoever agrees takes it with others: so that of a hold and an
# agreeing at the same moment the second sees what the first did (docs/decisions/, "Decisions outlive rows").
LOCK = """
CREATE FUNCTION submissions_lock(key bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(encode(key, 'base64'), 13);
"""
NO_LOCK = "DROP FUNCTION submissions_lock(bytea);"

WRITTEN = "What was typed is never changed."
ONCE = ("mailed_at", "agreed_at", "ended_at", "result_id")
FIXED = (
    "id", "reference", "digest", "address_key", "mailbox_key", "domain_key", "consent_id", "language", "via", "channel",
    "signals", "created_at",
)  # fmt: skip
TEXTS = ("email",)
# What rests sealed may be sealed anew, and by nobody else (core/resealing.py).
SEALED = ("email", "postcode")
RESEALING = "coalesce(current_setting('undersigned.resealing', true), '') = 'yes'"  # never NULL: NOT NULL lets all by


def append_only(
    table: str, *, fixed: Iterable[str] = (), texts: Iterable[str] = (), choices: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> str:  # fmt: skip
    """The trigger that lets a submission be mailed, agreed or ended once, its code be tried and its words be emptied.

    `fixed` columns of the kind never change; `texts` may become empty, `choices` false and `optional` ones NULL once
    the submission has been agreed or ended. All names are written in our own models.
    """
    same = [f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in (*FIXED, *fixed)]
    once = [f"(OLD.{name} IS NULL OR NEW.{name} IS NOT DISTINCT FROM OLD.{name})" for name in ONCE]
    over = "(NEW.agreed_at IS NOT NULL OR NEW.ended_at IS NOT NULL)"
    emptied = {**dict.fromkeys((*TEXTS, *texts), "= ''"), **dict.fromkeys(choices, "= false"),
               **dict.fromkeys(optional, "IS NULL")}  # fmt: skip
    empty = [
        f"(NEW.{name} IS NOT DISTINCT FROM OLD.{name} OR (NEW.{name} {nothing} AND {over})"
        f"{f' OR {RESEALING}' if name in SEALED else ''})"
        for name, nothing in emptied.items()
    ]
    rest = ["NEW.code_tries IN (OLD.code_tries, OLD.code_tries + 1)", "NEW.ip_key IN (OLD.ip_key, '')"]
    allowed = " AND ".join([*same, *once, *empty, *rest])
    return f"""
ALTER TABLE {table} SET (fillfactor = 80);
CREATE OR REPLACE FUNCTION {table}_is_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ({allowed}) THEN
        RAISE EXCEPTION '{WRITTEN}'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_written_once', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_written BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_is_written();
"""


def allowed_moves(table: str, moves: Mapping[State, Iterable[State]], *, column: str = "state") -> str:
    """The trigger that refuses a change of state which `moves` (from a state to states) does not have."""
    pairs = ", ".join(f"('{old}', '{new}')" for old, states in moves.items() for new in states)
    name = table.partition("_")[2]
    return f"""
CREATE OR REPLACE FUNCTION {table}_moves_as_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.{column}, NEW.{column}) NOT IN ({pairs}) THEN
        RAISE EXCEPTION 'It cannot go from there to there.'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}_allowed_moves', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_moves BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {table}_moves_as_allowed();
"""
