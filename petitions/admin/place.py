"""A statement as a place: one page with tabs, each of them filtered to it, whatever app it comes from.

An app registers the tabs and parts it knows in its admin; what they show is a list of the desk or a page about the
statement. The lists know the statement by `?of=7` (core/admin/filters.py), so saving and deciding there stays there.

    tab("comments", _("Comments"), 50)
    part("comments", _("Waiting"), address="comments_comment", permission="comments.view_comment")
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import Promise, cached_property

from core import desk
from core.admin.filters import is_number
from core.desk import Staff, Waiting
from petitions.admin.steps import Step, steps_for
from petitions.statements import counting
from petitions.statements.models import Statement

OTHERS = 8  # statements to go to from here
Says = Callable[[Staff, Statement], str]


@dataclass(frozen=True)
class Part:
    """What one can look at under a tab: a list of the desk, or a page about the statement; `pages` are all it covers,
    by the beginnings of their names.
    """

    label: str | Promise
    address: str
    permission: str
    query: str
    is_list: bool
    pages: tuple[str, ...]
    find: Callable[[Statement], str] | None

    def url(self, statement: Statement) -> str:
        """Where it is, for this statement."""
        if self.find is not None:
            return self.find(statement)
        if self.is_list:
            query = f"{self.query}&" if self.query else "?"
            return f"{reverse(f'admin:{self.address}_changelist')}{query}{desk.OF}={statement.pk}"
        return reverse(f"admin:{self.address}", args=[statement.pk])


@dataclass
class Tab:
    """A tab, its parts, and what the overview says about it in a line."""

    name: str
    label: str | Promise
    position: int
    says: Says | None = None
    parts: list[Part] = field(default_factory=list)


_tabs: dict[str, Tab] = {}


def tab(name: str, label: str | Promise, position: int, says: Says | None = None) -> None:
    """Register a tab; `position` orders them, `says` tells in a line how things stand there."""
    _tabs[name] = Tab(name, label, position, says)


def part(
    of: str,
    label: str | Promise,
    *,
    address: str,
    permission: str,
    query: str = "",
    is_list: bool = True,
    pages: str = "",
    find: Callable[[Statement], str] | None = None,
) -> None:
    """Register a part of the tab `of`. `address` is "app_model" of a list, or the name of a page about the statement;
    `query` begins with "?"; `pages` are further beginnings of page names, with blanks between; `find` finds a page
    that is about something else of the statement's.
    """
    covers = (f"{address}_" if is_list else address, *pages.split())
    _tabs[of].parts.append(Part(label, address, permission, query, is_list, covers, find))


@dataclass(frozen=True)
class Shown:
    """A tab or a part as this person sees it on this statement."""

    name: str
    label: str | Promise
    url: str
    is_here: bool
    waiting: int = 0
    light: str = ""
    says: str = ""
    parts: tuple["Shown", ...] = ()


@dataclass
class Place:
    """What stands around every page of a statement."""

    statement: Statement
    user: Staff
    page: str
    query: str
    template = "admin/petitions/place.html"
    crumbs = "admin/petitions/crumbs.html"

    @cached_property
    def waiting(self) -> list[Waiting]:
        """The queues that this person may see, narrowed to the statement."""
        return desk.waiting_under(self.user, self.statement)

    @cached_property
    def tabs(self) -> list[Shown]:
        """The tabs that hold something for this person."""
        allowed = [(one, self._parts(one)) for one in sorted(_tabs.values(), key=lambda one: one.position)]
        here = self._here([part for _, parts in allowed for part in parts])
        return [self._shown(one, parts, here) for one, parts in allowed if parts]

    @cached_property
    def here(self) -> Shown | None:
        """The tab one is at."""
        return next((one for one in self.tabs if one.is_here), None)

    @property
    def number(self) -> int:
        """How much waits in all."""
        return sum(one.waiting for one in self.tabs)

    @cached_property
    def numbers(self) -> counting.Numbers:
        """The numbers under the statement."""
        return counting.numbers([self.statement])[self.statement.pk]

    @cached_property
    def steps(self) -> list[Step]:
        """What this person may do with it now, in the order of use; what is dangerous stands apart."""
        return steps_for(self.user, self.statement)

    @property
    def first_step(self) -> Step | None:
        """The one that stands in sight."""
        return next((step for step in self.steps if step.is_next), None)

    @property
    def other_steps(self) -> list[Step]:
        """The others that do no harm."""
        return [step for step in self.steps if step is not self.first_step and not step.is_dangerous]

    @property
    def dangerous_steps(self) -> list[Step]:
        """What everybody notices at once."""
        return [step for step in self.steps if step.is_dangerous]

    @cached_property
    def others(self) -> list[tuple[Statement, str]]:
        """Other statements of this person, the newest first, each with the way to the same tab there."""
        seen = desk.seen_by(self.user, Statement.objects.exclude(pk=self.statement.pk)).order_by("-id")[:OTHERS]
        return [(one, self._same_tab(one)) for one in seen]

    @property
    def is_form(self) -> bool:
        """Whether this is the form of the statement itself, which the tab names well enough."""
        return self.page == "petitions_statement_change"

    @property
    def step_root(self) -> str:
        """What the address of every step begins with."""
        return reverse("admin:petitions_statement_overview", args=[self.statement.pk])

    @property
    def is_public(self) -> bool:
        """Whether visitors see it."""
        return self.statement.status in {"open", "closed"} and not self.statement.hidden_at

    def _same_tab(self, statement: Statement) -> str:
        here = _tabs[self.here.name] if self.here else _tabs["overview"]
        return self._parts(here)[0].url(statement)

    def _parts(self, one: Tab) -> list[Part]:
        return [part for part in one.parts if self.user.has_perm(part.permission)]

    def _here(self, parts: list[Part]) -> Part | None:
        """The part that covers this page; of several lists of one kind the one whose filter is on."""
        found = [part for part in parts if self.page.startswith(part.pages)]
        fitting = [part for part in found if part.query and part.query.lstrip("?") in self.query]
        plain = [part for part in found if not part.query]
        return next(iter([*fitting, *plain, *found]), None)

    def _shown(self, one: Tab, parts: list[Part], here: Part | None) -> Shown:
        found = [waits for waits in self.waiting if any(waits.tile.address == part.address for part in parts)]
        lights = {waits.light for waits in found if waits.number}
        return Shown(
            name=one.name,
            label=one.label,
            url=parts[0].url(self.statement),
            is_here=here in parts,
            waiting=sum(waits.number for waits in found),
            light=next((light for light in ("red", "amber", "green") if light in lights), ""),
            says=one.says(self.user, self.statement) if one.says and self.page.endswith("_overview") else "",
            parts=tuple(Shown("", part.label, part.url(self.statement), part is here) for part in parts),
        )


@desk.around
def place(request: HttpRequest, model: Any, row: Any) -> dict[str, Any]:
    """The place that this page belongs to, if it is about one statement that this person looks after."""
    statement = desk.owner(row) if row is not None else _narrowed(request)
    if not isinstance(statement, Statement) or statement.pk is None:
        return {}
    if not request.user.has_perm("petitions.view_statement"):
        return {}
    if row is not None and not desk.seen_by(request.user, Statement.objects.filter(pk=statement.pk)).exists():
        return {}
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    return {"place": Place(statement, request.user, name, request.GET.urlencode())}


def _narrowed(request: HttpRequest) -> Statement | None:
    named = (request.GET.get(name, "") for name in (desk.OF, "statement__id__exact", "statement"))
    number = next(filter(None, named), "")
    number = number or QueryDict(request.GET.get("_changelist_filters", "")).get(desk.OF, "")
    rows = desk.seen_by(request.user, Statement.objects.all())
    return rows.filter(pk=int(number)).first() if is_number(number) else None
