"""Switching something off in an emergency, with one sentence for visitors; and on again.

An extra is the other way round: off as a rule, and switched on by staff, or for a while by the site itself.

Whoever obeys a switch asks for its row in SQL it runs anyway (`OFF`), so one that is on costs next to nothing. Kept
pages are dropped by what apps register with `on_change`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from core import audit
from core.audit import Staff
from core.models import Switch
from core.speed.prepared import PreparedTuples


@dataclass(frozen=True)
class Kind:
    """Something that can be switched off: its name, what the button says, and what visitors read unless told else.

    One that `is_extra` is off unless it was switched on; visitors read nothing of it, and the sentence is for staff.
    """

    name: str
    label: str | Promise
    sentence: str | Promise
    is_extra: bool = False


# Every app adds its own in its `switches.py`, which its AppConfig imports.
KINDS: list[Kind] = []

_hooks: list[Callable[[], None]] = []


def is_off(name: str) -> str:
    """A condition in SQL: whether the switch of that name (ours, never typed) is off."""
    return f"EXISTS (SELECT 1 FROM core_switch WHERE name = '{name}')"


def is_on(name: str) -> str:
    """A condition in SQL: whether the extra of that name (ours, never typed) is on."""
    now = "coalesce(until > statement_timestamp(), true)"
    return f"EXISTS (SELECT 1 FROM core_switch WHERE name = '{name}' AND {now})"


# The same as `off()` in SQL: an object of names and sentences.
OFF = "(SELECT coalesce(json_object_agg(name, sentence), '{}'::json) FROM core_switch)"


def on_change(hook: Callable[[], None]) -> Callable[[], None]:
    """Register what drops kept pages; called in the transaction that turns a switch."""
    _hooks.append(hook)
    return hook


def off() -> dict[str, str]:
    """What is off now, and the sentence that visitors read; one query."""
    return dict(_off())


_off = PreparedTuples(lambda: Switch.objects.values_list("name", "sentence"))


def standing() -> QuerySet[Switch]:
    """Those that do not stand as usual just now."""
    return Switch.objects.filter(Q(until=None) | Q(until__gt=Now()))


@transaction.atomic
def turn_off(*, name: str, sentence: str = "", by: Staff = None) -> None:
    """Switch something off; again, with another sentence, changes the sentence. Raises KeyError for no such switch."""
    kind = _kind(name)
    if kind.is_extra:
        _clear(kind, "Switched off again", by)
    else:
        _set(kind, sentence, "Switched off", by)


@transaction.atomic
def turn_on(*, name: str, by: Staff = None) -> None:
    """Switch it on again; harmless when it is. An extra stays on until it is switched off. Raises KeyError."""
    kind = _kind(name)
    if kind.is_extra:
        _set(kind, "", "Switched on", by)
    else:
        _clear(kind, "Switched on again", by)


def _kind(name: str) -> Kind:
    return {kind.name: kind for kind in KINDS}[name]


def _set(kind: Kind, sentence: str, what: str, by: Staff) -> None:
    said = sentence.strip() or str(kind.sentence)
    switch, _ = Switch.objects.update_or_create(name=kind.name, defaults={"sentence": said, "until": None})
    audit.record(by=by, on=switch, what=f"{what}: {kind.label}", why=switch.sentence, label=str(kind.label))
    _drop_pages(kind)


def _clear(kind: Kind, what: str, by: Staff) -> None:
    for switch in Switch.objects.filter(name=kind.name):
        audit.record(by=by, on=switch, what=what, label=kind.name)
        switch.delete()
        _drop_pages(kind)


_KEEP_ON = """
INSERT INTO core_switch AS switch (name, sentence, until)
VALUES (%(name)s, %(sentence)s, statement_timestamp() + %(span)s)
ON CONFLICT (name) DO UPDATE SET until = EXCLUDED.until,
    off_since = CASE WHEN switch.until < statement_timestamp() THEN statement_timestamp() ELSE switch.off_since END
    WHERE switch.until < EXCLUDED.until - interval '1 minute'
"""


def keep_on(*, name: str, span: timedelta) -> None:
    """Let an extra be on for `span` from now, as the site itself finds; one that staff switched on is left alone."""
    values: dict[str, Any] = {"name": name, "sentence": str(_kind(name).sentence), "span": span}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ON, values)


def _drop_pages(kind: Kind) -> None:
    if kind.is_extra:
        return  # no page says anything of it
    autodiscover_modules("desk")  # has the apps register theirs
    for hook in _hooks:
        hook()
