"""The written world in data/*.toml, and the clock that keeps it fresh: all times are counted from the seeding."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

DATA = Path(__file__).resolve().parent / "data"
T = TypeVar("T")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def read(name: str) -> dict[str, Any]:
    """The content of data/`name`.toml."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def statements() -> list[dict[str, Any]]:
    """Every statement of the world, in the order of the files' names."""
    return [read(f"statements/{path.stem}") for path in sorted((DATA / "statements").glob("*.toml"))]


def dice(*key: object) -> int:
    """A large number that looks random, and is the same for the same `key` on every machine and Python."""
    return int.from_bytes(sha256("\0".join(map(str, key)).encode()).digest()[:8], "big")


def shuffled(values: Iterable[T], *key: object) -> list[T]:
    """`values` in an order that looks random, and is the same for the same `key` on every machine and Python."""
    return [value for _, value in sorted(enumerate(values), key=lambda pair: dice(*key, *pair))]


@dataclass(frozen=True)
class Clock:
    """The moment of the seeding (`now`, with a time zone), which the whole world agrees on."""

    now: datetime

    def ago(self, days: float) -> datetime:
        """The moment `days` before the seeding."""
        return self.now - timedelta(days=days)

    def coming(self, *, weeks: int, weekday: str, at: str, zone: str) -> datetime:
        """The first `weekday` that is at least `weeks` weeks ahead, `at` "HH:MM" by the clocks of `zone`."""
        first = self.now.astimezone(ZoneInfo(zone)).date() + timedelta(weeks=weeks)
        day = first + timedelta(days=(WEEKDAYS.index(weekday) - first.weekday()) % 7)
        return datetime.combine(day, time.fromisoformat(at), ZoneInfo(zone))
