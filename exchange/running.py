"""How a list goes in: checked, brought in, stopped, gone on with, and taken back as a whole.

The worker checks in batches. What passed then comes in together, in one transaction: until it commits nobody is
counted, shown or mailed, and a machine that stops in between has done nothing.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Now, TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Staff
from core.mistakes import MISTAKES
from exchange import agreement, columns, inquiring, judging
from exchange.entering import comments, organisations, people
from exchange.models import Brings, Import, ImportRow

logger = logging.getLogger(__name__)
State, Status = Import.State, ImportRow.Status
SECONDS = 5.0  # of a round of chores that this may take, so that no mail waits longer


class ExchangeError(Exception):
    """Base of the refusals; the text is for the person who tried."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class NotNow(ExchangeError):
    """It is past that, or not there yet."""

    message = _("That is not possible any more. Look at how far it is.")


class NotMatched(ExchangeError):
    """The columns are not matched."""

    message = _("Say which column has the names, and for people which one has the addresses.")


class NoWords(ExchangeError):
    """Nobody has said what these people agreed to."""

    message = _(
        "Say who collected the list, in which words people agreed, and when. Without that nobody may be brought in."
    )


class NotPublished(ExchangeError):
    """The statement has no version they could have signed."""

    message = _("Publish the statement first: signatures and endorsements belong to a published text.")


