"""Asking to sign, and what happens to a signature that was agreed to (agreeing.py). Views, admin and seeds call it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import tombstones
from core.audit import Staff
from core.models import Tombstone
from core.text import tidying
from mail import outbox
from petitions.signatures import consent, forgetting, optional
from petitions.signatures.models import Signature, SignatureSubmission
from petitions.statements import counting
from petitions.statements.models import ClockTimestamp, Statement
from submissions import asking, decisions, own_links
from submissions.asking import Asked
from submissions.models import Decision

KIND = "signature"

State = Signature.State
Makes = Decision.Makes

# How long the mail about a decision waits, so that it can still be undone (undo.py).
TIME_TO_UNDO = timedelta(seconds=60)

# From where to where a signature may go; the database has the same table (petitions/schema.py).
MOVES = {
    State.CONFIRMED: (State.HELD, State.REMOVED, State.WITHDRAWN, State.ANONYMISED),
    State.HELD: (State.CONFIRMED, State.REMOVED, State.WITHDRAWN),
    State.REMOVED: (State.CONFIRMED, State.HELD),
    State.WITHDRAWN: (State.CONFIRMED, State.HELD, State.REMOVED),
    State.ANONYMISED: (State.CONFIRMED, State.HELD, State.REMOVED),
}


class SigningError(Exception):
    """Base of the refusals; the text is for the signer."""


class StatementClosed(SigningError):
    """This statement takes no signatures (any more)."""


class NotThere(SigningError):
    """The signature's state does not allow this; `state` is its state now."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class NewerWords(NotThere):
    """The owner has agreed to newer words since the moderator looked."""


def sign(
    *,
    statement: Statement,
    name: str,
    email: str,
    show_name: bool = False,
    email_updates: bool = False,
    unless_signed: bool = False,
    news_of: Sequence[int] = (),
    via: str = "",
    channel: str = Signature.Channel.WEB,
    signals: str = "",
    ip_key: str = "",
    seen_version: int = 0,
    **answers: Any,
) -> Asked:
    """Store a signature submission and queue its confirmation mail; it counts once its owner agrees.

    Whoever signed before, or not, is asked in the same way, and nothing of theirs changes before they agree.
    `seen_version` is the number of the version on the signer's screen; `unless_signed` leaves who has signed already as
    they are; `news_of` are whose news they want besides its publisher's; `answers` are those to what the statement may
    ask besides (optional.py), as the form cleans them. Raises StatementClosed, by the database's clock.
    """
    asked = asking.ask(
        KIND,
        email=email,
        typed={
            "name": name,
            **optional.complete(answers),
            "show_name": show_name,
            "email_updates": email_updates,
            "unless_signed": unless_signed,
            **_joint(statement, news_of),
        },
        statement=statement.pk,
        seen=seen_version,
        consent_id=consent.current(statement),
        language=statement.language,
        via=via,
        channel=str(channel),
        signals=signals,
        ip_key=ip_key,
    )
    if asked is None:
        raise StatementClosed
    return asked


def _joint(statement: Statement, news_of: Sequence[int]) -> dict[str, Any]:
    """What only a joint statement asks: on whose page, and whose news besides."""
    if not statement.joint_with:
        return {}
    whose, wanted = statement.shown_by, [pk for pk in statement.joint_with if pk in news_of]
    return {"asked_by_id": None if whose == statement.publisher_id else whose, "news_of": wanted or None}


_OFF = "state = 'withdrawn', withdrawn_at = statement_timestamp(), held_reason = ''"


def withdraw(*, signature_id: int) -> counting.Moved:
    """Take a name off at its owner's wish, at any time (GDPR Art. 7(3)). Raises NotThere.

    A hold or a removal stands against the mailbox all the same, so that signing again does not clear it. What was
    chosen stays for as long as `put_back` can bring it back; then the row goes (retention.py).
    """
    return alter(signature_id, "sig.state IN ('confirmed', 'held')", _OFF)


@transaction.atomic
def put_back(*, signature_id: int) -> counting.Moved:
    """Undo `withdraw` within WITHDRAWN_MINUTES, at its owner's wish: back to the state that decisions give it.

    Raises NotThere: it is too late, or it was never taken off.
    """
    _locked(signature_id)
    return alter(
        signature_id,
        "sig.state = 'withdrawn' AND sig.withdrawn_at > statement_timestamp() - %(minutes)s",
        f"{AS_DECIDED}, withdrawn_at = NULL",
        minutes=timedelta(minutes=settings.WITHDRAWN_MINUTES),
    )


