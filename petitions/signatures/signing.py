"""Signing, confirming and what else happens to a signature. The only way in: views, admin and seeds call it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from core import switches, tokens
from core.addresses import canonical
from core.speed import prepared
from mail import outbox
from mail.models import OutgoingEmail
from petitions.signatures import consent, counting
from petitions.signatures.models import Signature
from petitions.statements.models import Statement

CONFIRM, MANAGE = "sign-confirm", "sign-manage"

# How long a moderator's mail waits, so that a slip of the finger reaches nobody (petitions/signatures/undo.py).
TIME_TO_UNDO = timedelta(seconds=60)


class SigningError(Exception):
    """Something a signer can be told in plain words."""


class StatementClosed(SigningError):
    """This statement takes no signatures (any more)."""


class NotConfirmed(SigningError):
    """The signature could not be confirmed; `state` says where it stands."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Receipt:
    """What the door knows after somebody signed: the submission's mail row, and nothing about who signed before."""

    mail_id: int


_OPEN = """st.hidden_at IS NULL AND st.published_at <= statement_timestamp() AND st.closed_at IS NULL
    AND st.signed_by <> 'organisations' AND (st.closes_at IS NULL OR st.closes_at > statement_timestamp())"""

_TYPED = (
    "name", "email", "postcode", "affiliation", "personal_capacity", "show_name", "email_updates", "consent_text_id",
    "language", "via", "channel", "held_reason", "ip_key",
)  # fmt: skip

# Both rows in one round trip. A new address, a repeated one and a confirmed one cost the same and look the same.
_SIGN = f"""
WITH open_statement AS (
    SELECT st.id, v.id AS version_id FROM petitions_statement st
    JOIN LATERAL (
        SELECT id FROM petitions_version
        WHERE statement_id = st.id AND published_at IS NOT NULL
        ORDER BY number = %(seen)s DESC, number DESC LIMIT 1
    ) v ON true
    WHERE st.id = %(statement)s AND {_OPEN} AND NOT {switches.is_off("signing")}
), signed AS (
    INSERT INTO petitions_signature AS sig (statement_id, version_id, email_canonical, {", ".join(_TYPED)})
    SELECT id, version_id, %(email_canonical)s, {", ".join(f"%({column})s" for column in _TYPED)} FROM open_statement
    ON CONFLICT (statement_id, email_canonical) DO UPDATE SET
        state = 'pending', created_at = statement_timestamp(), version_id = EXCLUDED.version_id,
        {", ".join(f"{column} = EXCLUDED.{column}" for column in _TYPED)}
    WHERE sig.state IN ('pending', 'withdrawn')
), mail AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, lane, context)
    SELECT 'signature_confirm', %(email)s, %(email_canonical)s, {OutgoingEmail.Lane.CONFIRM.value},
        jsonb_build_object('statement', id, 'ip', %(ip_key)s::text)
            || CASE WHEN %(via)s::text LIKE 'm-%%' THEN jsonb_build_object('meeting', %(via)s::text) ELSE '{{}}' END
    FROM open_statement
    RETURNING id
)
SELECT id FROM mail
"""


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
    via: str = "",
    channel: str = Signature.Channel.WEB,
    held_reason: str = "",
    ip_key: str = "",
    seen_version: int = 0,
) -> Receipt:
    """Write down that somebody wants to sign, and that a mail must go out; it counts once they confirm.

    The same person signing again while waiting, or after withdrawing, replaces what was typed and gets the mail again,
    within the caps. An
    address that has signed already changes nothing; its mail says so. The caller cannot tell these apart.
    `seen_version` is the number of the version on the signer's screen. Raises StatementClosed, by the database's clock.
    """
    values = {
        "statement": statement.pk,
        "seen": seen_version,
        "email_canonical": canonical(email),
        "name": name,
        "email": email,
        "postcode": postcode,
        "affiliation": affiliation,
        "personal_capacity": personal_capacity,
        "show_name": show_name,
        "email_updates": email_updates,
        "consent_text_id": consent.current(),
        "language": statement.language,
        "via": via,
        "channel": str(channel),
        "held_reason": held_reason,
        "ip_key": ip_key,
    }
    rows = prepared.run(_SIGN, values)
    if not rows:
        raise StatementClosed
    return Receipt(mail_id=rows[0][0])


