"""What waits for staff: mail that failed."""

from datetime import timedelta

from django.db.models import QuerySet

from core import desk
from mail.models import OutgoingEmail


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
