"""What signers are written, judged as each mail is about to go. No mail says anything that its submitter typed."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from core import richtext, switches, tokens
from core.speed import prepared
from mail import outbox
from mail.models import OutgoingEmail
from petitions.news import updates
from petitions.news.models import Mailing, Update
from petitions.signatures import crowds, signing
from petitions.signatures.models import Signature
from petitions.statements.models import Statement
from petitions.travel import sharing

State = Signature.State
Built = outbox.Message | outbox.Skip


class Signed(NamedTuple):
    """A signature as its mails need it: `via` brought it, `until` its link works, `people` have
    signed (None while the number is switched off)."""

    id: int
    email: str
    state: str
    is_held: bool
    until: datetime
    is_too_late: bool
    people: int | None
    via: str
    statement: Statement


# One plain query for a batch: the ORM takes longer to write one for each mail than the database to answer.
# The link works for a fortnight after signing, or for a day of grace after signing has ended.
_SIGNED = f"""
SELECT mail, id, email, state, is_held, until, hidden OR until <= statement_timestamp(), people, via,
    statement_id, title, slug, language, contact
FROM (
    SELECT asked.mail, sig.id, sig.email, sig.state, sig.held_reason <> '' AS is_held, sig.via, st.id AS statement_id,
        st.title, st.slug, st.language, st.contact_email AS contact, st.hidden_at IS NOT NULL AS hidden,
        least(sig.created_at + %(valid)s, st.closed_at + %(grace)s, st.closes_at + %(grace)s) AS until,
        CASE WHEN NOT {switches.is_off("count")}
            THEN (SELECT coalesce(sum(confirmed), 0) FROM petitions_tally WHERE statement_id = st.id) END AS people
    FROM unnest(%(mails)s::bigint[], %(signatures)s::bigint[], %(statements)s::bigint[], %(people)s::text[])
        AS asked (mail, signature, statement, person)
    CROSS JOIN LATERAL (
        SELECT * FROM petitions_signature WHERE id = asked.signature
        UNION ALL
        SELECT * FROM petitions_signature
        WHERE asked.signature IS NULL AND statement_id = asked.statement AND email_canonical = asked.person
    ) sig
    JOIN petitions_statement st ON st.id = sig.statement_id
) found
"""


def _signed(rows: list[OutgoingEmail]) -> dict[int, Signed]:
    """The signature that each row's context names, or else the one of its statement and recipient."""
    values = {
        "mails": [row.pk for row in rows],
        "signatures": [row.context.get("signature") for row in rows],
        "statements": [row.context.get("statement") for row in rows],
        "people": [row.recipient_key for row in rows],
        "valid": timedelta(days=settings.UNCONFIRMED_DAYS),
        "grace": timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS),
    }
    names = ("pk", "title", "slug", "language", "contact_email")
    return {
        pk: Signed(*found[:8], statement=Statement(**dict(zip(names, found[8:], strict=True))))
        for pk, *found in prepared.run(_SIGNED, values)
    }


def _judged(rows: list[OutgoingEmail]) -> dict[int, Signed]:
    crowds.hold_crowds(rows)
    return _signed(rows)


@outbox.kind("signature_confirm", capped=True, gather=_judged)
def confirm(row: OutgoingEmail, signed: Signed | None) -> Built:
    """A link and a code for who waits; "you've already signed" for who has; nothing for anybody else."""
    if signed and signed.state in {State.CONFIRMED, State.HELD}:
        return _message("signature_already", signed, to=signed.email, held=signed.state == State.HELD)
    return _ask(row, signed, "signature_confirm")


@outbox.kind("signature_reminder", capped=True, gather=_signed)
def reminder(row: OutgoingEmail, signed: Signed | None) -> Built:
    """The same link once more, a day later, for who still waits."""
    return _ask(row, signed, "signature_reminder")


def _ask(row: OutgoingEmail, signed: Signed | None, name: str) -> Built:
    if signed is None:
        return outbox.Skip("gone")
    if signed.state != State.PENDING or signed.is_too_late:
        return outbox.Skip("too late" if signed.state == State.PENDING else signed.state)
    token = tokens.make_token(signing.CONFIRM, signed.id)
    code = tokens.code(signing.CONFIRM, signed.id)
    return _message(
        name,
        signed,
        to=row.recipient,
        confirm_url=tokens.link("confirm", token),
        code=f"{code[:3]} {code[3:]}",
        until=timezone.localdate(signed.until),
        held=signed.is_held,
    )


