"""Agreeing to a submission that asks for a signature: one statement, in which nothing can be half done."""

from datetime import timedelta

from django.conf import settings

from core.speed import prepared
from mail.models import OutgoingEmail
from petitions.signatures import optional
from petitions.signatures.signing import KIND
from petitions.statements import availability, counting
from petitions.statements.models import Tally
from submissions.status import EXPIRES, times

_ALWAYS = ("name", "show_name", "email_updates", "consent_id", "language", "via", "ip_key", "asked_by_id", "news_of")
# A renewal replaces only what this form asked.
_IF_ASKED = {field.name: field.asked_if for field in optional.FIELDS}
_SWITCHES = ", ".join(f"st.{switch}" for switch in optional.SWITCHES)
_UNANSWERED = ", ".join(f"{field.name} = {field.empty_sql}" for field in optional.FIELDS)
_COPIED = ("statement_id", "version_id", "email", "address_key", "mailbox_key", "domain_key",
           "channel", "created_at", *_ALWAYS, *_IF_ASKED)  # fmt: skip
_INTO = ", ".join(_COPIED)
# Whose news besides, of those who still publish it: who has left since gets nobody new.
_NEWS = "(SELECT coalesce(array_agg(one), '{}') FROM unnest(asked.news_of) one WHERE one = ANY(asked.joint_with))"
# Whoever has left for good meanwhile, with all of theirs (exchange/leaving/erasing.py), has no row to point to.
_ASKED_BY = "(SELECT known.id FROM publishers_publisher known WHERE known.id = asked.asked_by_id)"
_FROM = ", ".join({"news_of": _NEWS, "asked_by_id": _ASKED_BY}.get(name, name) for name in _COPIED)
# Who has left keeps what was given to it, which no form can ask about any more, unless all of it was taken back.
_NEWS_RENEWED = """news_of = EXCLUDED.news_of || CASE WHEN sig.state IN ('withdrawn', 'anonymised') THEN '{}' ELSE
        ARRAY(SELECT one FROM unnest(sig.news_of) one, asked WHERE one <> ALL(asked.joint_with)) END"""
_RENEWED = ", ".join(
    [f"{name} = EXCLUDED.{name}" for name in ("version_id", "submission_id", *_ALWAYS) if name != "news_of"]
    + [_NEWS_RENEWED]
    + ["import_id = NULL", "channel = CASE WHEN sig.import_id IS NULL THEN sig.channel ELSE EXCLUDED.channel END"]
    + [
        f"{name} = CASE WHEN (SELECT {asks} FROM asked) THEN EXCLUDED.{name} ELSE sig.{name} END"
        for name, asks in _IF_ASKED.items()
    ]
)
# Held or removed stays so: only staff lift that. What else comes back, comes back as what the new row would be.
_JUDGED = ", ".join(
    f"{name} = CASE WHEN sig.state IN ('held', 'removed') THEN sig.{name} ELSE EXCLUDED.{name} END"
    for name in ("state", "held_reason", "removed_reason", "removed_at")
)

# A crowd is judged of the submission itself, by distinct mailboxes that agreed: what a stranger only typed holds no
# neighbour. It looks at what was asked for shortly before and shortly after, so that agreeing backwards is no way round
# it, and stops at the limit. People at mail domains that are known here are no crowd: a university is one network. A
# meeting that is on, and whose code came with the form, adds those it expects.
_CROWD = """(SELECT count(DISTINCT near.mailbox_key) FROM (
        SELECT other.mailbox_key FROM petitions_signature other
        WHERE other.ip_key = s.ip_key AND other.ip_key <> '' AND other.mailbox_key <> s.mailbox_key
            AND other.created_at > s.created_at - %(within)s AND other.created_at < s.created_at + %(within)s
            AND NOT EXISTS (SELECT 1 FROM submissions_knowndomain known WHERE known.domain_key = other.domain_key)
        LIMIT 2000
    ) near) >= %(most)s + CASE WHEN s.via LIKE 'm-%%' THEN coalesce((SELECT max(meeting.expected)
        FROM petitions_meeting meeting WHERE meeting.code = s.via AND meeting.statement_id = s.statement_id
            AND s.created_at BETWEEN meeting.starts_at AND meeting.ends_at), 0) ELSE 0 END"""

# A hold is about a mailbox: while it lasts, the mailbox gets no second place that nobody has looked at.
_SHARED = f"""EXISTS (SELECT 1 FROM submissions_decision bar WHERE bar.subject = s.mailbox_key AND bar.makes = 'hold'
        AND bar.lifted_at IS NULL AND bar.kind = '{KIND}' AND coalesce(bar.scope, s.statement_id) = s.statement_id
        AND bar.position <> %(position)s::smallint)
    AND NOT EXISTS (SELECT 1 FROM petitions_signature own WHERE own.mailbox_key = s.mailbox_key
        AND own.statement_id = s.statement_id AND own.mailbox_position = %(position)s::smallint
        AND own.state NOT IN ('withdrawn', 'anonymised'))"""

