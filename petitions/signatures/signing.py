"""Signing, agreeing and what else happens to a signature. The only way in: views, admin and seeds call it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.audit import Staff
from core.speed import prepared
from mail import outbox
from mail.models import OutgoingEmail
from petitions.signatures import consent, counting
from petitions.signatures.models import Signature, SignatureSubmission, Tally
from petitions.statements import availability
from petitions.statements.models import Statement
from submissions import asking, decisions
from submissions.asking import Asked
from submissions.models import Decision
from submissions.standing import EXPIRES, times

KIND = "signature"

State = Signature.State
Makes = Decision.Makes

# How long a moderator's mail waits, so that a slip of the finger reaches nobody (undo.py beside this).
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
    """Something a signer can be told in plain words."""


class StatementClosed(SigningError):
    """This statement takes no signatures (any more)."""


class NotThere(SigningError):
    """The signature does not stand where this could be done; `state` says where it stands."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def sign(
    *,
    statement: Statement,
    name: str,
    email: str,
    postcode: str = "",
    affiliation: str = "",
    personal_capacity: bool = False,
    show_name: bool = False,
    email_updates: bool = False,
    unless_signed: bool = False,
    via: str = "",
    channel: str = Signature.Channel.WEB,
    signals: str = "",
    ip_key: str = "",
    seen_version: int = 0,
) -> Asked:
    """Write down that somebody wants to sign, and that a mail must go out; it counts once they agree.

    Whoever signed before, or not, is asked in the same way, and nothing of theirs changes before they agree.
    `seen_version` is the number of the version on the signer's screen; `unless_signed` leaves who has signed already as
    they are. Raises StatementClosed, by the database's clock.
    """
    asked = asking.ask(
        KIND,
        email=email,
        typed={
            "name": name,
            "postcode": postcode,
            "affiliation": affiliation,
            "personal_capacity": personal_capacity,
            "show_name": show_name,
            "email_updates": email_updates,
            "unless_signed": unless_signed,
        },
        statement=statement.pk,
        seen=seen_version,
        consent_id=consent.current(),
        language=statement.language,
        via=via,
        channel=str(channel),
        signals=signals,
        ip_key=ip_key,
    )
    if asked is None:
        raise StatementClosed
    return asked


_ALWAYS = ("name", "show_name", "email_updates", "consent_id", "language", "via", "ip_key")
# A renewal replaces only what this form asked.
_IF_ASKED = {"postcode": "ask_postcode", "affiliation": "ask_affiliation", "personal_capacity": "ask_affiliation"}
_COPIED = ("statement_id", "version_id", "email", "email_canonical", "address_key", "mailbox_key", "domain_key",
           "channel", "created_at", *_ALWAYS, *_IF_ASKED)  # fmt: skip
# Held or removed stays so: only staff lift that. What else comes back, comes back as what the new row would be.
_STAYS = "sig.state IN ('held', 'removed')"

# A crowd is judged of the submission itself, by distinct mailboxes, and stops looking at the limit: a flood costs no
# more than a hall full of people. A meeting that is on, and whose code came with the form, adds those it expects.
_CROWD = """(SELECT count(DISTINCT near.mailbox_key) FROM (
        SELECT other.mailbox_key FROM petitions_signaturesubmission other
        WHERE other.ip_key = s.ip_key AND other.ip_key <> '' AND other.mailbox_key <> s.mailbox_key
            AND other.created_at > s.created_at - %(within)s AND other.created_at <= s.created_at
        LIMIT 2000
    ) near) >= %(most)s + CASE WHEN s.via LIKE 'm-%%' THEN coalesce((SELECT max(meeting.expected)
        FROM petitions_meeting meeting WHERE meeting.code = s.via AND meeting.statement_id = s.statement_id
            AND s.created_at BETWEEN meeting.starts_at AND meeting.ends_at), 0) ELSE 0 END"""

