"""Holding what looks odd, so that a person looks at it. Nothing is refused on suspicion (DESIGN 2.4)."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from core.models import OutgoingEmail
from petitions.models import Signature

CROWD = "Many signatures from one network in a short time"

# The person's own signature is left out: whether there was one already must not tip the scales, for the answer shows.
# It stops counting at the limit, so a flood costs no more than a hall full of people.
_CROWD = """
SELECT count(*) >= %(most)s FROM (
    SELECT 1 FROM petitions_signature
    WHERE ip_key = %(ip)s AND created_at > %(at)s - %(within)s AND created_at <= %(at)s
        AND (statement_id, email_canonical) <> (%(statement)s, %(person)s) LIMIT %(most)s
) others
"""


def is_crowd(*, ip_key: str, row: OutgoingEmail) -> bool:
    """Whether SIGNATURES_PER_ADDRESS others had signed from the same network shortly before `row` was written."""
    values = {
        "ip": ip_key,
        "statement": row.context["statement"],
        "person": row.recipient_key,
        "at": row.created_at,
        "within": timedelta(minutes=settings.SIGNATURES_PER_ADDRESS_MINUTES),
        "most": settings.SIGNATURES_PER_ADDRESS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CROWD, values)
        return cursor.fetchone()[0]


def hold_crowd(row: OutgoingEmail) -> bool:
    """Judge the submission behind a confirmation mail; True when it came out of a crowd.

    A waiting signature is then held for a look. The mail row says so too, for the waiting page, whether or not the
    submission was somebody's first: what that page says must depend on the network only.
    """
    ip_key = row.context.get("ip", "")
    if not ip_key or not is_crowd(ip_key=ip_key, row=row):
        return False
    row.context["held"] = True
    OutgoingEmail.objects.filter(pk=row.pk).update(context=row.context)
    _waiting(row).filter(held_reason="").update(held_reason=CROWD)
    return True


def _waiting(row: OutgoingEmail) -> QuerySet[Signature]:
    return Signature.objects.filter(
        statement_id=row.context["statement"], email_canonical=row.recipient_key, state=Signature.State.PENDING
    )
