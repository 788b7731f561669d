"""The numbers under a statement as the public sees them."""

from typing import Any

from django.conf import settings

from petitions.statements import counting
from petitions.statements.models import Statement


def tally_of(statement: Statement) -> dict[str, Any]:
    """The numbers as the templates want them; small ones are not shown, because they put people off."""
    return tallies_of([statement])[statement.pk]


def tallies_of(statements: list[Statement]) -> dict[int, dict[str, Any]]:
    """The numbers of several statements in one query, by the statement's id."""
    numbers = counting.numbers(statements)
    return {statement.pk: _shown(numbers[statement.pk], statement) for statement in statements}


def _shown(numbers: counting.Numbers, statement: Statement) -> dict[str, Any]:
    elsewhere = numbers.brought_in + statement.names_only
    return {
        "people": numbers.people,
        "shown": numbers.shown,
        "private": numbers.private,
        "removed": numbers.removed,
        "elsewhere": elsewhere,
        "paper": statement.paper,
        "organisations": statement.organisations,
        "goal": numbers.goal,
        "next_goal": numbers.goal,
        "goal_reached": numbers.goal_reached,
        "percent": numbers.percent,
        "show_numbers": numbers.people + elsewhere >= settings.NUMBERS_FROM,
        "off": numbers.off,
    }


def exact_number(tally: dict[str, Any]) -> int | None:
    """How many have signed, for who asks for it by name and who has just signed: None while switched off."""
    return None if "count" in tally["off"] else tally["people"]


def public_number(tally: dict[str, Any]) -> int | None:
    """What everybody else sees: None while it is small, too."""
    return exact_number(tally) if tally["show_numbers"] else None
