"""A statement's list of organisations, and its stored number. A public page never counts rows."""

from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from organisations.models import Endorsement
from petitions.models import ClockTimestamp, Statement


def lock(statement_id: int) -> Statement:
    """The statement, locked until this transaction ends: others who list or unlist wait, signers do not."""
    return Statement.objects.select_for_update(no_key=True).get(pk=statement_id)


def recount(*, statement: Statement) -> int:
    """Store how many organisations are listed, from the rows, and drop the kept pages. Returns the number.

    The caller holds the statement's lock, or is alone.
    """
    listed = Endorsement.objects.listed().filter(statement=OuterRef("pk")).order_by()
    number = Coalesce(Subquery(listed.values("statement").annotate(n=Count("pk")).values("n")), 0)
    Statement.objects.filter(pk=statement.pk).update(organisations=number, changed_at=ClockTimestamp())
    statement.refresh_from_db(fields=["organisations", "changed_at"])
    return statement.organisations


def unlist(endorsement: Endorsement, *, state: str, was: dict[str, Any] | None = None, **values: Any) -> None:
    """Take one off the list (or out of the queue): what visitors read of it is gone with the state.

    `was` is kept for whoever may undo it; None where nobody may.
    """
    emptied = {"public_message": "", "public_contact": "", "listed_at": None, "changed_at": None}
    change(endorsement, state=state, was=was, **emptied, **values)


def change(endorsement: Endorsement, **values: Any) -> None:
    """Write `values` to the database and to the object in hand."""
    Endorsement.objects.filter(pk=endorsement.pk).update(**values)
    endorsement.refresh_from_db(fields=[*values])
