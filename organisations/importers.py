"""Supporters that a campaign has already: brought in as listed, without mail, with the dates they had."""

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
    agreed_on: date
    listed_at: datetime
    town: str = ""
    website: str = ""
    publish_contact: bool = False
    message: str = ""
    is_initial: bool = False
    position: int = 0
    parent: Organisation | None = None
    logo: Drawing | None = None


class TakenBack(deciding.DecidingError):
    """Only its representative can bring it back."""

    message = _("Its representative took this support back. Only they can give it again.")


@transaction.atomic
def bring_in(*, statement: Statement, row: Row) -> Endorsement:
    """List one supporter at once, on somebody's own word that it agreed; nobody is written to.

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
    endorsement = Endorsement(
        statement=statement, version=statement.version, organisation=organisation, name=row.name,
        name_key=likeness.key(row.name), kind=row.kind, town=row.town, website=row.website, logo=organisation.logo,
        contact_name=row.contact_name, contact_role=row.contact_role, contact_email=row.contact_email,
        publish_contact=row.publish_contact, agreed_how=row.agreed_how, agreed_on=row.agreed_on, message=row.message,
        public_message=row.message, is_initial=row.is_initial, position=row.position, state=Endorsement.State.LISTED,
        source=Endorsement.Source.IMPORT, created_at=row.listed_at, confirmed_at=row.listed_at,
        agreed_at=row.listed_at, listed_at=row.listed_at,
    )  # fmt: skip
    endorsement.public_contact = endorsement.contact
    endorsement.save()
    listing.recount(statement=statement)
    return endorsement


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
