"""Chores of the worker: bringing lists in, writing archives, and deleting what is no longer needed."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now, TruncDate

from core import retention
from core.chores import chore
from exchange import keeping, running
from exchange.archive import keeping as archives
from exchange.farewell import writing as farewells
from exchange.models import Archive, ArchivePart, Farewell, FarewellPart, ImportRow, Inquiry, Pack, PackPart
from exchange.packs import writing as packs
from petitions.statements import availability

chore("bring lists in", has_own_transactions=True)(running.work)
chore("ask people on lists")(running.ask)
for name, model, parts, _registers in (
    ("archives", Archive, ArchivePart, archives),
    ("hand-over packs", Pack, PackPart, packs),
    ("farewells", Farewell, FarewellPart, farewells),
):
    chore(f"write {name}", has_own_transactions=True)(partial(keeping.work, model))
    retention.deletes(
        f"forget {name}",
        parts,
        lambda: Q(of__created_at__lt=Now() - timedelta(days=settings.ARCHIVE_DAYS)),
        follows="ARCHIVE_DAYS",
    )

# As long as its people can answer, a list is not finished (inquiring.py).
WAITS = Q(of__asks=True, of__state__in=["asking", "stopped"], of__answer_by__gte=TruncDate(Now()))

retention.empties(
    "forget rows of lists",
    ImportRow,
    lambda: (
        ~Q(cells=[])
        & (
            Q(of__finished_at__lt=Now() - timedelta(days=settings.IMPORT_ROWS_DAYS))
            | Q(~WAITS, of__finished_at=None, of__created_at__lt=Now() - timedelta(days=settings.IMPORT_ROWS_DAYS))
        )
    ),
    follows="IMPORT_ROWS_DAYS",
    cells=[],
    read_as={},
    private={},
    mailbox_key=b"",
    reason="",
)


def _is_over() -> Q:
    from petitions.models import Statement  # noqa: PLC0415 - models are loaded by now

    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    over = Statement.objects.alias(ended=availability.ENDED).filter(ended__lt=Now() - after)
    return Q(of__statement__in=over)


retention.deletes("delete rows of lists", ImportRow, _is_over, follows="ANONYMISE_AFTER_CLOSING_DAYS")
retention.deletes("forget who was asked by mail", Inquiry, _is_over, follows="ANONYMISE_AFTER_CLOSING_DAYS")
