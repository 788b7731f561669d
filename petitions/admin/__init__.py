"""The staff pages of statements, their events and news, and the people who signed."""

from petitions.admin import assignments, attendances, events, meetings, rules, sheets, signatures  # noqa: F401  each registers its own
from petitions.admin import statements, tabs, waiting  # noqa: F401  the same
