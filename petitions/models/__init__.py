"""What a campaign publishes and who signs it. Names of fields and states are a contract (DESIGN 4)."""

from petitions.models.news import Event, Update
from petitions.models.signatures import ConsentText, Signature, Tally
from petitions.models.statements import ClockTimestamp, OldSlug, Statement, StatementQuerySet, Version

__all__ = [
    "ClockTimestamp",
    "ConsentText",
    "Event",
    "OldSlug",
    "Signature",
    "Statement",
    "StatementQuerySet",
    "Tally",
    "Update",
    "Version",
]