_CONFIRMABLE = """sig.id = %(id)s AND sig.state = 'pending' AND sig.created_at > statement_timestamp() - %(valid)s
    AND st.hidden_at IS NULL AND (st.closed_at IS NULL OR st.closed_at > statement_timestamp() - %(grace)s)
    AND (st.closes_at IS NULL OR st.closes_at > statement_timestamp() - %(grace)s)"""

_RECEIPT = f""", receipt AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, lane, context)
    SELECT CASE state WHEN 'confirmed' THEN 'signature_receipt' ELSE 'signature_held' END, email, email_canonical,
        {OutgoingEmail.Lane.NOTICE.value}, jsonb_build_object('signature', id) FROM changed
)"""


def confirm(*, signature_id: int) -> counting.Moved:
    """Count a signature whose mailbox has been proved; one that is held for a look waits for a moderator.

    Raises NotConfirmed with the state it is in instead: `confirmed` or `held` (already done, which is answered before
    anything else), `expired`, `closed`, `removed`, `withdrawn`, `unknown`.
    """
    moved = counting.move(
        where=_CONFIRMABLE,
        change="""state = CASE WHEN held_reason = '' THEN 'confirmed' ELSE 'held' END,
            confirmed_at = statement_timestamp()""",
        also=_RECEIPT,
        values={
            "id": signature_id,
            "valid": timedelta(days=settings.UNCONFIRMED_DAYS),
            "grace": timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS),
        },
    )
    if not moved:
        raise NotConfirmed(standing(signature_id))
    return moved[0]


_STANDING = f"""
SELECT CASE
    WHEN sig.state <> 'pending' THEN sig.state
    WHEN sig.created_at <= statement_timestamp() - %(valid)s THEN 'expired'
    WHEN {_CONFIRMABLE.partition(" AND ")[2]} THEN 'ready'
    ELSE 'closed' END
FROM petitions_signature sig JOIN petitions_statement st ON st.id = sig.statement_id WHERE sig.id = %(id)s
"""


