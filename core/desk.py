"""Registries of the staff pages: each app registers in its `desk.py` its queues and how rows are assigned.

@desk.tile("Comments waiting", address="comments_comment", permission="comments.view_comment", green=…, amber=…)
def waiting(user: Staff) -> QuerySet: ...

desk.belongs(Comment, "thread__statement")
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, reduce
from operator import or_
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Min, Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

Staff = User | AnonymousUser
Rows = Callable[[], QuerySet]

DAY = timedelta(days=1)
# Counting stops here: a larger number helps nobody, and an attack can hold 100,000.
MOST_COUNTED = 1000
OF = "of"  # in the address of a list: only what belongs to the thing of this number


@dataclass(frozen=True)
class Tile:
    """One queue: the rows that wait, the field that says since when, and how long is too long."""

    label: str | Promise
    address: str
    query: str
    permission: str
    since: str
    green: timedelta
    amber: timedelta
    rows: Rows
    is_machinery: bool = False

    def look(self, user: Staff, under: Model | None = None) -> "Waiting":
        """How many rows this person would find, up to MOST_COUNTED, and the age of the oldest; one query.

        `under` narrows it to what belongs to that thing, which the person must look after.
        """
        rows = seen_by(user, self.rows()) if under is None else belonging(self.rows(), under.pk)
        oldest_first = rows.order_by(self.since)[: MOST_COUNTED + 1]
        found = oldest_first.aggregate(number=Count("pk"), oldest=Min(self.since))
        return Waiting(tile=self, under=under.pk if under else None, **found)


@dataclass(frozen=True)
class Waiting:
    """The current content of a tile."""

    tile: Tile
    number: int
    oldest: datetime | None
    under: int | None = None

    @property
    def shown(self) -> str:
        """The number as the tile shows it."""
        return f"{self.number:,}" if self.number <= MOST_COUNTED else f"{MOST_COUNTED:,}+"

    @property
    def url(self) -> str:
        """The queue."""
        queue = reverse(f"admin:{self.tile.address}_changelist") + self.tile.query
        return queue if self.under is None else f"{queue}{'&' if self.tile.query else '?'}{OF}={self.under}"

    @property
    def light(self) -> str:
        """`green`, `amber` or `red`; nothing waiting is green."""
        if self.oldest is None:
            return "green"
        age = timezone.now() - self.oldest
        return "green" if age < self.tile.green else "amber" if age < self.tile.amber else "red"

    @property
    def words(self) -> str:
        """The colour in words, for those who do not see it."""
        if self.oldest is None:
            return _("Nothing waiting")
        judged = {"green": _("in good time"), "amber": _("due soon"), "red": _("overdue")}[self.light]
        return _("oldest %(age)s: %(judged)s") % {"age": timesince(self.oldest, depth=1), "judged": judged}


@dataclass(frozen=True)
class Panel:
    """A part of the home page below the tiles: a template and what it shows to this person."""

    template: str
    permission: str
    context: Callable[[Staff], dict[str, Any]]


_tiles: list[Tile] = []
_panels: list[Panel] = []
Way = Callable[[QuerySet | list], Q]
_ways: dict[type[Model], list[Way]] = {}
_paths: dict[type[Model], str] = {}
_arounds: list["Around"] = []
_alarms: list[Callable[[], "Alarm | None"]] = []
_limits: list[Callable[[Staff], QuerySet | None]] = []
Bound = Callable[[Staff, QuerySet], QuerySet]
_bounds: list[Bound] = []


def tile(
    label: str | Promise,
    *,
    address: str,
    permission: str,
    since: str,
    green: timedelta = DAY,
    amber: timedelta = 3 * DAY,
    query: str = "",
    is_machinery: bool = False,
) -> Callable[[Rows], Rows]:
    """Register the rows of a queue. `address` is "app_model" of its admin list, `query` the filter that shows it.

    People come first: machinery stands last.
    """

    def register(rows: Rows) -> Rows:
        _tiles.append(Tile(label, address, query, permission, since, green, amber, rows, is_machinery))
        return rows

    return register


def panel(template: str, *, permission: str) -> Callable:
    """Register a part of the home page; the function gets the person and returns the template's context."""

    def register(context: Callable[[Staff], dict[str, Any]]) -> Callable[[Staff], dict[str, Any]]:
        _panels.append(Panel(template, permission, context))
        return context

    return register


def belongs(model: type[Model], path: str) -> None:
    """Register the lookup from a row of `model` to the object people are assigned to; "pk" is the object itself."""
    belongs_by(model, lambda mine: Q(**{f"{path}__in": mine}))
    _paths[model] = path


