"""What a representative does: endorse, confirm by mail, change, withdraw. Views and seeds call these, nothing else.

The statement's row is locked while an endorsement is written, so closing and endorsing never cross and nobody is
listed twice; signers do not wait for that lock (`no_key`).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from core import tokens
from core.addresses import canonical
from mail import outbox
from mail.models import OutgoingEmail
from organisations import consent, likeness, listing, submission
from organisations.logos import Drawing
from organisations.models import Endorsement, Logo
from petitions.models import Statement

CONFIRM, MANAGE = "endorse-confirm", "endorse-manage"
State = Endorsement.State


class EndorsingError(Exception):
    """Something a representative can be told in plain words."""


class StatementClosed(EndorsingError):
    """This statement takes no endorsements (any more), or none from organisations."""


class NotConfirmed(EndorsingError):
    """It could not be done; `state` says where the endorsement stands."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Receipt:
    """What the door knows after somebody sent the form: row ids, and nothing about who endorsed before."""

    endorsement_id: int
    mail_id: int


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
    flags: str = "",
    ip_key: str = "",
) -> Receipt:
    """Write down that an organisation wants to stand behind `statement`, and that a mail must go out.

    Nothing is shown to anybody before the mailbox is proved and a moderator has approved. The same representative
    sending the same name again replaces what was typed until it is confirmed, or begins anew after it was declined or
    withdrawn; one that waits or is listed stays as it is, and its mail says so. The caller cannot tell these apart.
    Raises StatementClosed, by the database's clock.
    """
    values = {
        "statement": statement.pk, "name": organisation, "kind": str(kind), "town": town, "website": website,
        "contact_name": contact_name, "contact_role": contact_role, "contact_email": contact_email,
        "agreed_how": str(agreed_how), "agreed_on": agreed_on, "publish_contact": publish_contact, "message": message,
        "via": via, "flags": flags, "ip_key": ip_key, "consent_id": consent.current(),
        "email_canonical": canonical(contact_email), "name_key": likeness.key(organisation),
    }  # fmt: skip
    if logo is None:
        return _write({**values, "logo": None})
    with transaction.atomic():
        return _write({**values, "logo": store(logo).pk})


def _write(values: dict[str, Any]) -> Receipt:
    written = submission.write(values)
    if written is None:
        raise StatementClosed
    return Receipt(*written)


def _lock_open(statement: Statement) -> None:
    """Lock the statement for this transaction. Raises StatementClosed."""
    taking = Statement.objects.open().exclude(signed_by=Statement.SignedBy.PEOPLE)
    if not taking.select_for_update(no_key=True).filter(pk=statement.pk).exists():
        raise StatementClosed


def store(drawing: Drawing) -> Logo:
    """Keep a picture that was drawn anew."""
    return Logo.objects.create(data=drawing.data, width=drawing.width, height=drawing.height)


def send_again(*, endorsement: Endorsement, email: str = "", ip_key: str = "") -> Receipt:
    """Queue the confirmation mail (once more); the worker decides by then what it says, and whether it goes out."""
    row = outbox.queue(
        kind="endorsement_confirm",
        recipient=email or endorsement.contact_email,
        lane=OutgoingEmail.Lane.CONFIRM,
        context={"statement": endorsement.statement_id, "endorsement": endorsement.pk, "ip": ip_key},
    )
    return Receipt(endorsement_id=endorsement.pk, mail_id=row.pk)


def standing(endorsement: Endorsement) -> str:
    """Where it stands by the database's clock: a state, or `ready`, `expired`, `closed` while it is unconfirmed."""
    state = Endorsement.objects.values_list("state", flat=True).get(pk=endorsement.pk)
    if state != State.UNCONFIRMED:
        return state
    if Endorsement.objects.expired().filter(pk=endorsement.pk).exists():
        return "expired"
    return "ready" if _in_time().filter(pk=endorsement.statement_id).exists() else "closed"


def _in_time() -> Any:
    """Statements for which a link may still be pressed: a day of grace after closing, as for signers."""
    last = Now() - timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS)
    by_hand, by_date = Q(closed_at=None) | Q(closed_at__gt=last), Q(closes_at=None) | Q(closes_at__gt=last)
    return Statement.objects.public().exclude(signed_by=Statement.SignedBy.PEOPLE).filter(by_hand, by_date)


def _locked(endorsement_id: int) -> Endorsement:
    """The endorsement for this transaction alone, after its statement. Raises NotConfirmed when there is none."""
    statement = Endorsement.objects.filter(pk=endorsement_id).values_list("statement_id", flat=True).first()
    if statement is None:
        raise NotConfirmed("unknown")
    listing.lock(statement)
    found = Endorsement.objects.select_for_update(of=["self"]).select_related("statement").filter(pk=endorsement_id)
    endorsement = found.first()
    if endorsement is None:
        raise NotConfirmed("unknown")
    return endorsement


