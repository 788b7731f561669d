"""The staff pages of statements, their events and news, and the people who signed."""

from petitions.admin import (  # noqa: F401  each registers its own  # noqa: F401  the same
    assignments,
    attendances,
    events,
    meetings,
    rules,
    sheets,
    signatures,
    statements,
    tabs,
    waiting,
)
