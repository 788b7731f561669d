"""The staff pages of statements, their events and news, and the people who signed."""

from petitions.admin import assignments, events, signatures, statements  # noqa: F401  each registers its own
