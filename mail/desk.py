"""What waits for staff: mail that failed, and requests to other hosts."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from core import desk, roles
from mail.models import OutgoingEmail, OutgoingRequest
from mail.trouble import TRIES

roles.grant(roles.AUDITOR, "mail", "view_outgoingrequest view_allowedhost")


@desk.tile(
    "Mail that failed",
    address="mail_outgoingemail",
    permission="mail.view_outgoingemail",
    since="finished_at",
    green=timedelta(hours=1),
    amber=desk.DAY,
    is_machinery=True,
)
def failed_mail() -> QuerySet:
    """Mail that was given up and that nobody has tried again."""
    return OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED)


@desk.tile(
    "Requests to other hosts that fail",
    address="mail_outgoingrequest",
    permission="mail.view_outgoingrequest",
    since="created_at",
    green=timedelta(0),
    amber=timedelta(0),
    is_machinery=True,
)
def failing_requests() -> QuerySet:
    """Requests that were given up, and those that were tried in vain for a few minutes; red at once."""
    failing = Q(state=OutgoingRequest.State.QUEUED, attempts__gte=TRIES, claimed_until=None)
    return OutgoingRequest.objects.filter(Q(state=OutgoingRequest.State.FAILED) | failing)
