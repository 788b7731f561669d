"""Who looks after which statement."""

from django.contrib.auth.models import User
from django.db import transaction

from core import audit
from core.audit import Staff
from petitions.statements.models import Statement
from petitions.statements.team import Assignment


@transaction.atomic
def assign(*, statement: Statement, user: User, by: Staff = None) -> Assignment:
    """Let `user` look after the statement; what they may do there, their role says. Harmless to repeat."""
    assignment, is_new = Assignment.objects.get_or_create(statement=statement, user=user)
    if is_new:
        audit.record(by=by, on=statement, what=f"Assigned to {user.get_username()}")
    return assignment


@transaction.atomic
def unassign(*, assignment: Assignment, by: Staff = None) -> None:
    """End a person's assignment to the statement."""
    assignment.delete()
    audit.record(by=by, on=assignment.statement, what=f"No longer assigned to {assignment.user.get_username()}")
