"""Holding what looks odd, so that a person looks at it. Nothing is refused on suspicion (DESIGN 2.4)."""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet

from core.speed import prepared
from mail.models import OutgoingEmail
from petitions.signatures.models import Signature

CROWD = "Many signatures from one network in a short time"

# The person's own signature is left out: whether there was one already must not tip the scales, for the answer shows.
# It stops counting at the limit, so a flood costs no more than a hall full of people. A meeting that is on, and whose
# code came with the form, adds as many people to the limit as it expects.
_CROWDS = """
SELECT mail.id FROM unnest(%(mails)s::bigint[]) AS wanted (id) JOIN mail_outgoingemail mail USING (id), LATERAL (
    SELECT coalesce(max(meeting.expected), 0) + %(most)s AS most FROM petitions_meeting meeting
    WHERE meeting.code = mail.context->>'meeting' AND meeting.statement_id::text = mail.context->>'statement'
        AND mail.created_at BETWEEN meeting.starts_at AND meeting.ends_at
) limits, LATERAL (
    SELECT count(*) AS number FROM (
        SELECT 1 FROM petitions_signature sig
        WHERE sig.ip_key = mail.context->>'ip' AND sig.ip_key <> ''
            AND sig.created_at > mail.created_at - %(within)s AND sig.created_at <= mail.created_at
            AND (sig.statement_id::text, sig.email_canonical) <> (mail.context->>'statement', mail.recipient_key)
        LIMIT limits.most
    ) other
) others
WHERE others.number >= limits.most
"""


def crowded(rows: list[OutgoingEmail]) -> set[int]:
    """The confirmation mails (by id) before which SIGNATURES_PER_ADDRESS others had signed from the same network."""
    values = {
        "mails": [row.pk for row in rows],
        "within": timedelta(minutes=settings.SIGNATURES_PER_ADDRESS_MINUTES),
        "most": settings.SIGNATURES_PER_ADDRESS,
    }
    return {pk for (pk,) in prepared.run(_CROWDS, values)}


def hold_crowds(rows: list[OutgoingEmail]) -> None:
    """Judge the submissions behind confirmation mails: hold those that come out of a crowd.

    A waiting signature is then held for a look. The mail row says so too, for the waiting page, whether or not the
    submission was somebody's first: what that page says must depend on the network only.
    """
    pks = crowded(rows)
    for row in rows:
        if row.pk in pks:
            row.context["held"] = True
            OutgoingEmail.objects.filter(pk=row.pk).update(context=row.context)
            _waiting(row).filter(held_reason="").update(held_reason=CROWD)


def _waiting(row: OutgoingEmail) -> QuerySet[Signature]:
    return Signature.objects.filter(
        statement_id=row.context["statement"], email_canonical=row.recipient_key, state=Signature.State.PENDING
    )
