"""Switching something off in an emergency, with one sentence for visitors; and on again.

Whoever obeys a switch asks for its row in SQL it runs anyway (`OFF`), so one that is on costs next to nothing. Kept
pages are dropped by what apps register with `on_change`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from core import audit
from core.audit import Staff
from core.models import Switch
from core.speed.prepared import PreparedTuples


@dataclass(frozen=True)
class Kind:
    """Something that can be switched off: its name, what the button says, and what visitors read unless told else."""

    name: str
    label: str | Promise
    sentence: str | Promise


# Every app adds its own in its `switches.py`, which its AppConfig imports.
KINDS: list[Kind] = []

_hooks: list[Callable[[], None]] = []


def is_off(name: str) -> str:
    """A condition in SQL: whether the switch of that name (ours, never typed) is off."""
    return f"EXISTS (SELECT 1 FROM core_switch WHERE name = '{name}')"


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


@transaction.atomic
def turn_off(*, name: str, sentence: str = "", by: Staff = None) -> Switch:
    """Switch something off; again, with another sentence, changes the sentence. Raises KeyError for no such switch."""
    kind = {kind.name: kind for kind in KINDS}[name]
    switch, _ = Switch.objects.update_or_create(
        name=name, defaults={"sentence": sentence.strip() or str(kind.sentence)}
    )
    audit.record(by=by, on=switch, what=f"Switched off: {kind.label}", why=switch.sentence, label=str(kind.label))
    _drop_pages()
    return switch


@transaction.atomic
def turn_on(*, name: str, by: Staff = None) -> None:
    """Switch it on again; harmless when it is."""
    for switch in Switch.objects.filter(name=name):
        audit.record(by=by, on=switch, what="Switched on again", label=name)
        switch.delete()
        _drop_pages()


def _drop_pages() -> None:
    autodiscover_modules("desk")  # has the apps register theirs
    for hook in _hooks:
        hook()
