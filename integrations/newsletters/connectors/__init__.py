"""How each program is talked to: what is sent, and what its answers mean. A repeat does no harm."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

from integrations.newsletters.models import Newsletter, Program
from integrations.newsletters.people import Person
from mail.outbound.kinds import Request, Unusable

ADD, REMOVE, FORGET = "add", "remove", "forget"


@dataclass(frozen=True)
class Came:
    """What an answer comes to: another `step`, or the end; what they are called there, and whether they were new."""

    step: str = ""
    remote_id: str = ""
    is_ours: bool = False


@dataclass(frozen=True)
class Page:
    """Some of those who left there, by what they are called or by address, and where to read on; None at the end.

    `seen` is remembered for the next time.
    """

    ids: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    next: dict[str, Any] | None = None
    seen: dict[str, Any] = field(default_factory=dict)


class Connector(ABC):
    """One program. `request` makes each step's request, `came` reads a good answer, `refused` a bad one."""

    mapping: ClassVar[dict[str, str]] = {}  # what a new newsletter begins with

    @abstractmethod
    def look(self, to: Newsletter) -> Request:
        """Ask for the list itself."""

    @abstractmethod
    def looked(self, said: Any) -> str:
        """What the list is called there. Raises Unusable."""

    @abstractmethod
    def request(self, to: Newsletter, step: str, person: Person) -> Request:
        """The request of one step."""

    @abstractmethod
    def came(self, step: str, person: Person, said: Any) -> Came:
        """What a good answer means. Raises Unusable."""

    def refused(self, step: str, status: int) -> Came | None:
        """What a bad answer means, where it means something else than that it failed."""
        return None

    @abstractmethod
    def left(self, to: Newsletter, at: dict[str, Any]) -> Request:
        """Ask who left; `at` is what `Page.next` said, or what was `seen` at the end of the last time."""

    @abstractmethod
    def who_left(self, at: dict[str, Any], said: Any) -> Page:
        """Read that. Raises Unusable."""


@cache
def of(program: str) -> Connector:
    """The connector of a program."""
    module = import_module(f"{__name__}.{Program(program).value}")
    connector: Connector = module.connector
    return connector


def asking(method: str, url: str, headers: dict[str, str], value: Any = None) -> Request:
    """A request with JSON in it, or with nothing."""
    if value is None:
        return Request(url, method=method, headers={"Accept": "application/json", **headers})
    body = json.dumps(value, ensure_ascii=False).encode()
    return Request(
        url,
        method=method,
        body=body,
        headers={"Accept": "application/json", "Content-Type": "application/json", **headers},
    )


def at(said: Any, *names: str | int) -> Any:
    """What stands there in an answer. Raises Unusable where it has another shape."""
    for name in names:
        try:
            said = said[name]
        except (KeyError, IndexError, TypeError) as error:
            raise Unusable(f"Its answer has no “{name}”.") from error
    return said


def listed(said: Any, *names: str | int) -> list[Any]:
    """The same, where a list should stand. Raises Unusable."""
    found = at(said, *names)
    if not isinstance(found, list):
        raise Unusable(f"Its answer has no list of “{names[-1]}”.")
    return found
