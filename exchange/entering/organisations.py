"""Entering organisations that already support a statement."""

from datetime import date

from django.utils import timezone

from exchange import judging
from exchange.entering.people import results, statement_of
from exchange.models import Import, ImportRow
from organisations import deciding, importers
from organisations.models import AgreedHow

Status = ImportRow.Status


def enter(listed: Import) -> None:
    """List those that were found new and are not odd; odd ones stay on the list of rows, for a look."""
    statement = statement_of(listed)
    for row in listed.rows.filter(status=Status.NEW).order_by("line"):
        try:
            row.result_id = importers.bring_in(statement=statement, row=_row(row, listed)).pk
            row.status = Status.IN
        except deciding.AlreadyListed:
            row.status = Status.HERE
        row.save(update_fields=["status", "result_id"])


def _row(row: ImportRow, listed: Import) -> importers.Row:
    read_as = judging.opened(row)
    return importers.Row(
        name=read_as["name"], kind=read_as["kind"], contact_name=read_as["contact_name"],
        contact_role=read_as["contact_role"], contact_email=read_as["email"], agreed_how=AgreedHow.AUTHORISED,
        agreed_on=date.fromisoformat(read_as["agreed_on"]) if read_as["agreed_on"] else listed.date_if_none,
        listed_at=timezone.now(), town=read_as["town"], website=read_as["website"], message=read_as["message"],
        position=row.line,
    )  # fmt: skip


def take_back(listed: Import) -> int:
    """Unlist those that nobody has decided about since; returns how many stay."""
    brought = results(listed)
    kept = importers.take_back(statement=statement_of(listed), endorsements=brought, since=listed.created_at)
    listed.rows.filter(status=Status.IN, result_id__in=kept).update(status=Status.KEPT)
    listed.rows.filter(status=Status.IN).update(status=Status.BACK, result_id=None)
    return len(kept)
