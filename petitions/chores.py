"""What happens to signatures by the clock alone. All times are the database's."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from core.chores import chore
from petitions.news import updates
from petitions.signatures import retention
from petitions.signatures.models import Signature

BATCH = 500
WITHDRAWN_FOR = timedelta(minutes=10)

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


@chore("delete withdrawn signatures")
def delete_withdrawn() -> int:
    """What was withdrawn is gone after ten minutes, which is how long its owner may think better of it."""
    gone = Signature.objects.filter(state=Signature.State.WITHDRAWN, withdrawn_at__lt=Now() - WITHDRAWN_FOR)
    with transaction.atomic():
        # Locked, so that nobody comes back between the look and the deletion.
        rows = list(gone.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:BATCH])
        Signature.objects.filter(pk__in=rows).delete()
    return len(rows)
