"""One decision about several rows, taken at once; many are asked about first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from core.admin import Decision, HouseAdmin

MANY = 20
DECIDED = "comments_decided"


@dataclass(frozen=True)
class Bulk(Decision):
    """A decision whose verb takes `by`, writes its own record, and can be undone, so that a few need no question."""

    def __call__(self, model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        rows = list(queryset[: MANY + 1])
        if "confirmed" in request.POST or len(rows) > MANY:
            return super().__call__(model_admin, request, queryset)
        self._report(model_admin, request, self._decide(request, rows, {}), len(rows))
        return None

    def _decide(self, request: HttpRequest, rows: Iterable[Model], typed: dict[str, str]) -> int:
        done = [row.pk for row in rows if self._decide_one(request, row, typed)]
        request.session[DECIDED] = {"model": self._model(rows), "ids": done}
        return len(done)

    def _model(self, rows: Iterable[Model]) -> str:
        return next((row._meta.model_name for row in rows), "")

    def _decide_one(self, request: HttpRequest, row: Model, typed: dict[str, str]) -> bool:
        try:
            self.act(row, by=request.user)
        except self.refuses:
            return False
        return True


def bulk(name: str, label: str, *, permission: str, **how: Any) -> Callable:
    """A Bulk as an admin action; `permission` is the short name that `has_<permission>_permission` judges."""
    made = Bulk(name=name, label=label, **how)

    @admin.action(description=label, permissions=[permission])
    def act(model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return made(model_admin, request, queryset)

    act.__name__ = name
    return act
