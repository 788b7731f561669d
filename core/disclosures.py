"""Who else sees people's data, as this site is set up: each app tells in its `disclosures.py` what it passes on, and to
whom, so that the privacy notice and the controller's documents name them (GDPR Art. 13(1)(e), 30(1)(d)).

@disclosures.told_by
def of_mail() -> Iterator[Disclosure]: ...
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

HERE = {"", "localhost", "127.0.0.1", "::1"}


class Channel(StrEnum):
    """What somebody gets people's data by."""

    HOSTING = "hosting"
    MAIL = "mail"
    COMMENTS = "comments"
    SIGNATURES = "signatures"
    NEWSLETTER = "newsletter"
    NEWS = "news"
    STAFF = "staff"


@dataclass(frozen=True)
class Disclosure:
    """Somebody outside: `to` as they are called, by a host's name where nothing else is known; `what` they see, `why`.

    `is_processor` says that they work for the controller and on its word alone, as the operator set them up (Art. 28);
    whether that is so is for the controller to say, where it is None.
    """

    channel: Channel
    to: str
    what: Any
    why: Any
    is_processor: bool | None = None


Tell = Callable[[], Iterable[Disclosure]]
_tells: list[Tell] = []


def told_by(function: Tell) -> Tell:
    """Register what knows to whom something is passed on."""
    _tells.append(function)
    return function


def everything() -> list[Disclosure]:
    """All of them, in the order of Channel and by name."""
    _load()
    found = {one for tell in _tells for one in tell()}
    order = list(Channel)
    return sorted(found, key=lambda one: (order.index(one.channel), one.to, str(one.what)))


def names(channel: Channel) -> tuple[str, ...]:
    """Who gets something by one channel, each once."""
    return tuple(dict.fromkeys(one.to for one in everything() if one.channel == channel))


def is_elsewhere(host: str) -> bool:
    """Whether that name, as a setting has it, is another machine; a path is a socket of this one."""
    return host not in HERE and not host.startswith("/")


@told_by
def of_machines() -> Iterable[Disclosure]:
    """The machines that hold everything, where they have a name of their own."""
    database = str(settings.DATABASES["default"].get("HOST") or "")
    if is_elsewhere(database):
        yield Disclosure(
            Channel.HOSTING, database, _("Everything: the database is there."), _("To keep the data."), True
        )


@cache
def _load() -> None:
    autodiscover_modules("disclosures")