def standing(signature_id: int) -> str:
    """Where a signature stands by the database's clock: a state, or `ready`, `expired`, `closed`, `unknown`."""
    values = {
        "id": signature_id,
        "valid": timedelta(days=settings.UNCONFIRMED_DAYS),
        "grace": timedelta(hours=settings.GRACE_AFTER_CLOSING_HOURS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, values)
        row = cursor.fetchone()
    return row[0] if row else "unknown"


_TRY = """
UPDATE petitions_signature SET code_tries = code_tries + 1
WHERE statement_id = %s AND email_canonical = %s AND state = 'pending' AND code_tries < %s RETURNING id
"""


def confirm_by_code(*, statement: Statement, email: str, typed: str) -> counting.Moved | None:
    """Confirm with the six digits from the mail instead of its link. None when they are wrong.

    Ten tries for one signature, ever; the answer is the same for an address that never signed, so it tells nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [statement.pk, canonical(email), tokens.CODE_TRIES])
        row = cursor.fetchone()
    if row is None or not tokens.is_code(CONFIRM, row[0], typed):
        return None
    try:
        return confirm(signature_id=row[0])
    except NotConfirmed:
        return None


def send_again(*, statement: Statement, email: str, ip_key: str = "", via: str = "") -> Receipt:
    """Queue the confirmation mail once more, as its reader asked; the caps decide whether it goes out."""
    meeting = {"meeting": via} if via.startswith("m-") else {}
    row = outbox.queue(
        kind="signature_confirm",
        recipient=email,
        lane=OutgoingEmail.Lane.CONFIRM,
        context={"statement": statement.pk, "ip": ip_key, "again": True, **meeting},
    )
    return Receipt(mail_id=row.pk)


def renew(*, signature_id: int) -> None:
    """Give a signature whose link has expired another fortnight, and queue a new mail.

    Raises StatementClosed when it is too late for that; does nothing for one that is not waiting.
    """
    with transaction.atomic():
        waiting = Signature.objects.filter(pk=signature_id, state=Signature.State.PENDING)
        signature = waiting.select_for_update(of=["self"]).select_related("statement").first()
        if signature is None:
            return
        if not Statement.objects.open().filter(pk=signature.statement_id).exists():
            raise StatementClosed
        waiting.update(created_at=Now())
        send_again(statement=signature.statement, email=signature.email)


def withdraw(*, signature_id: int) -> counting.Moved:
    """Take a name off at its owner's wish, at any time (GDPR Art. 7(3)). Raises NotConfirmed when it is not there."""
    return _change(
        signature_id,
        "sig.state IN ('pending', 'confirmed', 'held')",
        "state = 'withdrawn', withdrawn_at = statement_timestamp(), email_updates = false",
    )


def choose(*, signature_id: int, show_name: bool | None = None, email_updates: bool | None = None) -> counting.Moved:
    """Change the signer's own choices; None leaves one as it is. Raises NotConfirmed for a name that was taken off."""
    return _change(
        signature_id,
        "sig.state IN ('pending', 'confirmed', 'held')",
        """show_name = coalesce(%(show_name)s::boolean, sig.show_name),
        email_updates = coalesce(%(email_updates)s::boolean, sig.email_updates)""",
        show_name=show_name,
        email_updates=email_updates,
    )


def hold(*, signature_id: int, reason: str) -> counting.Moved:
    """Stop counting a signature until a moderator has looked; nothing is refused or deleted on suspicion."""
    return _change(
        signature_id,
        "sig.state IN ('pending', 'confirmed')",
        "state = CASE sig.state WHEN 'confirmed' THEN 'held' ELSE sig.state END, held_reason = %(reason)s",
        reason=reason,
    )


def release(*, signature_id: int) -> counting.Moved:
    """Count a signature that was held, and tell its signer; one still unconfirmed waits for its owner as usual."""
    with transaction.atomic():
        moved = _change(
            signature_id,
            "sig.held_reason <> '' AND sig.state IN ('pending', 'held')",
            "state = CASE sig.state WHEN 'held' THEN 'confirmed' ELSE sig.state END, held_reason = ''",
        )
        if moved.state == Signature.State.CONFIRMED:
            _tell(signature_id, "signature_released", after=TIME_TO_UNDO)
    return moved


def remove(*, signature_id: int, reason: str) -> counting.Moved:
    """Take a signature out of the count as a duplicate or a fake; it stays, with the reason, and can be restored."""
    return _change(
        signature_id,
        "sig.state IN ('pending', 'confirmed', 'held')",
        "state = 'removed', removed_at = statement_timestamp(), removed_reason = %(reason)s",
        reason=reason,
    )


# Back to where it was before it was removed, by hand or by a rule.
RESTORED = """state = CASE WHEN sig.confirmed_at IS NULL THEN 'pending' WHEN sig.held_reason = '' THEN 'confirmed'
    ELSE 'held' END, removed_at = NULL, removed_reason = '', rule_id = NULL"""


def restore(*, signature_id: int) -> counting.Moved:
    """Undo `remove`: back to where it was before."""
    return _change(
        signature_id,
        "sig.state = 'removed'",
        RESTORED,
    )


def confirmed_since(*, statement: Statement, email: str, since: datetime) -> int | None:
    """The id of this person's signature when it was confirmed after `since`, else None."""
    counted = Signature.objects.filter(state__in=[Signature.State.CONFIRMED, Signature.State.HELD])
    mine = counted.filter(statement=statement, email_canonical=canonical(email), confirmed_at__gt=since)
    return mine.values_list("pk", flat=True).first()


def disown(*, signature_id: int) -> None:
    """Delete a signature its mailbox did not ask for, and never write to that address again.

    One that was confirmed is the owner's to withdraw, so it is left alone.
    """
    with transaction.atomic():
        waiting = Signature.objects.filter(pk=signature_id, state=Signature.State.PENDING)
        email = waiting.select_for_update().values_list("email", flat=True).first()
        if email is not None:
            outbox.suppress(email)
            waiting.delete()


def _tell(signature_id: int, kind: str, after: timedelta) -> None:
    email = Signature.objects.values_list("email", flat=True).get(pk=signature_id)
    outbox.queue(kind=kind, recipient=email, context={"signature": signature_id}, due_at=timezone.now() + after)


def _change(signature_id: int, where: str, change: str, **values: Any) -> counting.Moved:
    moved = counting.move(where=f"sig.id = %(id)s AND {where}", change=change, values={"id": signature_id, **values})
    if not moved:
        raise NotConfirmed(standing(signature_id))
    return moved[0]
