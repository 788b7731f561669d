"""The one mail that belongs to no campaign: a member of staff looks whether mail arrives."""

from django.conf import settings

from core import mail
from core.models import OutgoingEmail


@mail.kind("staff_test")
def staff_test(row: OutgoingEmail) -> mail.Message:
    """Asked for on the set-up page."""
    return mail.Message(name="staff_test", to=row.recipient, context={"statement_url": settings.ORIGIN})
