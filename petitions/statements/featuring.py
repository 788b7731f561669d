"""Which of a publisher's statements stands first on the home page."""

from django.db import transaction

from core import audit
from core.audit import Staff
from petitions.statements.models import ClockTimestamp, Statement


@transaction.atomic
def feature(*, statement: Statement, on: bool, by: Staff = None) -> None:
    """Put it first, in place of the one that was; or, with `on` false, put none there."""
    own = Statement.objects.filter(publisher=statement.publisher_id)
    was = own.filter(is_featured=True) if on else own.filter(pk=statement.pk)
    was.update(is_featured=False, changed_at=ClockTimestamp())
    if on:
        Statement.objects.filter(pk=statement.pk).update(is_featured=True, changed_at=ClockTimestamp())
    statement.refresh_from_db(fields=["is_featured", "changed_at"])
    audit.record(
        by=by, on=statement, what="Put it first on the home page" if on else "No longer first on the home page"
    )
