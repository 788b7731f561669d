"""Supporters that a campaign has already: brought in as listed, without mail, with the dates they had."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import addresses, tombstones
from organisations import deciding, directory, endorsing, likeness, listing
from organisations.endorsing import store
from organisations.logos import Drawing
from organisations.models import Endorsement, Organisation
from petitions.models import Statement


@dataclass(frozen=True)
class Row:
    """One supporter. `listed_at` is aware; `position` orders the initial ones."""

    name: str
    kind: str
    contact_name: str
    contact_role: str
    contact_email: str
    agreed_how: str
    agreed_on: date | None
    listed_at: datetime
    town: str = ""
    website: str = ""
    publish_contact: bool = False
    message: str = ""
    is_initial: bool = False
    position: int = 0
    parent: Organisation | None = None
    logo: Drawing | None = None
    source: str = Endorsement.Source.IMPORT


class TakenBack(deciding.DecidingError):
    """Only its representative can bring it back."""

    message = _("Its representative took this support back. Only they can give it again.")


@transaction.atomic
def bring_in(*, statement: Statement, row: Row) -> Endorsement:
    """List one supporter at once, on the importer's word that it agreed; no mail is sent.

    Raises deciding.AlreadyListed when the organisation is on the statement's list, TakenBack when its representative
    took its support back here.
    """
    key = addresses.mailbox_key(row.contact_email)
    which = endorsing.which_of(likeness.key(row.name))
    if tombstones.barred(kind=endorsing.KIND, subjects=[key], scope=statement.pk, which=which):
        raise TakenBack
    directory.lock()
    listing.lock(statement.pk)
    organisation = _organisation(row)
    if Endorsement.objects.listed().filter(statement=statement, organisation=organisation).exists():
        raise deciding.AlreadyListed
    version = statement.version or statement.versions.order_by("-number").first()  # a draft has its own
    endorsement = Endorsement(
        statement=statement, version=version, organisation=organisation, name=row.name,
        name_key=likeness.key(row.name), kind=row.kind, town=row.town, website=row.website, logo=organisation.logo,
        contact_name=row.contact_name, contact_role=row.contact_role, contact_email=row.contact_email,
        publish_contact=row.publish_contact, agreed_how=row.agreed_how, agreed_on=row.agreed_on, message=row.message,
        public_message=row.message, is_initial=row.is_initial, position=row.position, state=Endorsement.State.LISTED,
        source=row.source, created_at=row.listed_at, confirmed_at=row.listed_at,
        agreed_at=row.listed_at, listed_at=row.listed_at,
    )  # fmt: skip
    endorsement.public_contact = endorsement.contact
    endorsement.save()
    listing.recount(statement=statement)
    return endorsement


@transaction.atomic
def take_back(*, statement: Statement, endorsements: Iterable[int], since: datetime) -> list[int]:
    """Take supporters that were brought in off the list again, by their ids; returns those that stay.

    What somebody decided or its representative agreed to stays. Organisations that came with them, which is `since`
    then, and stand nowhere else go along.
    """
    directory.lock()
    listing.lock(statement.pk)
    brought = Endorsement.objects.filter(pk__in=list(endorsements), source=Endorsement.Source.IMPORT)
    gone = brought.filter(state=Endorsement.State.LISTED, submission_id=None, decided_by=None, changed_at=None)
    named = set(gone.values_list("organisation", flat=True))
    gone.delete()
    alone = Organisation.objects.filter(pk__in=named, created_at__gte=since, endorsements=None, branches=None)
    alone.delete()
    listing.recount(statement=statement)
    return list(Endorsement.objects.filter(pk__in=list(endorsements)).values_list("pk", flat=True))


def _organisation(row: Row) -> Organisation:
    found = directory.find(name=row.name, town=row.town)
    logo = store(row.logo) if row.logo else None
    return directory.describe(
        organisation=found,
        name=row.name,
        kind=row.kind,
        town=row.town,
        website=row.website or (found.website if found else ""),
        logo=logo or (found.logo if found else None),
        parent=row.parent or (found.parent if found else None),
    )