@transaction.atomic
def confirm(*, endorsement_id: int) -> Endorsement:
    """Put an endorsement whose mailbox has been proved in the moderators' queue, and tell the representative.

    Raises NotConfirmed with the state it is in instead (already done is answered before anything else).
    """
    endorsement = _locked(endorsement_id)
    state = standing(endorsement)
    if state != "ready":
        raise NotConfirmed(state)
    listing.change(endorsement, state=State.WAITING, confirmed_at=Now(), question="", asked_at=None, withdrawn_at=None)
    tell(endorsement, "endorsement_received")
    return endorsement


def confirm_by_code(*, endorsement_id: int, typed: str) -> Endorsement | None:
    """Confirm with the six digits from the mail instead of its link; ten tries, ever. None when they are wrong."""
    tries = Endorsement.objects.filter(pk=endorsement_id, state=State.UNCONFIRMED, code_tries__lt=tokens.CODE_TRIES)
    if not tries.update(code_tries=F("code_tries") + 1) or not tokens.is_code(CONFIRM, endorsement_id, typed):
        return None
    try:
        return confirm(endorsement_id=endorsement_id)
    except NotConfirmed:
        return None


@transaction.atomic
def renew(*, endorsement_id: int) -> None:
    """Give an expired link another fortnight, and queue a new mail. Raises StatementClosed when it is too late."""
    endorsement = _locked(endorsement_id)
    if endorsement.state != State.UNCONFIRMED:
        return
    _lock_open(endorsement.statement)
    listing.change(endorsement, created_at=Now())
    send_again(endorsement=endorsement)


@transaction.atomic
def disown(*, endorsement_id: int) -> None:
    """Delete an endorsement its mailbox did not ask for, and never write there again; one that was confirmed stays."""
    endorsement = _locked(endorsement_id)
    if endorsement.state == State.UNCONFIRMED:
        outbox.suppress(endorsement.contact_email)
        endorsement.delete()


@transaction.atomic
def withdraw(*, endorsement_id: int) -> Endorsement:
    """Take it off at the representative's wish, at any time. Raises NotConfirmed when there is nothing to take off."""
    endorsement = _locked(endorsement_id)
    was_listed = endorsement.state == State.LISTED
    if endorsement.state not in {State.UNCONFIRMED, State.WAITING, State.LISTED}:
        raise NotConfirmed(endorsement.state)
    listing.unlist(endorsement, state=State.WITHDRAWN, withdrawn_at=Now())
    if was_listed:
        listing.recount(statement=endorsement.statement)
    return endorsement


DETAILS = ("name", "kind", "town", "website", "contact_name", "contact_role", "publish_contact", "message")


@transaction.atomic
def revise(*, endorsement_id: int, logo: Drawing | None = None, no_logo: bool = False, **details: Any) -> Endorsement:
    """Change what a waiting or listed endorsement says (any of DETAILS); it goes back to the moderators.

    What is listed stays as it was approved until they have looked, but taking something away (the name and role, the
    message) acts at once. Raises NotConfirmed in any other state.
    """
    unknown = set(details) - set(DETAILS)
    if unknown:
        raise TypeError(f"These are not the representative's to change: {', '.join(sorted(unknown))}")
    endorsement = _locked(endorsement_id)
    if endorsement.state not in {State.WAITING, State.LISTED}:
        raise NotConfirmed(endorsement.state)
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


def tell(endorsement: Endorsement, kind: str, due_at: datetime | None = None) -> OutgoingEmail | None:
    """Queue a notice to a representative whose mailbox is proved; None when we have forgotten who that was.

    `due_at` (aware) delays it.
    """
    if not endorsement.contact_email:
        return None
    context = {"statement": endorsement.statement_id, "endorsement": endorsement.pk}
    return outbox.queue(kind=kind, recipient=endorsement.contact_email, context=context, due_at=due_at)


@transaction.atomic
def remind(*, statement: Statement, email: str, meets_on: date) -> OutgoingEmail:
    """Queue one mail for the morning after a meeting, with a link to the form; its row is deleted once it is sent.

    Asking again for the same statement moves the date. Raises StatementClosed.
    """
    _lock_open(statement)
    waiting = {"kind": "endorsement_meeting", "recipient_key": canonical(email), "state": OutgoingEmail.State.QUEUED}
    OutgoingEmail.objects.filter(**waiting, context__statement=statement.pk).delete()
    context = {"statement": statement.pk, "met": meets_on.isoformat()}
    return outbox.queue(kind="endorsement_meeting", recipient=email, context=context, due_at=_morning_after(meets_on))


def _morning_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time(8, 30)))
