"""Who did what, when, to what, and why: one record for all staff pages, in which nothing can be changed unseen.

The database numbers the lines as their transaction ends (AuditDraft), chains each to the one before by its hash, and
refuses to change or delete any (core/schema.py). Who owns the database can get round that, so `verify` proves the chain
again from the lines alone, and `manage.py verify_audit` prints the newest hash: noted down elsewhere, it also betrays
lines cut off the end.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model

from core import register
from core.models import AuditDraft
from core.text.fields import PersonField

Staff = User | None


def record(*, by: Staff, on: Model, what: str, why: str = "", label: str = "") -> None:
    """Write down, in the caller's transaction, that `by` did `what` to `on`.

    `what` is a short sentence in the past tense without full stop, `why` the reason that was given. `label` stands for
    the object where its own name is somebody's name, which has no place in a record that outlives the person's data.
    Nothing is written for the machine itself (`by` is None): seeds, importers and timers.
    """
    if by is None:
        return
    why = without_people(why, on)
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(on),
        object_id=str(on.pk),
        object_repr=(label or str(on))[:200],
        action_flag=CHANGE,
        change_message=f"{what}: {why}" if why else f"{what}.",
    )
    enter(by=by, on=on, what=what, why=why, label=label)


def enter(*, by: Staff, on: Model, what: str, why: str = "", label: str = "") -> None:
    """Add one line to the record; `record` does, and so do Django's own forms through core.admin."""
    AuditDraft.objects.create(
        by_id=by.pk if by else None,
        by_name=by.get_username()[:150] if by else "",
        what=what[:600],
        model=on._meta.label_lower,
        object_id=str(on.pk)[:40],
        label=(label or str(on))[:200],
        why=without_people(why, on)[:500],
    )


def answered(*, by: Staff, at: type[Model], what: str, why: str) -> None:
    """Add a line that somebody fulfilled a person's request: `what` in the past tense, `why` they say they may.

    Neither names anybody: not a row but its table is what it is about, and an address in `why` is left out.
    """
    AuditDraft.objects.create(
        by_id=by.pk if by else None,
        by_name=by.get_username()[:150] if by else "",
        what=what[:600],
        model=at._meta.label_lower,
        object_id="",
        label="A person's request",
        why=without_people(why)[:500],
    )


_ADDRESS = re.compile(r"[^\s<>(),;:\"“”]+@[^\s<>(),;:\"“”]+")
LEFT_OUT = "…"


def without_people(text: str, on: Model | None = None) -> str:
    """A reason as the record keeps it for ever: without addresses, and without what `on` is called, whole or in parts.

    The register (core/register.py) knows in which columns a person's name is.
    """
    text = _ADDRESS.sub(LEFT_OUT, text)
    for name in _names(on) if on is not None else ():
        for part in sorted({name, *name.split()}, key=len, reverse=True):
            if len(part) > len("Jo"):
                text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", LEFT_OUT, text)
    return text


def _names(on: Model) -> list[str]:
    columns = register.columns_of(type(on))
    named = [field.name for field in on._meta.concrete_fields if isinstance(field, PersonField)]
    return [getattr(on, name) for name in named if columns.get(name, register.NOT_PERSONAL) != register.NOT_PERSONAL]


LOOKED, SEARCHED = "Looked at", "Searched for"
LOOKS = (LOOKED, SEARCHED)


def look(*, by: Staff, at: type[Model], what: str, object_id: str = "", why: str = "") -> None:
    """Add a line that somebody read about people: `what` is one of LOOKS, `at` the kind of row, `why` how they did.

    It holds neither a name nor what was typed, for the record outlives the person's data (ASVS 16.3.2, SAFETY F17).
    """
    AuditDraft.objects.create(
        by_id=by.pk if by else None,
        by_name=by.get_username()[:150] if by else "",
        what=what,
        model=at._meta.label_lower,
        object_id=object_id[:40],
        label=f"{at._meta.verbose_name} {object_id}".strip().capitalize(),
        why=why,
    )


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many lines, the newest hash, and the number of the first line that is wrong or None."""

    lines: int
    head: str
    broken_at: int | None

    @property
    def holds(self) -> bool:
        """Whether nobody has changed anything."""
        return self.broken_at is None


def verify() -> Verdict:
    """Prove the chain from the lines: each follows the one before, and each hash is of what the line says."""
    head, expected = "", 1
    for pk, said, stored in _lines():
        if pk != expected or stored != _hash(head, said):
            return Verdict(lines=expected - 1, head=head, broken_at=expected)
        head, expected = stored, expected + 1
    return Verdict(lines=expected - 1, head=head, broken_at=None)


def _hash(before: str, said: list[Any]) -> str:
    """As the database writes it: SHA-256 over the hash before and the line as a JSON list."""
    return hashlib.sha256((before + json.dumps(said, ensure_ascii=False)).encode()).hexdigest()


_LINES = """
SELECT id, extract(epoch FROM at)::text, by_id, by_name, what, model, object_id, label, why, hash
FROM core_auditentry WHERE id > %s ORDER BY id LIMIT 5000
"""


def _lines() -> Iterator[tuple[int, list[Any], str]]:
    after = -1
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_LINES, [after])
            rows = cursor.fetchall()
            yield from ((row[0], list(row[:-1]), row[-1]) for row in rows)
            if not rows:
                return
            after = rows[-1][0]
