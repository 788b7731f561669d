"""What a campaign publishes and who signs it. Names of fields and states are a contract (DESIGN 4)."""

from petitions.actions.models import Event
from petitions.news.models import Mailing, MailingRecipient, Update
from petitions.signatures.models import (
    Meeting,
    Rule,
    Sheet,
    SheetLine,
    Signature,
    SignatureSubmission,
    SignedHour,
    meeting_code,
)
from petitions.statements.models import (
    Assignment,
    ClockTimestamp,
    Statement,
    StatementQuerySet,
    Tally,
    Version,
)

__all__ = [
    "Assignment",
    "ClockTimestamp",
    "Event",
    "Mailing",
    "MailingRecipient",
    "Meeting",
    "Rule",
    "Sheet",
    "SheetLine",
    "Signature",
    "SignatureSubmission",
    "SignedHour",
    "Statement",
    "StatementQuerySet",
    "Tally",
    "Update",
    "Version",
    "meeting_code",
]
