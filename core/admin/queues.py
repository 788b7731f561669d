"""What the queues have in common: undoing what one decided last, and single keys for whoever switched them on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST

from core.admin.base import HouseAdmin
from core.models import KeysOn
from core.staff_request import staff

LAST = "last_decision"


class CannotUndo(Exception):
    """Somebody has decided about this row since, or what the text of this says."""


@dataclass(frozen=True)
class Key:
    """A letter and what it does to the row one is at; with Shift and an `action`, to all rows that are chosen.

    `why` is the reason that is kept when the key decides without asking. `opens` goes to the row's page, to what
    has that letter there.
    """

    letter: str
    words: str
    action: str = ""
    why: str = ""
    opens: bool = False


@dataclass(frozen=True)
class Decided:
    """One row that was decided about, as JSON can hold it: its id, and how it stood before and after."""

    pk: int
    was: Any = None
    left: Any = None


MOVING = [
    Key("j", "Next; at the end of a page, the next page"),
    Key("k", "Previous"),
    Key("x", "Choose, or choose no more; Shift: all on the page"),
]
OTHERS = [Key("z", "Undo what you decided last"), Key("e", "Everything about it"), Key("?", "This list")]


class QueueMixin(HouseAdmin):
    """For the ModelAdmin of a queue: `keys` of its own, an undo for every decision, and what its pages need for both.

    A subclass has `has_decide_permission(request)` and `undo_decision(row, decided, *, by)`, which puts one row back to
    what it was, returns what else there is to say about it, and raises CannotUndo.
    """

    keys: Iterable[Key] = ()
    undo_decision: Callable[..., str]
    has_decide_permission: Callable[[HttpRequest], bool]

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(require_POST(self.undo))
        return [path("undo/", undo, name=f"{self._name}_undo"), *super().get_urls()]

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def remember(self, request: HttpRequest, decided: list[Decided]) -> None:
        """Keep what can be undone until something else is decided; it ends with the log-in."""
        rows = [[one.pk, one.was, one.left] for one in decided]
        request.session[LAST] = {"of": self.opts.label_lower, "rows": rows}

    def last(self, request: HttpRequest) -> list[Decided]:
        """What this person decided last, if it was in this queue."""
        last = request.session.get(LAST) or {}
        return [Decided(*row) for row in last["rows"]] if last.get("of") == self.opts.label_lower else []

    def say_done(self, request: HttpRequest, words: str, back: str = "") -> None:
        """Say what was done, with the button that undoes it; `back` is the query of the list one came from."""
        address = reverse(f"admin:{self._name}_undo") + "?" + urlencode({"back": back})
        messages.success(request, words, extra_tags=address if self.last(request) else "")

    def undo(self, request: HttpRequest) -> HttpResponse:
        """Undo what this person decided last in this queue."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        decided = {one.pk: one for one in self.last(request)}
        rows = self.get_queryset(request).filter(pk__in=decided)
        tried = [self._undo_one(request, row, decided[row.pk]) for row in rows]
        request.session.pop(LAST, None)
        undone, left = ([said for is_undone, said in tried if is_undone is wanted] for wanted in (True, False))
        self._say_undone(request, undone, left, len(decided))
        return self.after_undo(request, list(decided))

    def _undo_one(self, request: HttpRequest, row: Model, decided: Decided) -> tuple[bool, str]:
        """Whether it could be undone, and what there is to say about that."""
        try:
            return True, self.undo_decision(row, decided, by=staff(request).user)
        except CannotUndo as error:
            return False, str(error)

    def _say_undone(self, request: HttpRequest, said: list[str], left: list[str], of: int) -> None:
        if said:
            words = "Undone." if len(said) == 1 else f"{len(said)} decisions undone."
            messages.success(request, " ".join([words, *sorted(set(said) - {""})]))
        elif not of:
            messages.warning(request, "There is nothing to undo.")
        if len(said) < of:
            why = " ".join(sorted(set(left) - {""})) or "somebody has decided since."
            messages.warning(request, f"{of - len(said)} left as they are: {why}")

    def after_undo(self, request: HttpRequest, pks: list[int]) -> HttpResponse:
        """Back to the queue as it was filtered."""
        queue = reverse(f"admin:{self._name}_changelist")
        query = request.GET.get("back", "")
        address = f"{queue}?{query}" if query else queue
        return redirect(address if url_has_allowed_host_and_scheme(address, None) else queue)

    def queue_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the pages of a queue show to who may decide: the keys, and what can still be undone."""
        if not self.has_decide_permission(request):
            return {}
        back = urlencode({"back": request.GET.urlencode()})
        return {
            "key_list": [*MOVING, *self.keys, *OTHERS],
            "keys_on": KeysOn.objects.filter(user=staff(request).user).exists(),
            "undo": 0 if _is_offered(request) else len(self.last(request)),
            "undo_url": reverse(f"admin:{self._name}_undo") + f"?{back}",
        }

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, the keys, and a button that undoes the last decision."""
        return super().changelist_view(request, {**self.queue_context(request), **(extra_context or {})})


def _is_offered(request: HttpRequest) -> bool:
    """Whether one of the messages on this page has the button already."""
    waiting = messages.get_messages(request)
    found = any(message.extra_tags for message in waiting)
    if isinstance(waiting, BaseStorage):
        waiting.used = False
    return found