def belongs_by(model: type[Model], way: Way) -> None:
    """Say the same where no lookup can: `way` gets the things that somebody looks after and tells which rows are about
    them. Several apps may tell of one model; what none of them knows is only for who looks after everything.
    """
    _ways.setdefault(model, []).append(way)


def limit(function: Callable[[Staff], QuerySet | None]) -> Callable[[Staff], QuerySet | None]:
    """Register who is assigned to what: the things this person looks after, None for all of them."""
    _limits.append(function)
    return function


def bound(function: Bound) -> Bound:
    """Register which rows that belong to no such object a person sees, where not everybody sees all of them."""
    _bounds.append(function)
    return function


def seen_by(user: Staff, rows: QuerySet) -> QuerySet:
    """The `rows` that this person looks after; those that belong to no object are everybody's, within their bounds."""
    _load()
    ways = _ways.get(rows.model, [])
    for bounded in [] if ways else _bounds:
        rows = bounded(user, rows)
    for limited in _limits if ways else []:
        mine = limited(user)
        if mine is not None:
            rows = rows.filter(reduce(or_, [way(mine) for way in ways]))
    return rows


def queues() -> list[tuple[str, int]]:
    """How many rows wait in each queue of people's work, as "app_model" and number, up to MOST_COUNTED + 1."""
    _load()
    return [(tile.address, tile.rows()[: MOST_COUNTED + 1].count()) for tile in _tiles if not tile.is_machinery]


def labelled_queues() -> list[tuple[str | Promise, int]]:
    """The same by what the tiles are called."""
    _load()
    return [(tile.label, tile.rows()[: MOST_COUNTED + 1].count()) for tile in _tiles if not tile.is_machinery]


def belonging(rows: QuerySet, key: Any) -> QuerySet:
    """The `rows` that belong to the object of that id."""
    _load()
    ways = _ways.get(rows.model, [])
    return rows.filter(reduce(or_, [way([key]) for way in ways])) if ways else rows.none()


def is_owned(model: type[Model]) -> bool:
    """Whether rows of `model` belong to something that people look after, and are not that thing."""
    _load()
    return model in _ways and _paths.get(model) != "pk"


def path_to_owner(model: type[Model]) -> str:
    """The field that holds the object a row belongs to, if it is one of its own; else ""."""
    _load()
    path = _paths.get(model, "pk")
    return "" if path == "pk" or "__" in path else path


def owner(row: Model) -> Model | None:
    """The object a row belongs to, or the row itself if others belong to it; None if unknown."""
    _load()
    path = _paths.get(type(row))
    if path is None:
        return None
    found: Any = row
    for step in [] if path == "pk" else path.split("__"):
        found = getattr(found, step, None)
    return found


Around = Callable[[HttpRequest, type[Model], Model | None], dict[str, Any]]


def around(function: Around) -> Around:
    """Register what stands around a staff page: told the model, and the row if the page is about one, it returns what
    the template shows besides.
    """
    _arounds.append(function)
    return function


def surroundings(request: HttpRequest, model: type[Model], row: Model | None) -> dict[str, Any]:
    """The results of all of them."""
    return reduce(or_, (function(request, model, row) for function in _arounds), {})


def waiting_under(user: Staff, thing: Model) -> list[Waiting]:
    """This person's queues under one object, of those they may see; people before machinery."""
    _load()
    return [tile.look(user, thing) for tile in sorted(_tiles, key=_people_first) if user.has_perm(tile.permission)]


def sees_all(user: Staff, rows: QuerySet) -> bool:
    """Whether this person looks after every one of `rows`, so that they may change what all of them share."""
    return not rows.exclude(pk__in=seen_by(user, rows).values("pk")).exists()


def home(request: HttpRequest) -> dict[str, Any]:
    """The queues of this person, and the parts of the home page they may see."""
    _load()
    user = request.user
    return {
        "tiles": [tile.look(user) for tile in sorted(_tiles, key=_people_first) if user.has_perm(tile.permission)],
        "panels": [(part.template, part.context(user)) for part in _panels if user.has_perm(part.permission)],
    }


def _people_first(tile: Tile) -> bool:
    return tile.is_machinery


@dataclass(frozen=True)
class Alarm:
    """Something staff must hear of on every page: since when, what is wrong in words, what to do about it."""

    title: str
    since: datetime
    words: str
    advice: str


def alarm(look: Callable[[], Alarm | None]) -> Callable[[], Alarm | None]:
    """Register an alarm for every staff page; it must be cheap, and returns None while all is well."""
    _alarms.append(look)
    return look


def ringing() -> Alarm | None:
    """The first alarm that rings."""
    return next(filter(None, (look() for look in _alarms)), None)


@cache
def _load() -> None:
    autodiscover_modules("desk")
