"""All models of petitions. Names of fields and states are a contract (DESIGN 4)."""

from petitions.actions.models import Attendance, AttendanceSubmission, CallToAction, Event
from petitions.news.models import Mailing, MailingRecipient, SavedText, Update
from petitions.signatures.models import (
    AskedDay,
    CountBlock,
    CountKey,
    CountRoot,
    Meeting,
    NoticeMailing,
    PlaceCount,
    Reaffirming,
    Rule,
    Sheet,
    SheetLine,
    Signature,
    SignatureSubmission,
    SignedHour,
    SignedPlace,
    SignedSum,
    SumsCount,
    meeting_code,
)
from petitions.statements.joint import Copublisher
from petitions.statements.models import ClockTimestamp, Statement, StatementQuerySet, Tally, Version
from petitions.statements.team import Assignment, Invitation

__all__ = [
    "AskedDay",
    "Assignment",
    "Attendance",
    "AttendanceSubmission",
    "CallToAction",
    "ClockTimestamp",
    "Copublisher",
    "CountBlock",
    "CountKey",
    "CountRoot",
    "Event",
    "Invitation",
    "Mailing",
    "MailingRecipient",
    "Meeting",
    "NoticeMailing",
    "PlaceCount",
    "Reaffirming",
    "Rule",
    "SavedText",
    "Sheet",
    "SheetLine",
    "Signature",
    "SignatureSubmission",
    "SignedHour",
    "SignedPlace",
    "SignedSum",
    "Statement",
    "StatementQuerySet",
    "SumsCount",
    "Tally",
    "Update",
    "Version",
    "meeting_code",
]
