"""Names on paper, typed in from sheets. They are counted apart: paper proves no mailbox."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.db.models.functions import Now

from core import audit
from core.audit import Staff
from core.text import tidying
from petitions.signatures import optional
from petitions.signatures.models import Sheet, SheetLine
from petitions.statements import availability
from petitions.statements.models import ClockTimestamp, Statement

BATCH = 100


class SheetTyped(Exception):
    """This sheet of the statement has been typed in already."""


class NothingTyped(Exception):
    """A sheet without a name is not kept."""


def type_in(*, statement: Statement, number: int, lines: Iterable[tuple[str, str]], by: Staff = None) -> Sheet:
    """Keep a sheet with its lines (name, postcode); those without a name are left out.

    Raises SheetTyped, so that two who type the same pile count nobody twice; NothingTyped.
    """
    tidied = [(tidying.name(name), optional.postcode(tidying.line(typed))) for name, typed in lines]
    named = [line for line in tidied if line[0]]
    if not named:
        raise NothingTyped
    try:
        with transaction.atomic():
            sheet = Sheet.objects.create(statement=statement, number=number, typed_by=by)
            SheetLine.objects.bulk_create([SheetLine(sheet=sheet, name=name, postcode=code) for name, code in named])
            _count(statement, len(named))
            audit.record(by=by, on=statement, what=f"Typed in sheet {number} with {len(named)} names")
    except IntegrityError as error:
        if "sheet_typed_once" not in str(error):
            raise
        raise SheetTyped from error
    return sheet


@transaction.atomic
def tear_up(*, sheet: Sheet, by: Staff = None) -> None:
    """Take a sheet back, with all its names."""
    names = sheet.lines.count()
    sheet.delete()
    _count(sheet.statement, -names)
    audit.record(by=by, on=sheet.statement, what=f"Took sheet {sheet.number} back with {names} names")


def erase_line(*, line: SheetLine) -> None:
    """Forget one name at its owner's wish (GDPR Art. 17); how many there were stays. Harmless to repeat."""
    SheetLine.objects.filter(pk=line.pk).update(name="", postcode="")


def _count(statement: Statement, difference: int) -> None:
    Statement.objects.filter(pk=statement.pk).update(paper=F("paper") + difference, changed_at=ClockTimestamp())


@transaction.atomic
def bring_in(*, statement: Statement, import_id: int, names: Iterable[str]) -> int:
    """Keep names that came with a list and without addresses; they are counted apart from paper. Returns how many."""
    sheet = Sheet.objects.create(statement=statement, number=import_id, import_id=import_id)
    kept = SheetLine.objects.bulk_create((SheetLine(sheet=sheet, name=name) for name in names), batch_size=1000)
    changes = {"names_only": F("names_only") + len(kept), "changed_at": ClockTimestamp()}
    Statement.objects.filter(pk=statement.pk).update(**changes)
    return len(kept)


@transaction.atomic
def take_back(*, import_id: int) -> int:
    """Take the names of an import back; returns how many those were."""
    sheet = Sheet.objects.filter(import_id=import_id).first()
    if sheet is None:
        return 0
    names = sheet.lines.count()
    Statement.objects.filter(pk=sheet.statement_id).update(
        names_only=F("names_only") - names, changed_at=ClockTimestamp()
    )
    sheet.delete()
    return names


def recount(statement: Statement) -> tuple[int, int]:
    """The stored number of names on paper and that of the rows."""
    rows = Sheet.objects.filter(statement=statement, import_id=None).aggregate(names=Count("lines"))["names"]
    return Statement.objects.values_list("paper", flat=True).get(pk=statement.pk), rows


def forget() -> int:
    """The names go when those of the statement's other signers do; how many there were stays."""
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    over = Statement.objects.alias(ended=availability.ENDED).filter(ended__lt=Now() - after)
    due = Sheet.objects.filter(forgotten_at=None, statement__in=over)
    sheets = list(due.values_list("pk", flat=True)[:BATCH])
    SheetLine.objects.filter(sheet__in=sheets).update(name="", postcode="")
    return Sheet.objects.filter(pk__in=sheets).update(forgotten_at=Now())