def choose(*, signature_id: int, show_name: bool | None = None, email_updates: bool | None = None) -> counting.Moved:
    """Change the signer's own choices; None leaves one as it is. Raises NotThere for a name that was taken off."""
    return alter(
        signature_id,
        "sig.state IN ('confirmed', 'held')",
        """show_name = coalesce(%(show_name)s::boolean, sig.show_name),
        email_updates = coalesce(%(email_updates)s::boolean, sig.email_updates)""",
        show_name=show_name,
        email_updates=email_updates,
    )


@transaction.atomic
def correct(*, signature_id: int, **answers: Any) -> counting.Moved:
    """Correct a signer's answers (GDPR Art. 16): at least one of the answers that `sign` takes; others stay.

    Raises NotThere unless it counts: what waits for a moderator's look stays as they see it. TypeError for an answer
    that nobody asks for.
    """
    optional.complete(answers)
    change = ", ".join(f"{name} = %({name})s" for name in answers)
    moved = alter(signature_id, "sig.state = 'confirmed'", change, **optional.resting(answers))
    if any(field.is_public and field.name in answers for field in optional.FIELDS):
        Statement.objects.filter(pk=moved.statement_id).update(changed_at=ClockTimestamp())
    return moved


@transaction.atomic
def correct_name(*, signature_id: int, name: str, doubts: str = "") -> counting.Moved:
    """Correct the name of who signed, at their wish (GDPR Art. 16). Raises NotThere unless it counts or waits.

    `doubts` are what would hold a signature that came with this name (traps.py). If others may read it, it waits for
    the same look; a name that nobody reads does not.
    """
    signature = _locked(signature_id)
    moved = alter(signature_id, "sig.state IN ('confirmed', 'held')", "name = %(name)s", name=tidying.name(name))
    if doubts and signature.show_name and signature.state == State.CONFIRMED:
        decisions.make(
            Makes.HOLD, kind=KIND, scope=signature.statement_id, subject=bytes(signature.mailbox_key),
            position=signature.mailbox_position, reason=doubts, source="form", submission=signature.submission_id,
        )  # fmt: skip
        moved = alter(signature_id, _FROM[Makes.HOLD], AS_DECIDED)
    Statement.objects.filter(pk=moved.statement_id).update(changed_at=ClockTimestamp())
    return moved


@transaction.atomic
def erase(*, signature_id: int) -> None:
    """Delete a signature at once and for good, whatever its state (GDPR Art. 17). Harmless to repeat.

    What staff decided about its mailbox stays, by a keyed hash, as long as it keeps somebody out.
    """
    signature = Signature.objects.filter(pk=signature_id).first()
    if signature is None or signature.state == State.ANONYMISED:
        return
    if signature.state == State.REMOVED:  # how many were removed is public, and stays
        counting.move(where="sig.id = %(id)s", change=forgetting.NOBODY, values={"id": signature_id})
    else:
        counting.move(
            where="sig.id = %(id)s AND sig.state IN ('confirmed', 'held')", change=_OFF, values={"id": signature_id}
        )
        Signature.objects.filter(pk=signature_id).delete()
    tombstones.leave(
        Tombstone.Why.ERASED, kind=KIND, subjects=[bytes(signature.mailbox_key)], scope=signature.statement_id,
        which=str(signature.mailbox_position),
    )  # fmt: skip


@transaction.atomic
def renew_link(*, signature_id: int, link_number: int) -> None:
    """Let no link to the signer's own page work any more but one that is mailed to them now. Raises NotThere.

    Only for who came by the newest one, `link_number`: pressing twice sends one mail.
    """
    if not own_links.renew(Signature, signature_id, link_number, mail="signature_own_link", key="signature"):
        raise NotThere(state_of(signature_id))


@transaction.atomic
def hold(*, signature_id: int, reason: str, by: Staff = None, seen: str = "") -> counting.Moved:
    """Stop counting a signature until a moderator has looked; nothing is refused or deleted on suspicion."""
    return _decide(signature_id, Makes.HOLD, reason, by, seen)


@transaction.atomic
def release(*, signature_id: int, by: Staff = None, seen: str = "") -> counting.Moved:
    """Count a signature that was held, and tell its signer.

    `seen` names the submission that was looked at, here as in all that staff decide: what was agreed to since is left
    for a look of its own (NewerWords).
    """
    moved = _decide(signature_id, Makes.RELEASE, "", by, seen)
    if moved.state == State.CONFIRMED:
        _tell(signature_id, "signature_released", after=TIME_TO_UNDO)
    return moved


@transaction.atomic
def remove(*, signature_id: int, reason: str, by: Staff = None, seen: str = "") -> counting.Moved:
    """Take a signature out of the count as a duplicate or a fake; it stays, with the reason, and can be restored."""
    return _decide(signature_id, Makes.REMOVE, reason, by, seen)


