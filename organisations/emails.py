"""What this app writes to representatives. Each runs as the mail is about to be sent, so it says what is true then."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import tokens
from mail import outbox
from mail.models import OutgoingEmail
from organisations import toolkit
from organisations.endorsing import CONFIRM, standing
from organisations.models import Endorsement
from petitions.models import Statement
from petitions.statements import sharing

PREFILL = "endorse-prefill"
State = Endorsement.State


def _find(row: OutgoingEmail) -> Endorsement | None:
    related = Endorsement.objects.select_related("statement", "organisation")
    return related.filter(pk=row.context["endorsement"]).first()


def _context(endorsement: Endorsement, **more: Any) -> dict[str, Any]:
    return {
        "endorsement": endorsement,
        "statement": endorsement.statement,
        "statement_url": sharing.address(endorsement.statement),
        "manage_url": endorsement.manage_url,
        **more,
    }


@outbox.kind("endorsement_confirm")
def confirm(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """The link and the code, or a word to somebody whose organisation is with us already.

    It goes to a mailbox that nobody has proved yet, so nothing in it was typed by anybody (SAFETY T4).
    """
    endorsement = _find(row)
    if endorsement is None:
        return outbox.Skip("gone")
    if endorsement.state in {State.WAITING, State.LISTED}:
        return outbox.Message("endorsement_already", endorsement.contact_email, _context(endorsement))
    state = standing(endorsement)
    if state != "ready":
        return outbox.Skip(state)
    code = tokens.code(CONFIRM, endorsement.pk)
    context = _context(
        endorsement,
        confirm_url=tokens.link("confirm", tokens.make_token(CONFIRM, endorsement.pk)),
        code=f"{code[:3]} {code[3:]}",
        until=timezone.localdate(endorsement.created_at + timedelta(days=settings.UNCONFIRMED_DAYS)),
    )
    return outbox.Message("endorsement_confirm", endorsement.contact_email, context)


@outbox.kind("endorsement_received")
def received(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """A person will check it; here is your own page."""
    return _notice(row, "endorsement_received", State.WAITING)


@outbox.kind("endorsement_listed")
def listed(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """It is on the list, and what can be done with that."""
    return _notice(row, "endorsement_listed", State.LISTED)


@outbox.kind("endorsement_declined")
def declined(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """Why it is not (any longer) on the list, and how to mend that."""
    return _notice(row, "endorsement_declined", State.DECLINED)


@outbox.kind("endorsement_question")
def question(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """What the moderator wants to know; an answer goes to the publisher's address. Only the last question is sent."""
    endorsement = _find(row)
    if endorsement and (endorsement.asked_at is None or endorsement.asked_at > row.created_at):
        return outbox.Skip("asked otherwise")
    return _notice(row, "endorsement_question", State.WAITING, State.LISTED)


def _notice(row: OutgoingEmail, name: str, *states: str) -> outbox.Message | outbox.Skip:
    endorsement = _find(row)
    if endorsement is None:
        return outbox.Skip("gone")
    if endorsement.state not in states:
        return outbox.Skip(endorsement.state)
    context = _context(endorsement, reason=endorsement.decided_reason, question=endorsement.question)
    if endorsement.state == State.LISTED:
        context |= toolkit.links(endorsement)
    context["endorse_url"] = settings.ORIGIN + reverse("endorse_form", args=[endorsement.statement.slug])
    return outbox.Message(name, endorsement.contact_email, context, reply_to=endorsement.statement.contact_email)


@outbox.kind("endorsement_meeting")
def meeting(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """The morning after: did it pass? The form is one press away, with what we know filled in."""
    statement = Statement.objects.open().filter(pk=row.context["statement"]).first()
    if statement is None or not statement.takes_organisations:
        return outbox.Skip("closed")
    prefill = tokens.seal(PREFILL, {"email": row.recipient, "on": row.context["met"]})
    form_url = f"{settings.ORIGIN}{reverse('endorse_form', args=[statement.slug])}?k={prefill}"
    context = {
        "statement": statement,
        "statement_url": sharing.address(statement),
        "met_on": date.fromisoformat(row.context["met"]),
        "form_url": form_url,
    }
    return outbox.Message("endorsement_meeting", row.recipient, context)
