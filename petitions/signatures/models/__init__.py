"""Models of signatures, submissions, tallies, and of staff's tools."""

from petitions.signatures.models.numbers import FEWEST, PlaceCount, SignedHour, SignedPlace
from petitions.signatures.models.people import AskedColumns, Signature, SignatureQuerySet, SignatureSubmission
from petitions.signatures.models.work import Meeting, Rule, Sheet, SheetLine, meeting_code

__all__ = [
    "FEWEST",
    "AskedColumns",
    "Meeting",
    "PlaceCount",
    "Rule",
    "Sheet",
    "SheetLine",
    "Signature",
    "SignatureQuerySet",
    "SignatureSubmission",
    "SignedHour",
    "SignedPlace",
    "meeting_code",
]
