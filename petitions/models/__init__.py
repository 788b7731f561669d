"""What a campaign publishes and who signs it. Names of fields and states are a contract (DESIGN 4)."""

from petitions.models.mailing import Mailing, MailingRecipient
from petitions.models.news import Event, Update
from petitions.models.signatures import ConsentText, Signature, Tally
from petitions.models.staffing import Assignment, Meeting, Rule, Sheet, SheetLine, SignedHour, meeting_code
from petitions.models.statements import ClockTimestamp, OldSlug, Statement, StatementQuerySet, Version

__all__ = [
    "Assignment",
    "ClockTimestamp",
    "ConsentText",
    "Event",
    "Mailing",
    "MailingRecipient",
    "Meeting",
    "OldSlug",
    "Rule",
    "Sheet",
    "SheetLine",
    "Signature",
    "SignedHour",
    "Statement",
    "StatementQuerySet",
    "Tally",
    "Update",
    "Version",
    "meeting_code",
]
