"""Ways from a statement's staff page to what other apps keep of it; each app says its own in its admin."""

from collections.abc import Callable

from petitions.statements.models import Statement

Way = Callable[[Statement], tuple[str, str]]
_ways: list[Way] = []


def way(function: Way) -> Way:
    """Register a function that returns, for a stored statement, the address and label of a related page."""
    _ways.append(function)
    return function


def ways(statement: Statement) -> list[tuple[str, str]]:
    """All of them, in the order of the apps."""
    return [function(statement) for function in _ways]