class TooSoon(ExchangeError):
    """Nobody could answer by that day."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self.message = _("Give people at least %(days)s days to answer: choose a later last day.") % {"days": days}


class SeenBefore(ExchangeError):
    """The same names came in already, and names alone cannot be told apart."""

    message = _(
        "This list is in already. Names without addresses can't be told apart, so it would count everybody twice."
    )


@transaction.atomic
def start_check(*, listed: Import, by: Staff = None) -> None:
    """Let the worker read and judge every row anew. Raises NotNow, NotMatched, NoWords, NotPublished, SeenBefore."""
    _refuse(listed)
    ready = [State.READ, State.CHECKED, State.STOPPED, State.FAILED]
    if listed.brings == Brings.PEOPLE:
        listed.consent = agreement.of(listed)
        listed.save(update_fields=["consent"])
    _move(listed, ready, State.CHECKING, rows_checked=0, goes_on=False, problem="")
    listed.rows.update(status=Status.UNREAD, reason="", read_as={}, private={}, mailbox_key=b"")
    audit.record(by=by, on=listed, what="Had a list checked", label=f"Import {listed.pk}")


def _refuse(listed: Import) -> None:
    if listed.brings == Brings.COMMENTS:
        return
    if not columns.suffices(listed.columns, brings=listed.brings):
        raise NotMatched
    if listed.brings != Brings.ORGANISATIONS and not (listed.words and listed.collected_by and listed.agreed_when):
        raise NoWords
    if listed.statement is None or listed.statement.version is None:
        raise NotPublished
    if listed.brings == Brings.PEOPLE and listed.asks:
        _refuse_hurry(listed)
    same = Import.objects.filter(statement=listed.statement, file_sha256=listed.file_sha256, state=State.DONE)
    if listed.brings == Brings.NAMES and same.exclude(pk=listed.pk).exists():
        raise SeenBefore


def _refuse_hurry(listed: Import) -> None:
    """People who are asked by mail have INQUIRY_DAYS_AT_LEAST from now to answer, whenever the list was checked."""
    days = settings.INQUIRY_DAYS_AT_LEAST
    soonest = TruncDate(Now() + timedelta(days=days))
    if not Import.objects.filter(pk=listed.pk).exclude(answer_by=None).filter(answer_by__gte=soonest).exists():
        raise TooSoon(days)


@transaction.atomic
def start(*, listed: Import, by: Staff = None) -> None:
    """Let the worker bring in what was found new, or ask them first.

    Raises NotNow unless it was checked to the end, TooSoon if nobody could answer in time.
    """
    if listed.asks:
        _refuse_hurry(listed)
        inquiring.note(listed=listed, by=by)
    _move(listed, [State.CHECKED], State.RUNNING, goes_on=True)
    audit.record(
        by=by, on=listed, what="Started to bring a list in", why=listed.collected_by, label=f"Import {listed.pk}"
    )


@transaction.atomic
def stop(*, listed: Import, by: Staff = None) -> None:
    """Stop before the next batch; nothing has come in by then, and nobody else is asked. Raises NotNow."""
    _move(listed, [State.CHECKING, State.RUNNING, State.ASKING], State.STOPPED)
    inquiring.call_back(listed)
    audit.record(by=by, on=listed, what="Stopped an import", label=f"Import {listed.pk}")


@transaction.atomic
def resume(*, listed: Import, by: Staff = None) -> None:
    """Go on where it was stopped. Raises NotNow."""
    fresh = Import.objects.get(pk=listed.pk)
    goes_on = State.ASKING if fresh.inquiries.exists() else State.RUNNING
    _move(listed, [State.STOPPED, State.FAILED], goes_on if fresh.goes_on else State.CHECKING, problem="")
    audit.record(by=by, on=listed, what="Went on with an import", label=f"Import {listed.pk}")


@transaction.atomic
def undo(*, listed: Import, by: Staff = None) -> int:
    """Undo the import; returns how many rows stay because they have been acted on since.

    Those are counted on as they stand, and are the rows with the status `kept`. Raises NotNow.
    """
    asked = [State.ASKING, State.STOPPED] if Import.objects.get(pk=listed.pk).inquiries.exists() else []
    _move(listed, [State.DONE, *asked], State.UNDONE, finished_at=Now())
    inquiring.take_back(listed)
    kept = _TAKE_BACK[Brings(listed.brings)](listed)
    audit.record(by=by, on=listed, what=f"Took an import back; {kept:,} stay", label=f"Import {listed.pk}")
    return kept


def _move(listed: Import, was: list[Import.State], becomes: Import.State, **values: object) -> None:
    if not Import.objects.filter(pk=listed.pk, state__in=was).update(state=becomes, **values):
        raise NotNow
    listed.refresh_from_db()


def work() -> int:
    """One round of the worker: batches of the oldest list for some seconds; returns the number of rows."""
    done, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        rows = _round()
        done += rows
        if not rows:
            break
    return done


def ask() -> int:
    """One round of asking people by mail: what is over is settled, the next are asked; returns the number of rows."""
    for listed in inquiring.over():
        try:
            with transaction.atomic():
                inquiring.settle(listed)
        except (*MISTAKES, DatabaseError) as error:
            _note_failure(listed, error)
    return inquiring.queue_batch()


def to_the_end(listed: Import) -> None:
    """Check and bring in without a worker, for the command. What goes wrong is raised."""
    while listed.is_busy:
        _batch(listed)
        listed.refresh_from_db()


def _round() -> int:
    """One batch of the oldest list with work left. A failure is recorded and does not stop others."""
    listed = Import.objects.filter(state__in=[State.CHECKING, State.RUNNING]).order_by("pk").first()
    if listed is None:
        return 0
    try:
        return _batch(listed)
    except (*MISTAKES, DatabaseError) as error:
        _note_failure(listed, error)
        return 1


def _note_failure(listed: Import, error: Exception) -> None:
    logger.error("import %s failed", listed.pk, exc_info=error)
    Import.objects.filter(pk=listed.pk).update(state=State.FAILED, problem=type(error).__name__)


@transaction.atomic
def _batch(listed: Import) -> int:
    busy = Import.objects.select_for_update(skip_locked=True, no_key=True)
    mine = busy.filter(pk=listed.pk, state__in=[State.CHECKING, State.RUNNING]).first()
    if mine is None:  # another worker has it, or it was stopped
        return 0
    return _check(mine) if mine.state == State.CHECKING else _enter(mine)


def _check(listed: Import) -> int:
    rows = list(listed.rows.filter(status=Status.UNREAD).order_by("line")[: judging.BATCH])
    judging.judge(listed, rows)
    changes: dict[str, object] = {"rows_checked": F("rows_checked") + len(rows)}
    if len(rows) < judging.BATCH:
        changes["state"] = State.CHECKED
    Import.objects.filter(pk=listed.pk).update(**changes)
    return len(rows) or 1


_ENTER: dict[Brings, Callable[[Import], None]] = {
    Brings.PEOPLE: people.enter,
    Brings.NAMES: people.enter_names,
    Brings.ORGANISATIONS: organisations.enter,
    Brings.COMMENTS: comments.enter,
}
_TAKE_BACK: dict[Brings, Callable[[Import], int]] = {
    Brings.PEOPLE: people.take_back,
    Brings.NAMES: people.take_names_back,
    Brings.ORGANISATIONS: organisations.take_back,
    Brings.COMMENTS: comments.take_back,
}


def _enter(listed: Import) -> int:
    if listed.asks and inquiring.prepare(listed):
        Import.objects.filter(pk=listed.pk).update(state=State.ASKING)
        return listed.rows_in_all
    if not listed.asks:
        _ENTER[Brings(listed.brings)](listed)
    Import.objects.filter(pk=listed.pk).update(state=State.DONE, finished_at=Now())
    return listed.rows_in_all or 1
