"""What is gone for good, by keyed hashes: so that no import brings it back, and no backup either (SAFETY F11, T30).

Whoever ends a row of somebody leaves a tombstone in the same transaction. An import asks `barred` before it writes; the
owner's own new signature never does. The worker copies tombstones into files that are only ever added to, apart from
the database and its backups (settings.STORAGES["erasures"]): after a restore `manage.py replay_erasures` reads them and
ends again what was ended since. An app says with `replays` how that is done for what it keeps.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import autodiscover_modules

from core.models import Tombstone

BATCH = 10_000
EVERYTHING = ""  # as a kind: all that the mailbox had
Why = Tombstone.Why


@dataclass(frozen=True)
class Stone:
    """One tombstone, as a file holds it; `at` is aware, `subject` the 16 bytes of a mailbox's key."""

    subject: bytes
    kind: str
    scope: int | None
    which: str
    why: str
    at: datetime

    @property
    def line(self) -> str:
        """As one line of JSON."""
        said = {"subject": self.subject.hex(), "kind": self.kind, "scope": self.scope, "which": self.which}
        return json.dumps({**said, "why": self.why, "at": self.at.isoformat()})

    @classmethod
    def read(cls, line: str) -> "Stone":
        """From a line. Raises ValueError for what is none."""
        try:
            said = json.loads(line)
            subject, at = bytes.fromhex(said["subject"]), datetime.fromisoformat(said["at"])
            return cls(subject, said["kind"], said["scope"], said["which"], said["why"], at)
        except (KeyError, TypeError) as error:
            raise ValueError(f"This is no tombstone: {line[:80]}") from error


def leave(
    why: str, *, kind: str, subjects: Iterable[bytes], scope: int | None = None, which: str = ""
) -> None:  # fmt: skip
    """Write down, in the caller's transaction, that something of these mailboxes is gone."""
    Tombstone.objects.bulk_create(
        Tombstone(subject=subject, kind=kind, scope=scope, which=which, why=why) for subject in subjects
    )


def barred(*, kind: str, subjects: Iterable[bytes], scope: int | None, which: str = "") -> set[bytes]:
    """Those of the mailboxes that nobody may bring back there, nor invite, but they themselves."""
    about = Q(kind=EVERYTHING) | Q(kind=kind, which__in={which, ""})
    found = Tombstone.objects.filter(about, Q(scope=None) | Q(scope=scope), subject__in=list(subjects))
    return {bytes(subject) for subject in found.values_list("subject", flat=True).distinct()}


@transaction.atomic
def copy() -> int:
    """Write what is new into a file of its own; returns how many that was.

    Should the machine fail between the two, the same lines stand in two files, which replaying does not mind.
    """
    new = Tombstone.objects.filter(copied_at=None).select_for_update(skip_locked=True).order_by("id")[:BATCH]
    rows = list(new)
    if rows:
        lines = "".join(f"{_stone(row).line}\n" for row in rows)
        storages["erasures"].save(f"{rows[0].pk:012}-{rows[-1].pk:012}.jsonl", ContentFile(lines.encode()))
        Tombstone.objects.filter(pk__in=[row.pk for row in rows]).update(copied_at=Now())
    return len(rows)


def _stone(row: Tombstone) -> Stone:
    return Stone(bytes(row.subject), row.kind, row.scope, row.which, row.why, row.at)


def kept() -> Iterator[Stone]:
    """All that the files hold, file by file. Raises ValueError for a line that is none."""
    storage: Storage = storages["erasures"]
    try:
        names = sorted(storage.listdir("")[1])
    except FileNotFoundError:  # nothing was ever copied
        return
    for name in names:
        if name.endswith(".jsonl"):
            with storage.open(name) as file:
                yield from (Stone.read(line.decode()) for line in file if line.strip())


Replayer = Callable[[Stone], int]
_replayers: dict[str, Replayer] = {}


def replays(kind: str) -> Callable[[Replayer], Replayer]:
    """Register the function that ends what a tombstone of `kind` ended, and nothing that came after it.

    It returns how many rows that was and must be harmless to repeat. Apps register theirs in `erasures.py`.
    """

    def register(function: Replayer) -> Replayer:
        _replayers[kind] = function
        return function

    return register


def replay(stones: Iterable[Stone]) -> Counter[str]:
    """End again what these say, the oldest first, and keep each that the database has not; how many rows of what.

    Each is a transaction of its own, so that one that fails stops there and can be repeated. Raises KeyError for a kind
    that nobody replays.
    """
    _load()
    done: Counter[str] = Counter()
    for stone in sorted(set(stones), key=lambda stone: stone.at):
        with transaction.atomic():
            done[stone.kind or "everything"] += _replayers[stone.kind](stone)
            _keep(stone)
    return +done


def _keep(stone: Stone) -> None:
    same = {"subject": stone.subject, "kind": stone.kind, "scope": stone.scope, "which": stone.which, "at": stone.at}
    if not Tombstone.objects.filter(**same, why=stone.why).exists():
        Tombstone.objects.create(**same, why=stone.why, copied_at=Now())


@cache
def _load() -> None:
    autodiscover_modules("erasures")
