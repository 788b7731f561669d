"""What signers are written, judged as each mail is about to go. No mail says anything that its submitter typed."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from core import mail, verification
from core.models import OutgoingEmail
from petitions import counting, holding, sharing, signing
from petitions.models import Signature

State = Signature.State
Built = mail.Message | mail.Skip


def _signatures() -> QuerySet[Signature]:
    """Signatures with their statements, and the time now and at the end of signing, both by the database's clock."""
    rows = Signature.objects.select_related("statement").defer("statement__preface", "statement__outcome")
    return rows.annotate(now=Now(), ends_at=Least("statement__closed_at", "statement__closes_at"))


@mail.kind("signature_confirm", capped=True)
def confirm(row: OutgoingEmail) -> Built:
    """A link and a code for who waits; "you've already signed" for who has; nothing for anybody else."""
    holding.hold_crowd(row)
    found = _signatures().filter(statement_id=row.context["statement"], email_canonical=row.recipient_key).first()
    if found is None:
        return mail.Skip("gone")
    if found.state in {State.CONFIRMED, State.HELD}:
        return _message("signature_already", found, to=found.email, held=found.state == State.HELD)
    return _ask(row, found, "signature_confirm")


@mail.kind("signature_reminder", capped=True)
def reminder(row: OutgoingEmail) -> Built:
    """The same link once more, a day later, for who still waits."""
    found = _signatures().filter(pk=row.context["signature"]).first()
    return _ask(row, found, "signature_reminder") if found else mail.Skip("gone")


def _ask(row: OutgoingEmail, signature: Signature, name: str) -> Built:
    if signature.state != State.PENDING:
        return mail.Skip(signature.state)
    until = _until(signature)
    if signature.statement.hidden_at or until <= signature.now:
        return mail.Skip("too late")
    token = verification.make_token(signing.CONFIRM, signature.pk)
    code = verification.code(signing.CONFIRM, signature.pk)
    return _message(
        name,
        signature,
        to=row.recipient,
        confirm_url=verification.link("confirm", token),
        code=f"{code[:3]} {code[3:]}",
        until=timezone.localdate(until),
        held=bool(signature.held_reason),
    )


def _until(signature: Signature) -> datetime:
    """When the link stops working: a fortnight after signing, or a day of grace after signing has ended."""
    until = signature.created_at + timedelta(days=settings.UNCONFIRMED_DAYS)
    if signature.ends_at:
        until = min(until, signature.ends_at + timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS))
    return until


@mail.kind("signature_receipt")
def receipt(row: OutgoingEmail) -> Built:
    """Thank you: the number, the way to share, and the way to change one's mind."""
    return _for_owner(row, "signature_receipt", State.CONFIRMED)


@mail.kind("signature_held")
def held(row: OutgoingEmail) -> Built:
    """Thank you, and a person will look at it first."""
    return _for_owner(row, "signature_held", State.HELD)


@mail.kind("signature_released")
def released(row: OutgoingEmail) -> Built:
    """A person has looked, and it counts."""
    return _for_owner(row, "signature_released", State.CONFIRMED)


def _for_owner(row: OutgoingEmail, name: str, state: str) -> Built:
    """A mail to a proved mailbox, as long as the signature still stands where the mail says."""
    found = _signatures().filter(pk=row.context["signature"]).first()
    if found is None or not found.email:
        return mail.Skip("gone")
    if found.state != state:
        return mail.Skip(found.state)
    numbers = counting.numbers([found.statement])[found.statement_id]
    return _message(name, found, to=found.email, number=numbers.people)


def _message(name: str, signature: Signature, *, to: str, **context: Any) -> mail.Message:
    statement = signature.statement
    token = verification.make_token(signing.MANAGE, signature.pk)
    return mail.Message(
        name=name,
        to=to,
        context={
            "statement": statement,
            "statement_url": sharing.address(statement),
            "manage_url": verification.link("manage", token),
            "share_url": sharing.address(statement, "mail"),
            "whatsapp_url": sharing.links(statement)["whatsapp"],
            **context,
        },
        reply_to=statement.contact_email,
    )