@outbox.kind("signature_receipt", gather=_signed)
def receipt(row: OutgoingEmail, signed: Signed | None) -> Built:
    """Thank you: the number, the way to share, and the way to change one's mind."""
    return _for_owner(signed, "signature_receipt", State.CONFIRMED)


@outbox.kind("signature_held", gather=_signed)
def held(row: OutgoingEmail, signed: Signed | None) -> Built:
    """Thank you, and a person will look at it first."""
    return _for_owner(signed, "signature_held", State.HELD)


@outbox.kind("signature_released", gather=_signed)
def released(row: OutgoingEmail, signed: Signed | None) -> Built:
    """A person has looked, and it counts."""
    return _for_owner(signed, "signature_released", State.CONFIRMED)


def _for_owner(signed: Signed | None, name: str, state: str) -> Built:
    """A mail to a proved mailbox, as long as the signature still stands where the mail says."""
    if signed is None or not signed.email:
        return outbox.Skip("gone")
    if signed.state != state:
        return outbox.Skip(signed.state)
    share = {
        "share_url": sharing.address(signed.statement, signed.via or "mail"),
        "whatsapp_url": sharing.links(signed.statement, signed.via)["whatsapp"],
    }
    return _message(name, signed, to=signed.email, number=signed.people, **share)


def _message(name: str, signed: Signed, *, to: str, **context: Any) -> outbox.Message:
    token = tokens.make_token(signing.MANAGE, signed.id)
    return outbox.Message(
        name=name,
        to=to,
        context={
            "statement": signed.statement,
            "statement_url": sharing.address(signed.statement),
            "manage_url": tokens.link("manage", token),
            **context,
        },
        reply_to=signed.statement.contact_email,
    )


@outbox.kind("update")
def update(row: OutgoingEmail) -> Built:
    """News for who asked for it and still wants it, with one click to stop (RFC 8058)."""
    found = Update.objects.select_related("statement").filter(pk=row.context["update"]).first()
    if found and row.context["signature"] is None:
        return news_for_staff(found, row.recipient)
    signature = Signature.objects.filter(pk=row.context["signature"]).first()
    if found is None or signature is None or not signature.email:
        return outbox.Skip("gone")
    if Mailing.objects.filter(update=found, stopped_at__isnull=False).exists():
        return outbox.Skip("stopped")
    if found.statement.hidden_at or not found.is_public:
        return outbox.Skip("not public")
    if signature.state != State.CONFIRMED or not signature.email_updates:
        return outbox.Skip("unsubscribed")
    stop_url = tokens.link("unsubscribe", tokens.make_token(updates.UNSUBSCRIBE, signature.pk))
    return _news(found, to=signature.email, stop_url=stop_url, signed_at=signature.created_at)


def news_for_staff(found: Update, to: str, *, is_test: bool = True) -> outbox.Message:
    """The same for a colleague; its link to stop leads to a page that knows nobody."""
    stop_url = tokens.link("unsubscribe", tokens.make_token(updates.UNSUBSCRIBE, 0))
    return _news(found, to=to, stop_url=stop_url, signed_at=timezone.now(), is_test=is_test)


def _news(found: Update, *, to: str, stop_url: str, signed_at: datetime, is_test: bool = False) -> outbox.Message:
    statement = found.statement
    host = urlsplit(settings.ORIGIN).hostname
    return outbox.Message(
        name="update",
        to=to,
        context={
            "statement": statement,
            "statement_url": sharing.address(statement),
            "update": found,
            "update_url": settings.ORIGIN + found.get_absolute_url(),
            "text": richtext.mail_text(found.body),
            "stop_url": stop_url,
            "signed_at": timezone.localdate(signed_at),
            "is_test": is_test,
        },
        headers={
            "List-Unsubscribe": f"<{stop_url}>, <mailto:{settings.CONTACT_EMAIL}?subject=unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<{statement.slug}.{host}>",
        },
        reply_to=statement.contact_email,
    )
