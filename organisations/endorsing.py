"""Verbs of representatives: endorse, agree by mail, change, withdraw. Views, the kind and seeds call these.

The statement's row is locked while an endorsement is written, so that nobody is listed twice and the number stays true;
signers do not wait for that lock (`no_key`), and nobody takes it to ask.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from core import addresses, tombstones
from core.models import Tombstone
from mail import outbox
from mail.models import OutgoingEmail
from organisations import consent, likeness, listing, undo
from organisations.logos import Drawing
from organisations.models import Endorsement, EndorsementSubmission, Logo
from petitions.models import Statement
from petitions.statements import availability
from submissions import asking, own_links, status
from submissions.asking import Asked

KIND, NUMBER = "endorsement", 2

State = Endorsement.State

# From where to where an endorsement may go; the database has the same table (organisations/schema.py).
MOVES = {
    State.WAITING: (State.LISTED, State.DECLINED, State.WITHDRAWN),
    State.LISTED: (State.WAITING, State.DECLINED, State.WITHDRAWN),
    State.DECLINED: (State.WAITING, State.LISTED),
    State.WITHDRAWN: (State.WAITING, State.LISTED),
}


class EndorsingError(Exception):
    """Something a representative can be told in plain words."""


class StatementClosed(EndorsingError):
    """This statement takes no endorsements (any more), or none from organisations."""


class NotThere(EndorsingError):
    """The endorsement does not stand where this could be done; `state` says where it stands."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def endorse(
    *,
    statement: Statement,
    organisation: str,
    kind: str,
    contact_name: str,
    contact_role: str,
    contact_email: str,
    agreed_how: str,
    agreed_on: date,
    town: str = "",
    website: str = "",
    publish_contact: bool = False,
    message: str = "",
    logo: Drawing | None = None,
    via: str = "",
    signals: str = "",
    ip_key: str = "",
    seen_version: int = 0,
) -> Asked:
    """Write down that an organisation wants to stand behind `statement`, and that a mail must go out.

    Whoever endorsed before, or not, is asked in the same way, and nothing of theirs changes before they agree.
    `seen_version` is the number of the version on the representative's screen. Raises StatementClosed, by the
    database's clock.
    """
    typed = {
        "name": organisation, "name_key": likeness.key(organisation), "kind": str(kind), "town": town,
        "website": website, "contact_name": contact_name, "contact_role": contact_role, "agreed_how": str(agreed_how),
        "agreed_on": agreed_on, "publish_contact": publish_contact, "message": message, "logo_id": None,
    }  # fmt: skip
    about = {
        "statement": statement.pk, "seen": seen_version, "consent_id": consent.current(),
        "language": statement.language, "via": via, "signals": signals, "ip_key": ip_key,
    }  # fmt: skip
    if logo is None:
        return _ask(contact_email, typed, about)
    with transaction.atomic():
        return _ask(contact_email, {**typed, "logo_id": store(logo).pk}, {**about, "picture": logo.sha256})


def _ask(email: str, typed: dict[str, Any], about: dict[str, Any]) -> Asked:
    asked = asking.ask(KIND, email=email, typed=typed, **about)
    if asked is None:
        raise StatementClosed
    return asked


def store(drawing: Drawing) -> Logo:
    """Keep a picture that was drawn anew."""
    return Logo.objects.create(data=drawing.data, width=drawing.width, height=drawing.height)


# What an endorsement takes from the submission that was agreed to. A logo stays when none came with the newer one:
# browsers do not keep files in forms.
TAKEN = (
    "version_id", "name", "kind", "town", "website", "contact_name", "contact_role", "publish_contact", "agreed_how",
    "agreed_on", "message", "consent_id", "via", "signals", "ip_key",
)  # fmt: skip
EMPTIED: dict[str, Any] = {
    **dict.fromkeys(("email", "name", "kind", "town", "website", "contact_name", "contact_role",
                     "agreed_how", "message"), ""),
    "publish_contact": False, "agreed_on": None, "logo": None,
}  # fmt: skip


