"""The publisher for every page, mail, picture and paper: names, addresses, look. One accessor, `publisher()`.

The app `publishers` keeps it and registers how it is read (`read_by`), because core and mail stand below it. Until a
publisher is kept, the environment's settings stand for one. What was read is remembered for a moment; a kept page of a
statement reads it with the statement, so that page and stamp never disagree (petitions/statements/finding.py).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from core.speed import links, memory

AWAY_SECONDS = 5
# The publisher's colours where nothing else was chosen; those of assets/scss/_tokens.scss.
ACCENT = "#9b1c2e"


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere: a path of ours, or a whole address elsewhere."""

    label: str
    address: str


@dataclass(frozen=True)
class Picture:
    """A picture of ours: its path, how large it is in pixels, and what it shows, for who does not see it."""

    path: str
    width: int
    height: int
    words: str = ""


@dataclass(frozen=True)
class Identity:
    """The public details of one publisher. `pk` is None while only the environment names it."""

    name: str
    legal_name: str
    contact_email: str
    mail_from: str
    pk: int | None = None
    slug: str = ""
    # Where its pages are, such as https://eastside.example; empty: at the site's own ORIGIN.
    origin: str = ""
    legal_address: str = ""
    fediverse: str = ""
    introduction: str = ""
    foot_words: str = ""
    share_words: str = ""
    privacy_words: str = ""
    accessibility_words: str = ""
    pack: str = "gb"
    # On which ground of the law it keeps signatures, and what the notice says of it (publishers/bases.py).
    basis: str = "consent"
    basis_law: str = ""
    joint_controllers: str = ""
    children_words: str = ""
    quiet_subjects: bool = False
    # The accent as it can be read on white, in the dark, and what is written on it there.
    accent: str = ACCENT
    accent_dark: str = "#ff9aa5"
    on_dark: str = "#16171a"
    pair: str = ""
    sheet: str = ""
    logo: Picture | None = None
    header: tuple[Picture, ...] = ()
    menu: tuple[Link, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def home(self) -> str:
        """The origin of its pages, whoever else has pages there."""
        return self.origin or settings.ORIGIN

    @property
    def page(self) -> str:
        """The path of its own page, once it has one."""
        return links.path("publisher", self.slug) if self.slug else ""


# For whom this request or mail speaks; None: for the site's first publisher.
_here: ContextVar[int | None] = ContextVar("undersigned.here", default=None)


@contextmanager
def at(pk: int | None) -> Iterator[None]:
    """Speak for the publisher of that row id for as long as this lasts: a request to its host, a mail of its own."""
    token = _here.set(pk)
    try:
        yield
    finally:
        _here.reset(token)


def here() -> int | None:
    """For whom we speak just now, by row id; None for the site's first publisher."""
    return _here.get()


def speak_for(pk: int | None) -> None:
    """From here on, and until the end of the `at` around this, speak for that publisher."""
    if pk != _here.get():
        _here.set(pk)


def origin() -> str:
    """The configured origin of the publisher for whom we speak; never that of a request."""
    pk = _here.get()
    return settings.ORIGIN if pk is None else publisher(pk).home


Reader = Callable[[int | None], Identity | None]
_readers: list[Reader] = []
_last: dict[int | None, Identity] = {}
_away_until = 0.0
HOSTS, SEVERAL = "publisher.hosts", "publisher.several"


def read_by(reader: Reader) -> Reader:
    """Register how a publisher is read: the one of that row id, or the site's first; None if there is no such row."""
    _readers[:] = [reader]
    return reader


def from_environment() -> Identity:
    """The publisher named in the settings, which gives the first row its defaults."""
    return Identity(
        name=settings.SITE_NAME,
        legal_name=settings.CONTROLLER,
        contact_email=settings.CONTACT_EMAIL,
        mail_from=settings.MAIL_FROM,
        fediverse=settings.FEDIVERSE_CREATOR,
    )


def publisher(pk: int | None = None) -> Identity:
    """The publisher of that row id, or for whom we speak just now; at most PUBLISHER_FRESH_SECONDS old.

    While the database is away, the last that was read: the page which says so has a name on it too.
    """
    pk = _here.get() if pk is None else pk
    if time.monotonic() < _away_until:
        return _last_of(pk)
    try:
        return memory.remember(f"publisher.{pk}", settings.PUBLISHER_FRESH_SECONDS, lambda: _read(pk))
    except (OperationalError, InterfaceError, PoolTimeout):
        stop_asking()
        return _last_of(pk)


def learn(found: Identity, *, is_first: bool = False) -> Identity:
    """Remember what was just read together with something else; returns it."""
    for pk in (found.pk, None) if is_first else (found.pk,):
        _last[pk] = found
        memory.put(f"publisher.{pk}", found, settings.PUBLISHER_FRESH_SECONDS)
    return found


def forget() -> None:
    """Read it anew the next time: it has changed."""
    for pk in list(_last):
        memory.drop(f"publisher.{pk}")
    memory.drop("publisher.None")
    for name in (HOSTS, SEVERAL):
        memory.drop(name)
    _last.clear()


def stop_asking() -> None:
    """After a database failure, do not ask it for a moment: the error page would wait as long again."""
    global _away_until  # noqa: PLW0603 - one process, one database
    _away_until = time.monotonic() + AWAY_SECONDS


def _read(pk: int | None) -> Identity:
    found = next(filter(None, (reader(pk) for reader in _readers)), None) or from_environment()
    _last[pk] = found
    return found


def _last_of(pk: int | None) -> Identity:
    return _last.get(pk) or from_environment()
