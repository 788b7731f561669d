"""Mail to signers, each judged just before it is sent. No mail contains anything that its submitter typed."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import identity, richtext, switches, tokens
from core.sealed import unseal, what_of
from core.speed import prepared
from mail import outbox
from mail.models import OutgoingEmail
from petitions.actions import emails as _of_events  # noqa: F401 - it registers its mails
from petitions.news import updates
from petitions.news.models import Mailing, Update
from petitions.signatures import notices, reaffirming, thanking
from petitions.signatures.models import NoticeMailing, Signature
from petitions.statements import inviting, sharing
from petitions.statements.joint import Copublisher
from petitions.statements.models import Statement
from petitions.statements.team import Invitation
from publishers import staffing
from submissions import limits, own_links

State = Signature.State
Built = outbox.Message | outbox.Skip


class Signed(NamedTuple):
    """A signature as its mails need it: `via` brought it, `people` have signed (None while the number is switched off),
    `is_renewal` tells a first time from newer details."""

    id: int
    email: str
    state: str
    is_renewal: bool
    people: int | None
    via: str
    link_number: int
    statement: Statement
    publisher: int | None  # on whose page they signed


# One plain query for a batch: the ORM takes longer to write one for each mail than the database to answer.
_SIGNED = f"""
SELECT asked.mail, sig.id, sig.email, sig.state, sig.agreed_at > sig.confirmed_at,
    CASE WHEN NOT {switches.is_off("count")}
        THEN (SELECT coalesce(sum(confirmed), 0) FROM petitions_tally WHERE statement_id = st.id) END,
    sig.via, sig.link_number, st.id, st.title, st.slug, st.language, st.contact_email, st.publisher_id, st.joint_with,
    coalesce(sig.asked_by_id, st.publisher_id)
FROM unnest(%(mails)s::bigint[], %(signatures)s::bigint[]) AS asked (mail, signature)
JOIN petitions_signature sig ON sig.id = asked.signature JOIN petitions_statement st ON st.id = sig.statement_id
"""


def _signed(rows: list[OutgoingEmail]) -> dict[int, Signed]:
    """The signature that each row's context names."""
    values = {"mails": [row.pk for row in rows], "signatures": [row.context["signature"] for row in rows]}
    names = ("pk", "title", "slug", "language", "contact_email", "publisher_id", "joint_with")
    what = what_of(Signature, "email")
    return {
        pk: Signed._make(
            [
                *(found[0], unseal(found[1], what), *found[2:7]),
                *(Statement(**dict(zip(names, found[7:-1], strict=True))), found[-1]),
            ]
        )
        for pk, *found in prepared.run(_SIGNED, values)
    }


def _answered(rows: list[OutgoingEmail]) -> dict[int, Signed]:
    """The same of mailboxes that have just answered: what was put off for them need not wait any longer."""
    limits.wake({row.mailbox for row in rows})
    return _signed(rows)


@outbox.kind("signature_receipt", gather=_answered)
def receipt(row: OutgoingEmail, signed: Signed | None) -> Built:
    """Thank you: the number, the way to share, and the way to change one's mind."""
    return _for_owner(signed, "signature_receipt", State.CONFIRMED)


@outbox.kind("signature_held", gather=_answered)
def held(row: OutgoingEmail, signed: Signed | None) -> Built:
    """Thank you, and a person will look at it first."""
    return _for_owner(signed, "signature_held", State.HELD)


@outbox.kind("signature_released", gather=_signed)
def released(row: OutgoingEmail, signed: Signed | None) -> Built:
    """A person has looked, and it counts."""
    return _for_owner(signed, "signature_released", State.CONFIRMED)


@outbox.kind("signature_own_link", gather=_signed)
def link(row: OutgoingEmail, signed: Signed | None) -> Built:
    """The new link to a signer's own page; the old ones lead nowhere."""
    if signed is None or not signed.email:
        return outbox.Skip("gone")
    return _message("own_link", signed, to=signed.email)


