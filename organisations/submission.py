"""What a representative sent, written down with its mail in one statement: a hundred unions may come in one minute."""

from typing import Any

from core.speed import prepared
from mail.models import OutgoingEmail

_TYPED = (
    "name", "kind", "town", "website", "contact_name", "contact_role", "contact_email", "agreed_how", "agreed_on",
    "publish_contact", "message", "via", "flags", "ip_key", "consent_id",
)  # fmt: skip
# One that waits or is listed stays as it is, at the cost of one that changes: the time it takes tells nothing.
_AGAIN = "old.state IN ('unconfirmed', 'declined', 'withdrawn')"
_REPLACED = {column: f"EXCLUDED.{column}" for column in ("version_id", *_TYPED)} | {
    "logo_id": "coalesce(EXCLUDED.logo_id, old.logo_id)", "state": "'unconfirmed'",
    "created_at": "statement_timestamp()", "code_tries": "0", "was": "NULL",
}  # fmt: skip
_SET = ", ".join(f"{column} = CASE WHEN {_AGAIN} THEN {new} ELSE old.{column} END" for column, new in _REPLACED.items())

# Both rows in one round trip. FOR SHARE waits for whoever is closing or listing at this moment and then sees the
# statement as it is left; representatives do not wait for each other.
_ENDORSE = f"""
WITH open_statement AS (
    SELECT st.id, (SELECT v.id FROM petitions_version v WHERE v.statement_id = st.id AND v.published_at IS NOT NULL
        ORDER BY v.number DESC LIMIT 1) AS version_id
    FROM petitions_statement st
    WHERE st.id = %(statement)s AND st.hidden_at IS NULL AND st.published_at <= statement_timestamp()
        AND st.closed_at IS NULL AND (st.closes_at IS NULL OR st.closes_at > statement_timestamp())
        AND st.signed_by <> 'people'
    FOR SHARE OF st
), written AS (
    INSERT INTO organisations_endorsement AS old (statement_id, version_id, email_canonical, name_key, logo_id, state,
        is_initial, position, public_message, public_contact, code_tries, question, decided_reason, {", ".join(_TYPED)})
    SELECT id, version_id, %(email_canonical)s, %(name_key)s, %(logo)s, 'unconfirmed',
        false, 0, '', '', 0, '', '', {", ".join(f"%({column})s" for column in _TYPED)}
    FROM open_statement WHERE version_id IS NOT NULL
    ON CONFLICT (statement_id, email_canonical, name_key) DO UPDATE SET {_SET}
    RETURNING id, statement_id
), mail AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, lane, context)
    SELECT 'endorsement_confirm', %(contact_email)s, %(email_canonical)s, {OutgoingEmail.Lane.CONFIRM.value},
        jsonb_build_object('statement', statement_id, 'endorsement', id, 'ip', %(ip_key)s::text)
    FROM written RETURNING id
)
SELECT written.id, mail.id FROM written, mail
"""


def write(values: dict[str, Any]) -> tuple[int, int] | None:
    """Write what was sent; returns the ids of the endorsement and of its mail, or None when the statement takes none.

    `values` has every name of the statement above. Safe to run twice: the second changes nothing but sends again.
    """
    rows = prepared.run(_ENDORSE, values)
    return rows[0] if rows else None