# What the row added to the numbers before this, taken away.
_BEFORE = counting.values_of("prior_state", "prior_shown", "prior_import_id", sign="-")

# What the confirm page offers no button for is refused to a button that was made up, too: another spelling of a mailbox
# that signed, what a newer answer has superseded, what leaves those who signed alone, and a second place for somebody
# who was removed from the first.
_IN_THE_WAY = """(other.import_id IS NULL AND other.address_key <> s.address_key
    OR (other.state <> 'withdrawn'
        AND ((s.unless_signed AND other.import_id IS NULL) OR other.agreed_at >= s.created_at))
    OR (other.state = 'removed' AND other.mailbox_position <> %(position)s::smallint AND NOT EXISTS (
        SELECT 1 FROM petitions_signature own WHERE own.mailbox_key = s.mailbox_key
            AND own.statement_id = s.statement_id AND own.mailbox_position = %(position)s::smallint)))"""

# Everything in one statement: the submission is used up once, the signature inserted or renewed, the tally slots moved
# by the difference (in the order of versions, so that two never wait in a circle), the receipt queued.
_AGREE = f"""
WITH asked AS (
    SELECT s.*, st.joint_with, {_SWITCHES}, concat_ws(' ', nullif(s.signals, ''),
        CASE WHEN {_CROWD} THEN 'crowd' END, CASE WHEN {_SHARED} THEN 'shared' END) AS suspicion
    FROM petitions_signaturesubmission s JOIN petitions_statement st ON st.id = s.statement_id
    WHERE s.id = %(id)s AND s.agreed_at IS NULL AND s.ended_at IS NULL AND {EXPIRES} > statement_timestamp()
        AND {availability.PUBLIC_SQL} AND {availability.in_grace_sql("s.mailed_at")}
        AND (%(position)s::smallint = 1 OR EXISTS (SELECT 1 FROM petitions_signature first
            WHERE first.mailbox_key = s.mailbox_key AND first.statement_id = s.statement_id))
        AND NOT EXISTS (SELECT 1 FROM petitions_signature other WHERE other.mailbox_key = s.mailbox_key
            AND other.statement_id = s.statement_id AND {_IN_THE_WAY})
    FOR UPDATE OF s
), signed AS (
    INSERT INTO petitions_signature AS sig ({_INTO}, submission_id, mailbox_position, state, held_reason,
        confirmed_at, agreed_at)
    SELECT {_FROM}, id, %(position)s::smallint, CASE suspicion WHEN '' THEN 'confirmed' ELSE 'held' END, suspicion,
        statement_timestamp(), statement_timestamp()
    FROM asked
    ON CONFLICT (mailbox_key, statement_id, mailbox_position) DO UPDATE SET
        prior_state = sig.state, prior_shown = sig.show_name, prior_version_id = sig.version_id,
        prior_import_id = sig.import_id, {_RENEWED}, email = EXCLUDED.email,
        address_key = EXCLUDED.address_key, domain_key = EXCLUDED.domain_key, agreed_at = EXCLUDED.agreed_at,
        {_JUDGED},
        confirmed_at = CASE WHEN sig.state = 'withdrawn' THEN EXCLUDED.confirmed_at ELSE sig.confirmed_at END,
        withdrawn_at = NULL, anonymised_at = NULL, asked_to_stay_at = NULL
    WHERE (sig.agreed_at < EXCLUDED.created_at OR sig.state = 'withdrawn')
        AND (sig.address_key = EXCLUDED.address_key OR sig.import_id IS NOT NULL)
        AND NOT (sig.import_id IS NULL AND sig.state IN ('confirmed', 'held', 'removed')
            AND (SELECT unless_signed FROM asked))
    RETURNING sig.id, sig.statement_id, sig.version_id, sig.state, sig.show_name, sig.email, sig.address_key,
        sig.held_reason, sig.mailbox_key, sig.mailbox_position, sig.prior_state, sig.prior_shown, sig.prior_version_id,
        sig.prior_import_id
), used_up AS (
    UPDATE petitions_signaturesubmission s SET agreed_at = statement_timestamp(), result_id = signed.id, email = '',
        name = '', {_UNANSWERED}, show_name = false, email_updates = false, news_of = NULL
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
        SELECT statement_id, version_id, {counting.values_of("state", "show_name", "NULL")} FROM signed
        UNION ALL
        SELECT statement_id, prior_version_id, {_BEFORE}
        FROM signed WHERE prior_version_id IS NOT NULL
    ) moved ({", ".join(("statement_id", "version_id", *counting.COLUMNS))})
    GROUP BY statement_id, version_id HAVING {" OR ".join(f"sum({name}) <> 0" for name in counting.COLUMNS)}
    ORDER BY statement_id, version_id
    ON CONFLICT (statement_id, version_id, slot) DO UPDATE SET {counting.SUMS}
), receipt AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
    SELECT CASE state WHEN 'held' THEN 'signature_held' ELSE 'signature_receipt' END, email, mailbox_key,
        address_key, {OutgoingEmail.Lane.NOTICE.value}, jsonb_build_object('signature', id)
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