# What the confirm page offers no button for is refused to a button that was made up, too: another spelling of a mailbox
# that signed, what a newer answer has superseded, what leaves those who signed alone, and a second place for somebody
# who was removed from the first.
_IN_THE_WAY = """(other.address_key <> s.address_key
    OR (other.state <> 'withdrawn' AND (s.unless_signed OR other.agreed_at >= s.created_at))
    OR (other.state = 'removed' AND other.mailbox_position <> %(position)s::smallint AND NOT EXISTS (
        SELECT 1 FROM petitions_signature own WHERE own.mailbox_key = s.mailbox_key
            AND own.statement_id = s.statement_id AND own.mailbox_position = %(position)s::smallint)))"""

# Everything in one statement: the submission is used up once, the signature inserted or renewed, the tally slots moved
# by the difference (in the order of versions, so that two never wait in a circle), the receipt queued.
_AGREE = f"""
WITH asked AS (
    SELECT s.*, st.ask_postcode, st.ask_affiliation, concat_ws(' ', nullif(s.signals, ''), CASE WHEN {
    _CROWD
} THEN 'crowd' END) AS suspicion
    FROM petitions_signaturesubmission s JOIN petitions_statement st ON st.id = s.statement_id
    WHERE s.id = %(id)s AND s.agreed_at IS NULL AND s.ended_at IS NULL AND {EXPIRES} > statement_timestamp()
        AND {availability.PUBLIC_SQL} AND {availability.in_grace_sql("s.mailed_at")}
        AND (%(position)s::smallint = 1 OR EXISTS (SELECT 1 FROM petitions_signature first
            WHERE first.mailbox_key = s.mailbox_key AND first.statement_id = s.statement_id))
        AND NOT EXISTS (SELECT 1 FROM petitions_signature other WHERE other.mailbox_key = s.mailbox_key
            AND other.statement_id = s.statement_id AND {_IN_THE_WAY})
    FOR UPDATE OF s
), signed AS (
    INSERT INTO petitions_signature AS sig ({", ".join(_COPIED)}, submission_id, mailbox_position, state, held_reason,
        confirmed_at, agreed_at)
    SELECT {
    ", ".join(_COPIED)
}, id, %(position)s::smallint, CASE suspicion WHEN '' THEN 'confirmed' ELSE 'held' END, suspicion,
        statement_timestamp(), statement_timestamp()
    FROM asked
    ON CONFLICT (mailbox_key, statement_id, mailbox_position) DO UPDATE SET
        prior_state = sig.state, prior_shown = sig.show_name, prior_version_id = sig.version_id,
        {", ".join(f"{name} = EXCLUDED.{name}" for name in ("version_id", "submission_id", *_ALWAYS))},
        {
    ", ".join(
        f"{name} = CASE WHEN (SELECT {asks} FROM asked) THEN EXCLUDED.{name} ELSE sig.{name} END"
        for name, asks in _IF_ASKED.items()
    )
},
        email = EXCLUDED.email, email_canonical = EXCLUDED.email_canonical, agreed_at = EXCLUDED.agreed_at,
        state = CASE WHEN {_STAYS} THEN sig.state ELSE EXCLUDED.state END,
        {
    ", ".join(
        f"{name} = CASE WHEN {_STAYS} THEN sig.{name} ELSE EXCLUDED.{name} END"
        for name in ("held_reason", "removed_reason", "removed_at")
    )
},
        confirmed_at = CASE WHEN sig.state = 'withdrawn' THEN EXCLUDED.confirmed_at ELSE sig.confirmed_at END,
        withdrawn_at = NULL, anonymised_at = NULL
    WHERE (sig.agreed_at < EXCLUDED.created_at OR sig.state = 'withdrawn') AND sig.address_key = EXCLUDED.address_key
        AND NOT (sig.state IN ('confirmed', 'held', 'removed')
            AND (SELECT unless_signed FROM asked))
    RETURNING sig.id, sig.statement_id, sig.version_id, sig.state, sig.show_name, sig.email, sig.email_canonical,
        sig.held_reason, sig.mailbox_key, sig.mailbox_position, sig.prior_state, sig.prior_shown, sig.prior_version_id
), used_up AS (
    UPDATE petitions_signaturesubmission s SET agreed_at = statement_timestamp(), result_id = signed.id, email = '',
        email_canonical = '', name = '', postcode = '', affiliation = '', personal_capacity = false, show_name = false,
        email_updates = false
    FROM signed WHERE s.id = %(id)s
), suspected AS (
    INSERT INTO submissions_decision (makes, kind, scope, subject, position, reason, source, submission)
    SELECT 'hold', '{KIND}', signed.statement_id, signed.mailbox_key, signed.mailbox_position, asked.suspicion, 'form',
        asked.id
    FROM signed, asked WHERE asked.suspicion <> '' AND signed.state = 'held' AND signed.held_reason = asked.suspicion
        AND signed.prior_state IS DISTINCT FROM 'held'
), tallied AS (
    INSERT INTO petitions_tally AS tally (statement_id, version_id, slot, {", ".join(counting.COLUMNS)})
    SELECT statement_id, version_id, pg_backend_pid() %% {Tally.SLOTS},
        {", ".join(f"sum({name})" for name in counting.COLUMNS)}
    FROM (
        SELECT statement_id, version_id, {counting.values_of("state", "show_name")} FROM signed
        UNION ALL
        SELECT statement_id, prior_version_id, {counting.values_of("prior_state", "prior_shown", sign="-")}
        FROM signed WHERE prior_version_id IS NOT NULL
    ) moved ({", ".join(("statement_id", "version_id", *counting.COLUMNS))})
    GROUP BY statement_id, version_id HAVING {" OR ".join(f"sum({name}) <> 0" for name in counting.COLUMNS)}
    ORDER BY statement_id, version_id
    ON CONFLICT (statement_id, version_id, slot) DO UPDATE SET {counting.SUMS}
), receipt AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, lane, context)
    SELECT CASE state WHEN 'held' THEN 'signature_held' ELSE 'signature_receipt' END, email, email_canonical,
        {OutgoingEmail.Lane.NOTICE.value}, jsonb_build_object('signature', id)
    FROM signed WHERE state IN ('confirmed', 'held')
)
SELECT id, statement_id, state FROM signed
"""