@outbox.kind("signature_stay", gather=_signed)
def stay(row: OutgoingEmail, signed: Signed | None) -> Built:
    """Whether a name may stay under a statement that does not close (petitions/signatures/staying.py)."""
    if signed is None or not signed.email:
        return outbox.Skip("gone")
    if signed.state != State.CONFIRMED:
        return outbox.Skip(signed.state)
    until = timezone.localdate() + timedelta(days=settings.ASK_TO_STAY_DAYS)
    return _message("signature_stay", signed, to=signed.email, until=until)


@outbox.kind(reaffirming.MAIL, gather=_signed)
def reaffirm(row: OutgoingEmail, signed: Signed | None) -> Built:
    """Whether they stand by a correction, and nothing else (petitions/signatures/reaffirming.py)."""
    if signed is None or not signed.email:
        return outbox.Skip("gone")
    signature = Signature.objects.select_related("statement", "version").get(pk=signed.id)
    version = reaffirming.question(signature)
    if version is None or version.pk != row.context["version"]:
        return outbox.Skip("answered")
    history = f"{reverse('history', args=[signed.statement.slug])}#version-{version.number}"
    history_url = sharing.whole(signature.statement, history)
    about = {"version": version, "before": signature.version.number, "history_url": history_url}
    return _message("signature_reaffirm", signed, to=signed.email, **about)


@outbox.kind(notices.MAIL, gather=_signed)
def notice_changed(row: OutgoingEmail, signed: Signed | None) -> Built:
    """That the privacy notice is another one than they were told (petitions/signatures/notices.py)."""
    if signed is None or not signed.email:
        return outbox.Skip("gone")
    if signed.state not in {State.CONFIRMED, State.HELD}:
        return outbox.Skip(signed.state)
    words = NoticeMailing.objects.only("words").get(pk=row.context["mailing"]).words
    versions_url = identity.origin() + reverse("privacy_versions")
    return _message("notice_changed", signed, to=signed.email, words=words, versions_url=versions_url)


def _for_owner(signed: Signed | None, name: str, state: str) -> Built:
    """A mail to a proved mailbox, if the signature still has the state that the mail is about."""
    if signed is None or not signed.email:
        return outbox.Skip("gone")
    if signed.state != state:
        return outbox.Skip(signed.state)
    share = {
        "share_url": sharing.address(signed.statement, signed.via or "mail"),
        "whatsapp_url": sharing.links(signed.statement, signed.via)["whatsapp"],
    }
    return _message(name, signed, to=signed.email, number=signed.people, renewed=signed.is_renewal, **share)


def _message(name: str, signed: Signed, *, to: str, **context: Any) -> outbox.Message:
    token = own_links.token(thanking.MANAGE, signed.id, signed.link_number)
    return outbox.Message(
        name=name,
        to=to,
        context={
            "statement": signed.statement,
            "statement_url": sharing.address(signed.statement),
            "manage_url": tokens.link("manage", token),
            **context,
        },
        reply_to=signed.statement.contact_email if signed.publisher == signed.statement.publisher_id else "",
        publisher=signed.publisher,
    )


def _complained(row: OutgoingEmail) -> None:
    if row.context["signature"] is not None:
        updates.leave(signature_id=row.context["signature"])


@outbox.kind("update", judge=updates.judge, complained=_complained)
def update(row: OutgoingEmail) -> Built:
    """News for who asked for it and still wants it, with one click to stop (RFC 8058)."""
    found = Update.objects.select_related("statement").filter(pk=row.context["update"]).first()
    if found and row.context["signature"] is None:
        return news_for_staff(found, row.recipient)
    signature = Signature.objects.filter(pk=row.context["signature"]).first()
    if found is None or signature is None or not signature.email:
        return outbox.Skip("gone")
    mailing = Mailing.objects.filter(update=found).first()
    if mailing is None or mailing.stopped_at:
        return outbox.Skip("stopped")
    if found.statement.hidden_at or not found.is_public:
        return outbox.Skip("not public")
    if signature.state != State.CONFIRMED or not signature.email_updates:
        return outbox.Skip("unsubscribed")
    stop_url = tokens.link("unsubscribe", tokens.make_token(updates.UNSUBSCRIBE, signature.pk))
    signed_at, answers = signature.created_at, mailing.reply_to
    return _news(found, to=signature.email, stop_url=stop_url, signed_at=signed_at, reply_to=answers)


