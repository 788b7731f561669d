"""All models of petitions. Names of fields and states are a contract (DESIGN 4)."""

from petitions.actions.models import CallToAction, Event
from petitions.news.models import Mailing, MailingRecipient, Update
from petitions.signatures.models import (
    Meeting,
    NoticeMailing,
    PlaceCount,
    Rule,
    Sheet,
    SheetLine,
    Signature,
    SignatureSubmission,
    SignedHour,
    SignedPlace,
    meeting_code,
)
from petitions.statements.models import ClockTimestamp, Statement, StatementQuerySet, Tally, Version
from petitions.statements.team import Assignment, Invitation

__all__ = [
    "Assignment",
    "CallToAction",
    "ClockTimestamp",
    "Event",
    "Invitation",
    "Mailing",
    "MailingRecipient",
    "Meeting",
    "NoticeMailing",
    "PlaceCount",
    "Rule",
    "Sheet",
    "SheetLine",
    "Signature",
    "SignatureSubmission",
    "SignedHour",
    "SignedPlace",
    "Statement",
    "StatementQuerySet",
    "Tally",
    "Update",
    "Version",
    "meeting_code",
]