@transaction.atomic
def restore(*, signature_id: int, by: Staff = None, seen: str = "") -> counting.Moved:
    """Undo `remove`: back to its state without it, which may be held."""
    return _decide(signature_id, Makes.RESTORE, "", by, seen)


_FROM: dict[str, str] = {
    Makes.HOLD: "sig.state = 'confirmed'",
    Makes.RELEASE: "sig.state = 'held'",
    Makes.REMOVE: "sig.state IN ('confirmed', 'held')",
    Makes.RESTORE: "sig.state = 'removed' AND sig.anonymised_at IS NULL",
}


def _decide(signature_id: int, makes: str, reason: str, by: Staff, seen: str) -> counting.Moved:
    signature = _locked(signature_id)
    if seen not in {"", str(signature.submission_id)}:
        raise NewerWords(signature.state)
    decisions.make(
        makes, kind=KIND, scope=signature.statement_id, subject=bytes(signature.mailbox_key),
        position=signature.mailbox_position, reason=reason, by=by, submission=signature.submission_id,
    )  # fmt: skip
    return alter(signature_id, _FROM[makes], AS_DECIDED)


def _locked(signature_id: int) -> Signature:
    """The signature as it is now, with its mailbox locked against other decisions and agreements. Raises NotThere."""
    key = Signature.objects.filter(pk=signature_id).values_list("mailbox_key", flat=True).first()
    if key is not None:
        decisions.lock(bytes(key))
    signature = Signature.objects.filter(pk=signature_id).first()
    if signature is None:
        raise NotThere("unknown")
    return signature


def _bar(makes: str, column: str) -> str:
    """SQL: `column` of the newest live bar of that kind against `sig`."""
    return f"""(SELECT bar.{column} FROM submissions_decision bar
        WHERE bar.subject IN (sig.mailbox_key, sig.domain_key) AND bar.makes = '{makes}' AND bar.lifted_at IS NULL
            AND bar.kind = '{KIND}' AND coalesce(bar.scope, sig.statement_id) = sig.statement_id
            AND coalesce(bar.position, sig.mailbox_position) = sig.mailbox_position
        ORDER BY bar.id DESC LIMIT 1)"""


# The state of a signature by the decisions about it alone.
AS_DECIDED = f"""state = CASE WHEN {_bar("remove", "id")} IS NOT NULL THEN 'removed'
        WHEN {_bar("hold", "id")} IS NOT NULL THEN 'held' ELSE 'confirmed' END,
    held_reason = CASE WHEN {_bar("hold", "id")} IS NULL THEN '' ELSE
        coalesce(nullif({_bar("hold", "reason")}, ''), 'Forgotten') END,
    removed_reason = coalesce({_bar("remove", "reason")}, ''),
    removed_at = CASE WHEN {_bar("remove", "id")} IS NULL THEN NULL ELSE coalesce(sig.removed_at, statement_timestamp())
        END"""


@transaction.atomic
def undo(*, decision: Decision, by: Staff = None) -> list[counting.Moved]:
    """Undo one decision about a mailbox; its signatures get the state that the remaining decisions give."""
    decisions.lock(bytes(decision.subject))
    decisions.undo(decision, by=by)
    return counting.move(
        where="""(sig.mailbox_key = %(subject)s OR sig.domain_key = %(subject)s)
            AND (%(scope)s::bigint IS NULL OR sig.statement_id = %(scope)s)
            AND (%(position)s::smallint IS NULL OR sig.mailbox_position = %(position)s)
            AND sig.state IN ('confirmed', 'held', 'removed')""",
        change=AS_DECIDED,
        values={"subject": bytes(decision.subject), "scope": decision.scope, "position": decision.position},
    )


def state_of(signature_id: int) -> str:
    """The state of a signature now, or `unknown`."""
    return Signature.objects.filter(pk=signature_id).values_list("state", flat=True).first() or "unknown"


def already(submission: SignatureSubmission) -> list[Signature]:
    """Signatures of this mailbox, in any spelling, under the same statement, by position."""
    mine = Signature.objects.filter(mailbox_key=submission.mailbox_key, statement=submission.statement_id)
    return list(mine.order_by("mailbox_position"))


def _tell(signature_id: int, kind: str, after: timedelta) -> None:
    email = Signature.objects.values_list("email", flat=True).get(pk=signature_id)
    outbox.queue(kind=kind, recipient=email, context={"signature": signature_id}, due_at=timezone.now() + after)


def alter(signature_id: int, where: str, change: str, **values: Any) -> counting.Moved:
    """Change one signature (SQL over `sig`), and the numbers with it. Raises NotThere."""
    moved = counting.move(where=f"sig.id = %(id)s AND {where}", change=change, values={"id": signature_id, **values})
    if not moved:
        raise NotThere(state_of(signature_id))
    return moved[0]