@transaction.atomic
def agree(*, submission_id: int) -> Endorsement | None:
    """Put a submission whose mailbox agrees to it before the moderators, and tell the representative.

    One that is listed stays listed, with the words that were approved, until they have looked at the newer ones.
    None when nothing changed: it is used up, ended, expired or too late, or somebody agreed to a newer one.
    """
    submission = EndorsementSubmission.objects.filter(pk=submission_id).first()
    if submission is None:
        return None
    listing.lock(submission.statement_id)
    submission = EndorsementSubmission.objects.select_for_update().filter(pk=submission_id).first()
    if submission is None:
        return None
    if not any(found.state == "waiting" for found in status.of([(NUMBER, submission_id)])):
        return None
    endorsement = _write(submission)
    used_up = EndorsementSubmission.objects.filter(pk=submission_id)
    used_up.update(agreed_at=Now(), result_id=endorsement.pk, **EMPTIED)
    tell(endorsement, "endorsement_received")
    return endorsement


def _write(submission: EndorsementSubmission) -> Endorsement:
    """Write the submission as a new endorsement, or over the existing one."""
    words = {name: getattr(submission, name) for name in TAKEN}
    words |= {"contact_email": submission.email, "submission_id": submission.pk}
    same = {name: getattr(submission, name) for name in ("statement_id", "address_key", "name_key")}
    endorsement = Endorsement.objects.select_for_update(of=["self"]).select_related("statement").filter(**same).first()
    if endorsement is None:
        first = {**same, **words, "logo_id": submission.logo_id, "created_at": submission.created_at}
        return Endorsement.objects.create(**first)
    if submission.logo_id:
        words["logo_id"] = submission.logo_id
    if endorsement.state in {State.DECLINED, State.WITHDRAWN}:
        words |= {"state": State.WAITING, "confirmed_at": Now(), "question": "", "asked_at": None, "was": None,
                  "withdrawn_at": None}  # fmt: skip
    elif endorsement.state == State.LISTED:
        words["changed_at"] = Now()
    listing.change(endorsement, **words, agreed_at=Now())
    _take_away(endorsement)
    return endorsement


def _locked(endorsement_id: int) -> Endorsement:
    """The endorsement for this transaction alone, after its statement. Raises NotThere when there is none."""
    statement = Endorsement.objects.filter(pk=endorsement_id).values_list("statement_id", flat=True).first()
    if statement is None:
        raise NotThere("unknown")
    listing.lock(statement)
    found = Endorsement.objects.select_for_update(of=["self"]).select_related("statement").filter(pk=endorsement_id)
    endorsement = found.first()
    if endorsement is None:
        raise NotThere("unknown")
    return endorsement


@transaction.atomic
def withdraw(*, endorsement_id: int) -> Endorsement:
    """Take it off at the representative's wish, at any time. Raises NotThere when there is nothing to take off.

    How it stood is kept for as long as `put_back` can bring it back; then the row goes (retention.py).
    """
    endorsement = _locked(endorsement_id)
    was_listed = endorsement.state == State.LISTED
    if endorsement.state not in {State.WAITING, State.LISTED}:
        raise NotThere(endorsement.state)
    stood = {"row": undo.snapshot(endorsement), "by_owner": True}
    listing.unlist(endorsement, state=State.WITHDRAWN, was=stood, withdrawn_at=Now())
    if was_listed:
        listing.recount(statement=endorsement.statement)
    return endorsement


@transaction.atomic
def put_back(*, endorsement_id: int) -> Endorsement:
    """Undo `withdraw` within WITHDRAWN_MINUTES, at the representative's wish. Raises NotThere when it is too late.

    If somebody else's endorsement has brought the organisation onto the list meanwhile, this one waits.
    """
    endorsement = _locked(endorsement_id)
    lately = Now() - timedelta(minutes=settings.WITHDRAWN_MINUTES)
    mine = Endorsement.objects.filter(pk=endorsement_id, state=State.WITHDRAWN, withdrawn_at__gt=lately)
    if not (endorsement.was or {}).get("by_owner") or not mine.exists():
        raise NotThere(endorsement.state)
    try:
        with transaction.atomic():
            undo.restore(endorsement, by=None)
    except IntegrityError as error:
        if "endorsement_listed_once_per_organisation" not in str(error):
            raise
        endorsement = _locked(endorsement_id)
        listing.change(endorsement, state=State.WAITING, was=None)
    listing.change(endorsement, withdrawn_at=None)
    if endorsement.state == State.LISTED:
        listing.recount(statement=endorsement.statement)
    return endorsement