def news_for_staff(found: Update, to: str, *, is_test: bool = True) -> outbox.Message:
    """The same as a test to a colleague; its unsubscribe link belongs to nobody."""
    stop_url = tokens.link("unsubscribe", tokens.make_token(updates.UNSUBSCRIBE, 0))
    answers = Mailing.objects.filter(update=found).values_list("reply_to", flat=True).first() or ""
    return _news(found, to=to, stop_url=stop_url, signed_at=timezone.now(), reply_to=answers, is_test=is_test)


def _news(
    found: Update, *, to: str, stop_url: str, signed_at: datetime, reply_to: str, is_test: bool = False
) -> outbox.Message:
    statement = found.statement
    host, contact = urlsplit(identity.origin()).hostname, statement.who.contact_email
    return outbox.Message(
        name="update",
        to=to,
        context={
            "statement": statement,
            "statement_url": sharing.address(statement, found.via),
            "update": found,
            "update_url": identity.origin() + found.get_absolute_url(),
            "text": richtext.mail_text(found.body),
            "stop_url": stop_url,
            "signed_at": timezone.localdate(signed_at),
            "is_test": is_test,
        },
        headers={
            "List-Unsubscribe": f"<{stop_url}>, <mailto:{contact}?subject=unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<{statement.slug}.{host}>",
        },
        reply_to=reply_to or statement.contact_email,
        publisher=statement.publisher_id,
    )


@outbox.kind("staff_invitation")
def invitation(row: OutgoingEmail) -> Built:
    """An invitation to work on statements, with the line that the colleague wrote."""
    found = Invitation.objects.filter(pk=row.context["invitation"]).select_related("invited_by").first()
    if found is None or not found.is_waiting:
        return outbox.Skip("gone")
    by = found.invited_by
    own = found.statements.values_list("publisher", flat=True).first() if staffing.are_several() else None
    return outbox.Message(
        name="staff_invitation",
        to=found.email,
        context={
            "invitation": found,
            "by": (by.get_full_name() or by.get_username()) if by else "",
            "statements": [statement.title for statement in found.statements.all()],
            "invitation_url": identity.origin() + reverse("admin:invitation", args=[inviting.token(found)]),
        },
        reply_to=by.email if by else "",
        publisher=own,
    )


@outbox.kind("joint_invitation")
def joint_invitation(row: OutgoingEmail) -> Built:
    """Another publisher asks to publish a statement together; it is answered on the desk."""
    found = _joint(row)
    if found is None or not found.is_invited:
        return outbox.Skip("gone")
    return _about_joint("joint_invitation", found, row.recipient, publisher=found.publisher_id)


@outbox.kind("joint_answer")
def joint_answer(row: OutgoingEmail) -> Built:
    """How they answered, or that they left, to whoever asked."""
    found = _joint(row)
    if found is None or found.is_invited or found.ended == Copublisher.Ended.WITHDRAWN:
        return outbox.Skip("gone")
    return _about_joint("joint_answer", found, row.recipient, publisher=found.statement.publisher_id)


def _joint(row: OutgoingEmail) -> Copublisher | None:
    rows = Copublisher.objects.select_related("statement__publisher", "publisher", "invited_by")
    return rows.filter(pk=row.context["copublisher"]).first()


def _about_joint(name: str, found: Copublisher, to: str, *, publisher: int | None) -> outbox.Message:
    own, by = identity.publisher(found.statement.publisher_id), found.invited_by
    return outbox.Message(
        name=name,
        to=to,
        context={
            "copublisher": found,
            "statement": found.statement,
            "own": own,
            "by": (by.get_full_name() or by.get_username()) if by else own.name,
            "desk_url": identity.origin() + reverse("admin:joint"),
        },
        reply_to=by.email if by and name == "joint_invitation" else "",
        publisher=publisher,
    )
