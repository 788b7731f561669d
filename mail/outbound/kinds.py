"""Kinds of requests: each app registers, in its `outbound_kinds.py`, how to build one and how to handle the answer."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from django.utils.module_loading import autodiscover_modules

from mail.kinds import Skip, UnknownKind
from mail.outbound.models import OutgoingRequest


@dataclass(frozen=True)
class Request:
    """A request: `url` is https (guard.py has the exception), `body` bytes, at most door.MOST_SENT of them.

    `to_stranger` says that nobody put its host on the list, such as the server of somebody who follows a publisher.
    """

    url: str
    method: str = "POST"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    to_stranger: bool = False


@dataclass(frozen=True)
class Answer:
    """The other host's answer; header names in lower case, and at most door.MOST_READ bytes of body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether the host took it."""
        return 200 <= self.status < 300


class Unusable(Exception):
    """Raised by `answered`: the answer says nothing that can be used, so it is tried again later. The words say why."""


Builder = Callable[[OutgoingRequest], Request | Skip]
Answered = Callable[[OutgoingRequest, Answer], None]
Failed = Callable[[OutgoingRequest], None]


@dataclass(frozen=True)
class Kind:
    """A registered kind."""

    build: Builder
    answered: Answered | None
    failed: Failed | None
    tries: int
    give_up: timedelta
    final: Collection[int] | None


_kinds: dict[str, Kind] = {}
_operators: list[Callable[[], str]] = []

GIVE_UP = timedelta(hours=72)


def kind(
    name: str,
    *,
    answered: Answered | None = None,
    failed: Failed | None = None,
    tries: int = 8,
    give_up: timedelta = GIVE_UP,
    final: Collection[int] | None = None,
) -> Callable[[Builder], Builder]:
    """Register the function that makes requests of kind `name`; it may say Skip, and runs again at each try.

    `answered(row, answer)` acts on a good answer, in the transaction that writes down that it came; it may raise
    Unusable. `failed(row)` runs in the transaction that gives the request up: after `tries` tries when it is older than
    `give_up`, or at once when the answer's status says that trying again is pointless. `final` are these; None: all
    but those of a passing trouble (408, 425, 429, 5xx). Both may see a row again whose worker died, or whose
    transaction did not hold.
    """

    def register(build: Builder) -> Builder:
        _kinds[name] = Kind(build, answered, failed, tries, give_up, final)
        return build

    return register


def named_by_operator(host: Callable[[], str]) -> Callable[[], str]:
    """Register a host that is set in the environment: `host()` returns it, or its URL, or "". It needs no row."""
    _operators.append(host)
    return host


def hosts_of_operator() -> list[str]:
    """The hosts registered with `named_by_operator` that are set."""
    load()
    return [named for host in _operators if (named := host())]


def find(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    found = known(name)
    if found is None:
        raise UnknownKind(name)
    return found


def known(name: str) -> Kind | None:
    """The kind of that name, if any app has registered it."""
    load()
    return _kinds.get(name)


@cache
def load() -> None:
    """Let every app register its kinds."""
    autodiscover_modules("outbound_kinds")