def agree(*, submission_id: int, position: int = 1) -> counting.Moved | None:
    """Count a submission whose mailbox agrees to it; one that is held for a look waits for a moderator.

    `position` 2 signs for a second person who shares the mailbox. None when nothing changed: it is used up, ended,
    expired or too late, somebody agreed to a newer one, the mailbox has signed in another spelling, or it has
    signed and this was only asked for beside something else.
    """
    values = {
        **times(),
        "id": submission_id,
        "position": position,
        "within": timedelta(minutes=settings.SIGNATURES_PER_ADDRESS_MINUTES),
        "most": settings.SIGNATURES_PER_ADDRESS,
    }
    rows = prepared.run(_AGREE, values)
    return counting.Moved(*rows[0]) if rows else None


def withdraw(*, signature_id: int) -> counting.Moved:
    """Take a name off at its owner's wish, at any time (GDPR Art. 7(3)). Raises NotThere.

    A hold or a removal stands against the mailbox all the same, so that signing again does not clear it.
    """
    return _change(
        signature_id,
        "sig.state IN ('confirmed', 'held')",
        "state = 'withdrawn', withdrawn_at = statement_timestamp(), email_updates = false, held_reason = ''",
    )


def choose(*, signature_id: int, show_name: bool | None = None, email_updates: bool | None = None) -> counting.Moved:
    """Change the signer's own choices; None leaves one as it is. Raises NotThere for a name that was taken off."""
    return _change(
        signature_id,
        "sig.state IN ('confirmed', 'held')",
        """show_name = coalesce(%(show_name)s::boolean, sig.show_name),
        email_updates = coalesce(%(email_updates)s::boolean, sig.email_updates)""",
        show_name=show_name,
        email_updates=email_updates,
    )


@transaction.atomic
def hold(*, signature_id: int, reason: str, by: Staff = None) -> counting.Moved:
    """Stop counting a signature until a moderator has looked; nothing is refused or deleted on suspicion."""
    return _decide(signature_id, Makes.HOLD, reason, by)


@transaction.atomic
def release(*, signature_id: int, by: Staff = None) -> counting.Moved:
    """Count a signature that was held, and tell its signer."""
    moved = _decide(signature_id, Makes.RELEASE, "", by)
    if moved.state == State.CONFIRMED:
        _tell(signature_id, "signature_released", after=TIME_TO_UNDO)
    return moved


