"""Who stands behind a statement, in the order that readers see: the first supporters, then the others from A to Z."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from core.paging import Page
from organisations.models import PLURALS, Endorsement, Kind
from petitions.models import Statement

FIRST = 24
PER_PAGE = 100
SEARCH_FROM = 50
LONGEST_SEARCH = 60


def listed(statement: Statement) -> QuerySet:
    """The statement's listed endorsements with what a tile needs; never the bytes of a logo."""
    rows = Endorsement.objects.listed().filter(statement=statement)
    return rows.select_related("organisation__parent", "organisation__logo").defer("organisation__logo__data")


@dataclass(frozen=True)
class Wall:
    """What the statement's page shows: at most 24 tiles, and how many there are in all."""

    initial: list[Endorsement]
    others: list[Endorsement]
    total: int

    @property
    def has_more(self) -> bool:
        """Whether the page shows fewer than there are."""
        return self.total > len(self.initial) + len(self.others)


def wall(statement: Statement) -> Wall:
    """The first tiles of the wall, in one query: the campaigner's order first, then A to Z."""
    ordered = listed(statement).order_by("-is_initial", "position", "organisation__sort_key", "organisation_id")
    tiles = list(ordered[:FIRST])
    return Wall(
        initial=[tile for tile in tiles if tile.is_initial],
        others=[tile for tile in tiles if not tile.is_initial],
        total=statement.organisations,
    )


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
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    kinds = _kinds(statement, kind)
    if kind in Kind.values:
        rows = rows.filter(organisation__kind=kind)
    if text:
        rows = rows.filter(Q(organisation__name__icontains=text) | Q(organisation__town__icontains=text))
    can_search = bool(text) or statement.organisations > SEARCH_FROM
    return Found(page=_page(rows, request), kinds=kinds, kind=kind, search=text, can_search=can_search)


def _kinds(statement: Statement, current: str) -> list[Choice]:
    there = set(listed(statement).order_by().values_list("organisation__kind", flat=True).distinct())
    if len(there) < 2:
        return []
    choices = [Choice("All", "?", current not in Kind.values)]
    return choices + [
        Choice(plural, f"?{urlencode({'kind': kind.value})}", kind == current)
        for kind, plural in PLURALS.items()
        if kind in there
    ]


def _page(rows: QuerySet, request: HttpRequest) -> Page:
    """A page by key: the key is the sort key and id of the last organisation before it."""
    ordered = rows.order_by("organisation__sort_key", "organisation_id")
    name, separator, pk = request.GET.get("after", "").replace("\0", "").rpartition("~")
    is_key = bool(separator) and pk.isdecimal() and len(pk) < 18
    if is_key:
        later = Q(organisation__sort_key__gt=name) | Q(organisation__sort_key=name, organisation_id__gt=int(pk))
        ordered = ordered.filter(later)
    tiles = list(ordered[: PER_PAGE + 1])
    last = tiles[PER_PAGE - 1].organisation if len(tiles) > PER_PAGE else None
    return Page(
        rows=tiles[:PER_PAGE],
        next_url=_url(request, f"{last.sort_key}~{last.pk}") if last else None,
        first_url=_url(request, None) if is_key else None,
    )


def _url(request: HttpRequest, after: str | None) -> str:
    query = {name: request.GET[name] for name in ("kind", "q") if request.GET.get(name)}
    if after:
        query["after"] = after
    return f"?{urlencode(query)}"