@transaction.atomic
def erase(*, endorsement_id: int, why: str = Tombstone.Why.ERASED) -> None:
    """Delete an endorsement at once and for good, whatever its state (GDPR Art. 17). Harmless to repeat.

    What the organisation said elsewhere, and the organisation itself, stay.
    """
    try:
        endorsement = _locked(endorsement_id)
    except NotThere:
        return
    was_listed = endorsement.state == State.LISTED
    subject, which = bytes(endorsement.mailbox_key), which_of(endorsement.name_key)
    tombstones.leave(why, kind=KIND, subjects=[subject], scope=endorsement.statement_id, which=which)
    endorsement.delete()
    if was_listed:
        listing.recount(statement=endorsement.statement)


def which_of(name_key: str) -> str:
    """By which a tombstone tells the organisations of one representative apart: a keyed hash, 32 characters."""
    return addresses.keyed("organisation", name_key).hex()


DETAILS = ("name", "kind", "town", "website", "contact_name", "contact_role", "publish_contact", "message")


@transaction.atomic
def revise(*, endorsement_id: int, logo: Drawing | None = None, no_logo: bool = False, **details: Any) -> Endorsement:
    """Change what a waiting or listed endorsement says (any of DETAILS); it goes back to the moderators.

    What is listed stays as it was approved until they have looked, but taking something away (the name and role, the
    message) acts at once. Raises NotThere in any other state.
    """
    unknown = set(details) - set(DETAILS)
    if unknown:
        raise TypeError(f"These are not the representative's to change: {', '.join(sorted(unknown))}")
    endorsement = _locked(endorsement_id)
    if endorsement.state not in {State.WAITING, State.LISTED}:
        raise NotThere(endorsement.state)
    if logo is not None or no_logo:
        details["logo"] = store(logo) if logo else None
    listing.change(endorsement, **details, changed_at=Now())
    _take_away(endorsement)
    return endorsement


def _take_away(endorsement: Endorsement) -> None:
    silenced = {
        "public_contact": endorsement.public_contact if endorsement.publish_contact else "",
        "public_message": endorsement.public_message if endorsement.message else "",
    }
    if silenced != {name: getattr(endorsement, name) for name in silenced}:
        listing.change(endorsement, **silenced)
        Statement.objects.touch(endorsement.statement)


def renew_link(*, endorsement_id: int, link_number: int) -> bool:
    """Let no link to the representative's own page work any more but one that is mailed now; whether that was done."""
    mail = {"mail": "endorsement_own_link", "key": "endorsement", "address": "contact_email"}
    return own_links.renew(Endorsement, endorsement_id, link_number, **mail)


def tell(endorsement: Endorsement, kind: str, due_at: datetime | None = None) -> OutgoingEmail | None:
    """Queue a notice to a representative whose mailbox is proved; None when we have forgotten who that was.

    `due_at` (aware) delays it.
    """
    if not endorsement.contact_email:
        return None
    context = {"statement": endorsement.statement_id, "endorsement": endorsement.pk}
    return outbox.queue(kind=kind, recipient=endorsement.contact_email, context=context, due_at=due_at)


def remind(*, statement: Statement, email: str, meets_on: date) -> OutgoingEmail:
    """Queue one mail for the morning after a meeting, with a link to the form; its row is deleted once it is sent.

    Nobody's earlier request is changed: who asks for another day gets both. Raises StatementClosed.
    """
    taking = Statement.objects.filter(availability.OPEN & availability.TAKES_ORGANISATIONS, pk=statement.pk)
    if not taking.exists():
        raise StatementClosed
    # The key is how its owner's page finds it (holdings.py).
    context = {"statement": statement.pk, "met": meets_on.isoformat(), "address": addresses.address_key(email).hex()}
    return outbox.queue(kind="endorsement_meeting", recipient=email, context=context, due_at=_morning_after(meets_on))


def _morning_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time(8, 30)))
