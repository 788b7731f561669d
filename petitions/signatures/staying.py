"""Whether a name may stay under a statement that does not close: asked once by mail, before it is anonymised."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from mail.models import OutgoingEmail
from petitions.signatures import signing
from petitions.signatures.models import Signature
from petitions.statements import availability

BATCH = 1000
MAIL = "signature_stay"

# Under what has ended another clock runs, which needs no question (retention.py).
_ASK = f"""
WITH asked AS (
    UPDATE petitions_signature sig SET asked_to_stay_at = statement_timestamp() WHERE sig.id = ANY(ARRAY(
        SELECT due.id FROM petitions_signature due JOIN petitions_statement st ON st.id = due.statement_id
        WHERE due.state = 'confirmed' AND due.anonymised_at IS NULL AND due.email <> ''
            AND due.asked_to_stay_at IS NULL AND due.created_at < statement_timestamp() - %(soon)s
            AND coalesce(due.renewed_at, due.agreed_at) < statement_timestamp() - %(soon)s
            AND coalesce({availability.ENDED_SQL} > statement_timestamp(), true)
        LIMIT {BATCH} FOR UPDATE OF due SKIP LOCKED
    )) RETURNING sig.id, sig.email, sig.mailbox_key, sig.address_key
)
INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
SELECT '{MAIL}', email, mailbox_key, address_key, {OutgoingEmail.Lane.BULK.value}, jsonb_build_object('signature', id)
FROM asked
"""


def ask() -> int:
    """Ask those whose names would be anonymised in ASK_TO_STAY_DAYS; returns how many that was, one batch."""
    values: dict[str, Any] = {"soon": timedelta(days=settings.LONGEST_DAYS - settings.ASK_TO_STAY_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)
        return cursor.rowcount


def stay(*, signature_id: int) -> None:
    """Let a signature stay for LONGEST_DAYS from now on, as its owner says. Harmless to repeat. Raises NotThere."""
    mine = Signature.objects.filter(pk=signature_id, state=Signature.State.CONFIRMED).exclude(email="")
    if not mine.update(renewed_at=Now(), asked_to_stay_at=None):
        raise signing.NotThere(signing.state_of(signature_id))
