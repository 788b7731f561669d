"""The wall of organisations, in readers' order: initial supporters, then the others from A to Z."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from core import components, query
from core import search as names
from core.paging import Page
from core.speed import links
from core.speed.prepared import PreparedTuples
from organisations.models import NEW_DAYS, PLURALS, Endorsement, Kind, Organisation
from petitions.models import Statement

FIRST = 24
PER_PAGE = 100
SEARCH_FROM = 50
LONGEST_SEARCH = 60


def listed(statement: Statement) -> QuerySet:
    """The statement's listed endorsements."""
    return Endorsement.objects.listed().filter(statement=statement)


# What a tile is made of, in the order of its fields; never the bytes of a logo.
_TILE = (
    "organisation__name", "organisation__slug", "organisation__kind", "organisation__town",
    "organisation__parent__name", "organisation__logo__uuid", "organisation__logo__width",
    "organisation__logo__height", "is_initial", "source", "listed_at", "public_message", "public_contact",
)  # fmt: skip
_KINDS = dict(Kind.choices)


@dataclass(frozen=True, slots=True)
class Tile:
    """One organisation as a list shows it, in words that a moderator has looked at."""

    name: str
    slug: str
    kind_code: str
    town: str
    parent: str | None
    logo_uuid: UUID | None
    logo_width: int | None
    logo_height: int | None
    is_initial: bool
    source: str
    listed_at: datetime
    message: str
    contact: str

    @property
    def kind(self) -> str:
        """The kind of organisation, in words."""
        return str(_KINDS[self.kind_code])

    @property
    def logo(self) -> str:
        """The address of its logo, or nothing."""
        return links.path("logo", self.logo_uuid) if self.logo_uuid else ""

    @property
    def initials(self) -> str:
        """Initials in place of a logo."""
        return initials(self.name)

    @property
    def is_entered(self) -> bool:
        """Whether it stands here on the campaign's word."""
        return self.source == Endorsement.Source.STAFF

    @property
    def is_new(self) -> bool:
        """Whether it was listed within the last week."""
        return self.listed_at > timezone.now() - timedelta(days=NEW_DAYS)


def initials(name: str) -> str:
    """Two letters for an organisation without a logo: those of the first two words of its name that matter."""
    words = [word for word in name.replace("’", "").split() if word[0].isalnum()]
    big = [word for word in words if word.casefold() not in {"the", "of", "and", "for", "in", "a", "y"}]
    return "".join(word[0] for word in (big or words)[:2]).upper()


@dataclass(frozen=True)
class Wall:
    """The wall on the statement's page: at most 24 tiles, and the number of all."""

    initial: list[Tile]
    others: list[Tile]
    total: int

    @property
    def has_entered(self) -> bool:
        """Whether some stand here on the campaign's word."""
        return any(tile.is_entered for tile in (*self.initial, *self.others))

    @property
    def has_more(self) -> bool:
        """Whether the page shows fewer than there are."""
        return self.total > len(self.initial) + len(self.others)


def wall(statement: Statement) -> Wall:
    """The first tiles of the wall, in one query: the campaigner's order first, then A to Z."""
    tiles = [Tile(*row) for row in _first(statement.pk)]
    return Wall(
        initial=[tile for tile in tiles if tile.is_initial],
        others=[tile for tile in tiles if not tile.is_initial],
        total=statement.organisations,
    )


_ON_PAGE = ("-is_initial", "position", "organisation__sort_key", "organisation_id")
_first = PreparedTuples(
    lambda statement: (
        Endorsement.objects.listed().filter(statement=statement).order_by(*_ON_PAGE).values_list(*_TILE)[:FIRST]
    ),
    int,
)


def section(statement: Statement, site: dict[str, Any]) -> Markup:
    """The wall as a part of the statement's page."""
    return components.draw("wall", site, statement=statement, wall=wall(statement))


@dataclass(frozen=True)
class Choice:
    """A link that filters the list."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Found:
    """One page of the whole list, and how it was filtered."""

    page: Page
    kinds: list[Choice]
    kind: str
    search: str
    can_search: bool


def search(statement: Statement, request: HttpRequest) -> Found:
    """The page of the list that a visitor asked for with `?kind=`, `?q=` and `?after=`, from A to Z."""
    rows = listed(statement)
    kind, text = query.text(request, "kind"), query.text(request, "q")[:LONGEST_SEARCH]
    kinds = _kinds(statement, kind)
    if kind in Kind.values:
        rows = rows.filter(organisation__kind=kind)
    if text:
        rows = names.found(rows, ["organisation__name", "organisation__town"], text)
    can_search = bool(text) or statement.organisations > SEARCH_FROM
    return Found(page=_page(rows, request), kinds=kinds, kind=kind, search=text, can_search=can_search)


def _kinds(statement: Statement, current: str) -> list[Choice]:
    there = set(listed(statement).order_by().values_list("organisation__kind", flat=True).distinct())
    if len(there) < 2:
        return []
    choices = [Choice(_("All"), "?", current not in Kind.values)]
    return choices + [
        Choice(str(plural), f"?{urlencode({'kind': kind.value})}", kind == current)
        for kind, plural in PLURALS.items()
        if kind in there
    ]


def _page(rows: QuerySet, request: HttpRequest) -> Page:
    """A page by key: `?after=` names the organisation before it, whose place in the order is looked up."""
    ordered = rows.order_by("organisation__sort_key", "organisation_id")
    after = query.number(request, "after")
    last = Organisation.objects.filter(pk=after).only("sort_key").first() if after else None
    if last:
        later = Q(organisation__sort_key__gt=last.sort_key)
        ordered = ordered.filter(later | Q(organisation__sort_key=last.sort_key, organisation_id__gt=last.pk))
    found = list(ordered.values_list("organisation_id", *_TILE)[: PER_PAGE + 1])
    return Page(
        rows=[Tile(*row[1:]) for row in found[:PER_PAGE]],
        next_url=_url(request, found[PER_PAGE - 1][0]) if len(found) > PER_PAGE else None,
        first_url=_url(request, None) if last else None,
    )


def _url(request: HttpRequest, after: int | None) -> str:
    asked = {name: value for name in ("kind", "q") if (value := query.text(request, name))}
    if after:
        asked["after"] = str(after)
    return f"?{urlencode(asked)}"
