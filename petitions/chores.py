"""What happens to signatures by the clock alone: one reminder, then forgetting. All times are the database's."""

from datetime import timedelta

from django.conf import settings
from django.db import connection

from core.chores import chore
from mail.models import OutgoingEmail
from petitions.news import updates
from petitions.signatures import counting, retention
from petitions.signatures.models import Signature
from petitions.statements.models import Statement

BATCH = 500
REMIND_AFTER = timedelta(hours=24)

# Only who was sent the first mail is reminded of it: a limit that spared a mailbox goes on sparing it.
_REMIND = """
WITH due AS (
    SELECT sig.id FROM petitions_signature sig JOIN petitions_statement st ON st.id = sig.statement_id
    WHERE sig.state = 'pending' AND sig.reminded_at IS NULL AND st.id = ANY(%(statements)s)
        AND sig.created_at <= statement_timestamp() - %(after)s AND sig.created_at > statement_timestamp() - %(kept)s
        AND EXISTS (
            SELECT 1 FROM mail_outgoingemail mail
            WHERE mail.recipient_key = sig.email_canonical AND mail.kind = 'signature_confirm' AND mail.state = 'sent'
                AND mail.context->>'statement' = sig.statement_id::text
        )
    ORDER BY sig.created_at LIMIT %(batch)s FOR UPDATE OF sig SKIP LOCKED
), marked AS (
    UPDATE petitions_signature sig SET reminded_at = statement_timestamp() FROM due WHERE sig.id = due.id
    RETURNING sig.id, sig.statement_id, sig.email, sig.email_canonical
)
INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, lane, context)
SELECT 'signature_reminder', email, email_canonical, %(lane)s,
    jsonb_build_object('signature', id, 'statement', statement_id) FROM marked
"""


@chore("remind signers")
def remind() -> int:
    """One reminder a day after signing, while the statement is open; then silence."""
    values = {
        "statements": list(Statement.objects.open().values_list("pk", flat=True)),
        "after": REMIND_AFTER,
        "kept": timedelta(days=settings.SENT_MAIL_DAYS),
        "lane": OutgoingEmail.Lane.NOTICE.value,
    }
    return _execute(_REMIND, values)


@chore("delete unconfirmed signatures")
def delete_unconfirmed() -> int:
    """Whoever did not confirm within UNCONFIRMED_DAYS is forgotten."""
    due = Signature.objects.expired().filter(withdrawn_at=None).select_for_update(skip_locked=True)
    return Signature.objects.filter(pk__in=list(due.values_list("pk", flat=True)[:BATCH])).delete()[0]


@chore("leave withdrawn signatures withdrawn")
def leave_withdrawn() -> int:
    """Whoever had withdrawn, signed again and did not confirm has withdrawn (docs/decisions/0002)."""
    due = Signature.objects.expired().filter(withdrawn_at__isnull=False)
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    where = "sig.id = ANY(%(ids)s) AND sig.state = 'pending'"
    return len(counting.move(where=where, change="state = 'withdrawn'", values={"ids": ids}, many=True))


_FORGET_NETWORKS = """
UPDATE petitions_signature SET ip_key = '' WHERE id = ANY(ARRAY(
    SELECT id FROM petitions_signature WHERE ip_key <> '' AND created_at < statement_timestamp() - %(kept)s
    LIMIT %(batch)s FOR UPDATE SKIP LOCKED
))
"""


@chore("forget networks")
def forget_networks() -> int:
    """The keyed hash of the network goes after IP_KEY_DAYS, with the key that made it (core/chores.py)."""
    return _execute(_FORGET_NETWORKS, {"kept": timedelta(days=settings.IP_KEY_DAYS)})


@chore("anonymise signatures")
def anonymise() -> int:
    """Long after closing the count stays and the people go (petitions/signatures/retention.py)."""
    return retention.anonymise()


@chore("queue update mail")
def queue_updates() -> int:
    """News on its way to those who asked for it, a batch at a time (petitions/news/updates.py)."""
    return updates.queue_batch()


def _execute(sql: str, values: dict[str, object]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"batch": BATCH, **values})
        return cursor.rowcount
