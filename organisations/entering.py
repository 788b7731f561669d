"""Organisations that a campaigner enters, also before publishing: listed on the campaign's word, and marked so."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core import audit
from core.audit import Staff
from organisations import deciding, importers
from organisations.models import AgreedHow, Endorsement
from petitions.models import Statement

MOST = 200


class NoText(Exception):
    """Who stands behind a statement stands behind its words, so there are some."""


@dataclass
class Entered:
    """What became of the names: those listed now, those that were there already, and those that took support back."""

    listed: list[Endorsement] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)


@transaction.atomic
def enter(*, statement: Statement, names: Iterable[str], kind: str, initial: bool, by: Staff = None) -> Entered:
    """List these at once, in this order; nobody is written to, and no mailbox is needed.

    `initial` ones follow the initial supporters that are there. Raises NoText.
    """
    if not statement.versions.exists():
        raise NoText
    done = Entered()
    last = Endorsement.objects.filter(statement=statement, is_initial=True).aggregate(last=Max("position"))["last"]
    for place, name in enumerate(dict.fromkeys(names), start=(last or 0) + 1):
        row = importers.Row(
            name=name,
            kind=kind,
            contact_name="",
            contact_role="",
            contact_email="",
            agreed_how=AgreedHow.AUTHORISED,
            agreed_on=None,
            listed_at=timezone.now(),
            is_initial=initial,
            position=place if initial else 0,
            source=Endorsement.Source.STAFF,
        )
        try:
            with transaction.atomic():
                done.listed.append(importers.bring_in(statement=statement, row=row))
        except deciding.AlreadyListed:
            done.there.append(name)
        except importers.TakenBack:
            done.taken_back.append(name)
    if done.listed:
        audit.record(by=by, on=statement, what=f"Entered organisations: {len(done.listed)}")
    return done
