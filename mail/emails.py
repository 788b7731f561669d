"""The one mail that belongs to no campaign: a member of staff looks whether mail arrives."""

from django.conf import settings

from mail import outbox
from mail.models import OutgoingEmail


@outbox.kind("staff_test")
def staff_test(row: OutgoingEmail) -> outbox.Message:
    """Asked for on the set-up page."""
    return outbox.Message(name="staff_test", to=row.recipient, context={"statement_url": settings.ORIGIN})
