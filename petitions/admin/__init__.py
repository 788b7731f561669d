"""The staff pages of statements, their events and news, and the people who signed."""

from petitions.admin import (  # noqa: F401  each registers its own
    assignments,
    attendances,
    events,
    joint,
    meetings,
    notices,
    rules,
    saved_texts,
    sheets,
    signatures,
    statements,
    tabs,
    waiting,
)
