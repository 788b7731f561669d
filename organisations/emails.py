"""Mail to representatives, built just before it is sent, so that it is true then."""

from datetime import date
from typing import Any

from django.urls import reverse

from core import identity, tokens
from mail import outbox
from mail.models import OutgoingEmail
from organisations import toolkit
from organisations.models import MANAGE, Endorsement
from petitions.models import Statement
from petitions.statements import sharing
from submissions import limits, own_links

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
        "manage_url": own_links.in_mail(MANAGE, endorsement),
        **more,
    }


def _answered(rows: list[OutgoingEmail]) -> dict[int, None]:
    """Recipients of these have just answered, so mail put off for their mailbox is released."""
    limits.wake({row.mailbox for row in rows})
    return {}


@outbox.kind("endorsement_received", gather=_answered)
def received(row: OutgoingEmail, _: None) -> outbox.Message | outbox.Skip:
    """A person will check it; here is your own page."""
    return _notice(row, "endorsement_received", State.WAITING, State.LISTED)


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
    """The moderator's question; answers go to the publisher's address. Only the last question is sent."""
    endorsement = _find(row)
    if endorsement and (endorsement.asked_at is None or endorsement.asked_at > row.created_at):
        return outbox.Skip("asked otherwise")
    return _notice(row, "endorsement_question", State.WAITING, State.LISTED)


@outbox.kind("endorsement_undecided")
def undecided(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """Nobody decided about it, and it goes now; the form can be sent again."""
    return _notice(row, "endorsement_undecided", State.WAITING)


@outbox.kind("endorsement_own_link")
def link(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """The new link to a representative's own page; the old ones lead nowhere."""
    endorsement = _find(row)
    if endorsement is None or not endorsement.contact_email:
        return outbox.Skip("gone")
    reply_to = endorsement.statement.contact_email
    whose = endorsement.statement.publisher_id
    return outbox.Message(
        "own_link", endorsement.contact_email, _context(endorsement), reply_to=reply_to, publisher=whose
    )


def _notice(row: OutgoingEmail, name: str, *states: str) -> outbox.Message | outbox.Skip:
    endorsement = _find(row)
    if endorsement is None:
        return outbox.Skip("gone")
    if endorsement.state not in states:
        return outbox.Skip(endorsement.state)
    context = _context(endorsement, reason=endorsement.decided_reason, question=endorsement.question)
    if endorsement.state == State.LISTED:
        context |= toolkit.links(endorsement)
    context["endorse_url"] = identity.origin() + reverse("endorse_form", args=[endorsement.statement.slug])
    statement = endorsement.statement
    return outbox.Message(
        name, endorsement.contact_email, context, reply_to=statement.contact_email, publisher=statement.publisher_id
    )


@outbox.kind("endorsement_meeting", judge=limits.spare)
def meeting(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """The morning after: did it pass? The form is one press away, with what we know filled in."""
    statement = Statement.objects.open().filter(pk=row.context["statement"]).first()
    if statement is None or not statement.takes_organisations:
        return outbox.Skip("closed")
    if _was_asked_before(row):
        return outbox.Skip("asked twice")
    prefill = tokens.seal(PREFILL, {"email": row.recipient, "on": row.context["met"]})
    form_url = f"{identity.origin()}{reverse('endorse_form', args=[statement.slug])}?k={prefill}"
    context = {
        "statement": statement,
        "statement_url": sharing.address(statement),
        "met_on": date.fromisoformat(row.context["met"]),
        "form_url": form_url,
    }
    return outbox.Message("endorsement_meeting", row.recipient, context, publisher=statement.publisher_id)


def _was_asked_before(row: OutgoingEmail) -> bool:
    """Whether the same mailbox asked for the same morning earlier."""
    asked = OutgoingEmail.objects.filter(kind=row.kind, recipient_key=row.mailbox, pk__lt=row.pk)
    about = {name: row.context[name] for name in ("statement", "met")}
    return asked.filter(context__contains=about).exclude(state=OutgoingEmail.State.FAILED).exists()
