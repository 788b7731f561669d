"""Models of signatures, submissions, tallies, and of staff's tools."""

from petitions.signatures.models.notices import NoticeMailing
from petitions.signatures.models.numbers import (
    FEWEST,
    AskedDay,
    PlaceCount,
    SignedHour,
    SignedPlace,
    SignedSum,
    SumsCount,
)
from petitions.signatures.models.people import AskedColumns, Signature, SignatureQuerySet, SignatureSubmission
from petitions.signatures.models.proof import CountBlock, CountKey, CountRoot
from petitions.signatures.models.reaffirming import Reaffirming
from petitions.signatures.models.work import Meeting, Rule, Sheet, SheetLine, meeting_code

__all__ = [
    "FEWEST",
    "AskedColumns",
    "AskedDay",
    "CountBlock",
    "CountKey",
    "CountRoot",
    "Meeting",
    "NoticeMailing",
    "PlaceCount",
    "Reaffirming",
    "Rule",
    "Sheet",
    "SheetLine",
    "Signature",
    "SignatureQuerySet",
    "SignatureSubmission",
    "SignedHour",
    "SignedPlace",
    "SignedSum",
    "SumsCount",
    "meeting_code",
]
