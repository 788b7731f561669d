"""What is forgotten by the clock: one chore over all that is registered here (GDPR Art. 5(1)(e)).

A step forgets one batch and says which columns of which model it empties, or that the rows go:

    @retention.step("anonymise signatures", Signature, empties="name email", follows="ANONYMISE_AFTER_CLOSING_DAYS")
    def anonymise() -> int: ...

    delete_finished_mail = retention.deletes(
        "delete finished mail", OutgoingEmail, lambda: Q(finished_at__lt=…), follows="SENT_MAIL_DAYS"
    )

Apps register theirs in `chores.py`. How long something is kept stands in the settings; a step says which it follows,
and the register (core/register.py) which of them each column follows: `unreached` proves that they agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model, Q
from django.db.models.functions import Now

from core import chores, register, tombstones
from core.models import AddressKey, FormDraft, Looking

Forget = Callable[[], int]
Due = Callable[[], Q]
BATCH = 1000


@dataclass(frozen=True)
class Step:
    """One thing that is forgotten: `run` does a batch and returns how many rows that was, 0 when nothing is due."""

    name: str
    model: type[Model]
    empties: frozenset[str]  # none: its rows go
    follows: frozenset[str]
    run: Forget
    every: timedelta

    def reaches(self, column: str, setting: str) -> bool:
        """Whether the column is emptied, or goes with its row, when that setting says so."""
        return setting in self.follows and (not self.empties or column in self.empties)


_steps: list[Step] = []


def step(
    name: str, model: type[Model], *, empties: str = "", follows: str = "", every: timedelta = timedelta(0)
) -> Callable[[Forget], Forget]:
    """Register a function that forgets one batch. `empties` are columns, with blanks between; none: its rows go.
    `follows` are the settings that say when; `every` is how long a process need not look again (core/chores.py).

    For what must also be counted, or is decided by more than one row; else `deletes` and `empties` are shorter. The
    function is called in a transaction of its own, and must be harmless to repeat and cheap when nothing is due. A
    function may be registered for several models. Raises ValueError for a name that is taken for this model.
    """

    def add(function: Forget) -> Forget:
        if any((known.name, known.model) == (name, model) for known in _steps):
            raise ValueError(f"There is a step to {name} already.")
        _steps.append(Step(name, model, frozenset(empties.split()), frozenset(follows.split()), function, every))
        return function

    return add


def deletes(name: str, model: type[Model], due: Due, *, follows: str = "", batch: int | None = None) -> Forget:
    """Register that rows which are `due` are deleted; returns the function that deletes one batch."""
    return step(name, model, follows=follows)(lambda: _batch(model, due(), batch, lambda rows: rows.delete()))


def empties(
    name: str, model: type[Model], due: Due, *, follows: str = "", batch: int | None = None, **values: Any
) -> Forget:
    """Register that columns get these `values` in rows which are `due`; returns the function that does one batch.

    `due` must not be true of a row any more once it has been emptied.
    """
    return step(name, model, empties=" ".join(values), follows=follows)(
        lambda: _batch(model, due(), batch, lambda rows: rows.update(**values))
    )


@transaction.atomic
def _batch(model: type[Model], due: Q, size: int | None, forget: Callable[[Any], Any]) -> int:
    """Rows that somebody else has locked are left for the next time: one of them stops no other."""
    rows = model._default_manager.filter(due).order_by().select_for_update(skip_locked=True, of=("self",))
    pks = list(rows.values_list("pk", flat=True)[: size or BATCH])
    if pks:
        forget(model._default_manager.filter(pk__in=pks))
    return len(pks)


def steps() -> list[Step]:
    """All steps of all apps."""
    chores.load()
    return list(_steps)


@chores.chore("forget what is due", has_own_transactions=True)
def forget() -> int:
    """Run every step until nothing is due, or for as long as one minute's round lasts; returns how many rows it was.

    A step that fails is logged and stops no other.
    """
    once = {one.run: one for one in steps()}
    return sum(chores.run(one.name, one.run, one.every) or 0 for one in once.values())


def unreached() -> list[str]:
    """Personal columns that follow a setting, as `app.Model.column: SETTING`, which no step does."""
    known = steps()
    return [
        f"{model._meta.label}.{column}: {setting}"
        for model, column, entry in register.personal_columns()
        if entry.erase is not register.Erase.KEEP
        for setting in entry.until.settings
        if not any(one.model is model and one.reaches(column, setting) for one in known)
    ]


@step("destroy address keys", AddressKey, follows="IP_KEY_DAYS")
def destroy_address_keys() -> int:
    """The secrets of days longer than IP_KEY_DAYS ago; what was hashed with them can be linked to nobody any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_addresskey WHERE day < (now() AT TIME ZONE 'UTC')::date - %s", [settings.IP_KEY_DAYS]
        )
        return cursor.rowcount


chores.chore("copy tombstones")(tombstones.copy)

# What packages write down about staff; none of them forgets by itself.
deletes("delete sessions that are over", Session, lambda: Q(expire_date__lt=Now()))
for _model in (AccessAttempt, AccessLog, AccessFailureLog):
    deletes(
        f"delete old {_model._meta.verbose_name_plural}",
        _model,
        lambda: Q(attempt_time__lt=Now() - timedelta(days=settings.LOG_IN_TRIES_DAYS)),
        follows="LOG_IN_TRIES_DAYS",
    )
deletes(
    "delete the staff's old log",
    LogEntry,
    lambda: Q(action_time__lt=Now() - timedelta(days=settings.STAFF_LOG_DAYS)),
    follows="STAFF_LOG_DAYS",
)
deletes(
    "delete drafts of forms",
    FormDraft,
    lambda: Q(kept_at__lt=Now() - timedelta(settings.FORM_DRAFT_DAYS)),
    follows="FORM_DRAFT_DAYS",
)
deletes(
    "delete who looked at what",
    Looking,
    lambda: Q(seen_at__lt=Now() - timedelta(settings.LOOKING_DAYS)),
    follows="LOOKING_DAYS",
)
