"""How an endorsement stood before the last decision, and what visitors read then: kept, so that undoing finds it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from core.audit import Staff
from organisations import directory, listing
from organisations.models import Endorsement, Logo, Organisation

LISTED = Endorsement.State.LISTED
ROW = ("state", "organisation_id", "public_message", "public_contact", "decided_by_id", "decided_reason")
TIMES = ("listed_at", "changed_at", "decided_at")
WORDS = ("name", "kind", "town", "website", "logo_id", "parent_id")


def snapshot(endorsement: Endorsement) -> dict[str, Any]:
    """Snapshot of the row as JSON."""
    times = {name: getattr(endorsement, name) for name in TIMES}
    stands = {name: getattr(endorsement, name) for name in ROW}
    return stands | {name: at and at.isoformat() for name, at in times.items()}


def words(organisation: Organisation | None) -> dict[str, Any] | None:
    """The public details of an organisation as JSON; None for one that is not made yet."""
    return _words(organisation) if organisation and organisation.pk else None


def _words(organisation: Organisation) -> dict[str, Any]:
    return {name: getattr(organisation, name) for name in ("pk", *WORDS)}


def restore(endorsement: Endorsement, *, by: Staff) -> None:
    """Bring back what `was` holds. What the representative or other staff have changed since stays theirs, and so does
    an organisation that stands where `by` has no say.

    The caller holds the directory's lock and the statement's. Raises DirectoryError and IntegrityError, when another
    one has taken its name or its place on the list.
    """
    was: dict[str, Any] = endorsement.was or {}
    organisation = endorsement.organisation
    is_same = organisation is not None and was.get("words") and was["words"]["pk"] == organisation.pk
    if organisation is not None and is_same and directory.is_in_hand(organisation, by):
        _restore_words(organisation, before=was["words"], after=was["made"])
    stands = {**was["row"], "was": None}
    if endorsement.changed_at:  # words that came since: nobody has seen them, whatever was seen before
        del stands["changed_at"]
    _leave_out_what_is_gone(stands)
    if stands["state"] == LISTED:
        stands["public_contact"] = stands["public_contact"] if endorsement.publish_contact else ""
        stands["public_message"] = stands["public_message"] if endorsement.message else ""
    listing.change(endorsement, **stands)


def _restore_words(organisation: Organisation, *, before: dict[str, Any], after: dict[str, Any]) -> None:
    """The details that the decision changed and that nobody has changed since."""
    now = _words(organisation)
    then = {name: before[name] if now[name] == after[name] else now[name] for name in WORDS}
    if then.items() <= now.items():
        return
    logo, parent = then.pop("logo_id"), then.pop("parent_id")
    directory.describe(
        organisation=organisation,
        logo=Logo.objects.filter(pk=logo).first(),
        parent=Organisation.objects.filter(pk=parent).first(),
        **then,
    )


def _leave_out_what_is_gone(stands: dict[str, Any]) -> None:
    """An organisation may have been merged into another since, and a log-in deleted."""
    organisation, by = stands.get("organisation_id"), stands.get("decided_by_id")
    if organisation and not Organisation.objects.filter(pk=organisation).exists():
        del stands["organisation_id"]
    if by and not get_user_model().objects.filter(pk=by).exists():
        stands["decided_by_id"] = None


def logos() -> QuerySet:
    """The ids of the logos that an undo would need."""
    old = Cast(KeyTextTransform("logo_id", KeyTransform("words", "was")), BigIntegerField())
    return Endorsement.objects.annotate(old=old).filter(old__isnull=False).values("old")
