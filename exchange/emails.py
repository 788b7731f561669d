"""The mail that asks somebody on a list once: keep me, or take me off. It is about nothing else."""

from django.utils import translation

from core import tokens
from exchange import inquiring
from exchange.models import Import, Inquiry
from mail import outbox
from mail.kinds import Steps
from mail.models import OutgoingEmail
from petitions.signatures import bringing_in
from petitions.statements import sharing
from submissions import limits


def _mailed(row: OutgoingEmail) -> Steps:
    return inquiring.mailed(row.context["inquiry"])


@outbox.kind(inquiring.MAIL, judge=limits.spare, accepted=_mailed)
def inquiry(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """Who asks, what was given where, what either answer does, and what silence does; two links to one page."""
    one = inquiring.find(row.context["inquiry"])
    if one is None or one.row is None or one.state != Inquiry.State.ASKED or one.of.state == Import.State.UNDONE:
        return outbox.Skip("nothing to ask")
    if not inquiring.is_in_time(one.of):
        return outbox.Skip("too late")
    if stands := bringing_in.standing(one.statement_id, [bytes(one.mailbox_key)]):
        return outbox.Skip(f"stands: {stands[bytes(one.mailbox_key)]}")
    off_url = tokens.link("unsubscribe", tokens.make_token(inquiring.OFF, one.pk))
    with translation.override(one.statement.language):
        publisher = str(one.statement.who.name)
    return outbox.Message(
        name="import_inquiry",
        to=row.recipient,
        context={
            "listed": one.of,
            "publisher": publisher,
            "shown": bool(one.row.read_as.get("show_name")),
            "news": bool(one.row.read_as.get("email_updates")),
            "statement": one.statement,
            "statement_url": sharing.address(one.statement),
            "keep_url": tokens.link("confirm", tokens.make_token(inquiring.KEEP, one.pk)),
            "off_url": off_url,
        },
        headers={
            "List-Unsubscribe": f"<{off_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        reply_to=one.statement.contact_email,
        publisher=one.statement.publisher_id,
    )