@transaction.atomic
def remove(*, signature_id: int, reason: str, by: Staff = None) -> counting.Moved:
    """Take a signature out of the count as a duplicate or a fake; it stays, with the reason, and can be restored."""
    return _decide(signature_id, Makes.REMOVE, reason, by)


@transaction.atomic
def restore(*, signature_id: int, by: Staff = None) -> counting.Moved:
    """Undo `remove`: back to where it stands without it, which may be held."""
    return _decide(signature_id, Makes.RESTORE, "", by)


_FROM = {
    Makes.HOLD: "sig.state = 'confirmed'",
    Makes.RELEASE: "sig.state = 'held'",
    Makes.REMOVE: "sig.state IN ('confirmed', 'held')",
    Makes.RESTORE: "sig.state = 'removed'",
}


def _decide(signature_id: int, makes: str, reason: str, by: Staff) -> counting.Moved:
    signature = _locked(signature_id)
    decisions.make(
        makes, kind=KIND, scope=signature.statement_id, subject=bytes(signature.mailbox_key),
        position=signature.mailbox_position, reason=reason, by=by, submission=signature.submission_id,
    )  # fmt: skip
    moved = counting.move(where=f"sig.id = %(id)s AND {_FROM[makes]}", change=AS_DECIDED, values={"id": signature_id})
    if not moved:
        raise NotThere(standing(signature_id))
    return moved[0]


def _locked(signature_id: int) -> Signature:
    """The signature, whose mailbox nobody else agrees or decides about now. Raises NotThere."""
    signature = Signature.objects.filter(pk=signature_id).first()
    if signature is None:
        raise NotThere("unknown")
    decisions.lock(bytes(signature.mailbox_key))
    return signature


def _bar(makes: str, column: str) -> str:
    """SQL: `column` of the newest live bar of that kind against `sig`."""
    return f"""(SELECT bar.{column} FROM submissions_decision bar
        WHERE bar.subject IN (sig.mailbox_key, sig.domain_key) AND bar.makes = '{makes}' AND bar.lifted_at IS NULL
            AND bar.kind = '{KIND}' AND coalesce(bar.scope, sig.statement_id) = sig.statement_id
            AND coalesce(bar.position, sig.mailbox_position) = sig.mailbox_position
        ORDER BY bar.id DESC LIMIT 1)"""


# Where a signature stands by what is decided about it, and by nothing else.
AS_DECIDED = f"""state = CASE WHEN {_bar("remove", "id")} IS NOT NULL THEN 'removed'
        WHEN {_bar("hold", "id")} IS NOT NULL THEN 'held' ELSE 'confirmed' END,
    held_reason = coalesce({_bar("hold", "reason")}, ''), removed_reason = coalesce({_bar("remove", "reason")}, ''),
    removed_at = CASE WHEN {_bar("remove", "id")} IS NULL THEN NULL ELSE coalesce(sig.removed_at, statement_timestamp())
        END"""


@transaction.atomic
def undo(*, decision: Decision, by: Staff = None) -> list[counting.Moved]:
    """Take one decision about a mailbox back; its signatures stand as what is left decided about them."""
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


def standing(signature_id: int) -> str:
    """The state of a signature now, or `unknown`."""
    return Signature.objects.filter(pk=signature_id).values_list("state", flat=True).first() or "unknown"


def already(submission: SignatureSubmission) -> list[Signature]:
    """Who has signed the same statement with this mailbox, in whatever spelling, by position."""
    mine = Signature.objects.filter(mailbox_key=submission.mailbox_key, statement=submission.statement_id)
    return list(mine.order_by("mailbox_position"))


def _tell(signature_id: int, kind: str, after: timedelta) -> None:
    email = Signature.objects.values_list("email", flat=True).get(pk=signature_id)
    outbox.queue(kind=kind, recipient=email, context={"signature": signature_id}, due_at=timezone.now() + after)


def _change(signature_id: int, where: str, change: str, **values: Any) -> counting.Moved:
    moved = counting.move(where=f"sig.id = %(id)s AND {where}", change=change, values={"id": signature_id, **values})
    if not moved:
        raise NotThere(standing(signature_id))
    return moved[0]
