"""Shared parts of the queues: undoing one's last decision, and single keys for people who switched them on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from core import audit
from core.admin.base import HouseAdmin
from core.models import AuditEntry, KeysOn
from core.staff_request import staff

LAST = "last_decision"
STOOD = "stood-"  # and the number of a row: how it stood on the page that somebody decides from


class CannotUndo(Exception):
    """A colleague has decided about this row since, or another reason given in the text."""


@dataclass(frozen=True)
class Key:
    """A letter and its action on the current row; with Shift and an `action`, on all chosen rows.

    `why` is the reason that is kept when the key decides without asking. `opens` goes to the row's page, to what
    has that letter there.
    """

    letter: str
    words: str | Promise
    action: str = ""
    why: str | Promise = ""
    opens: bool = False


@dataclass(frozen=True)
class Decided:
    """One decided row as JSON: its id, and its snapshots before and after."""

    pk: int
    was: Any = None
    left: Any = None


MOVING = [
    Key("j", "Next; at the end of a page, the next page"),
    Key("k", gettext_lazy("Previous")),
    Key("x", gettext_lazy("Choose, or choose no more; Shift: all on the page")),
]
OTHERS = [
    Key("z", gettext_lazy("Undo what you decided last")),
    Key("e", gettext_lazy("Everything about it")),
    Key("?", gettext_lazy("This list")),
]


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

    def standing(self, row: Any) -> str:
        """The stamp of a row's state: a row with another stamp has been decided about meanwhile."""
        return str(row.state)

    def stood(self, row: Model) -> SafeString:
        """The hidden input that says so on a page with buttons."""
        return format_html('<input type="hidden" name="{}{}" value="{}">', STOOD, row.pk, self.standing(row))

    def decided_meanwhile(self, request: HttpRequest, rows: Iterable[Model]) -> list[str]:
        """A sentence for each row that has changed since the page was shown: who decided what, and when."""
        said = [(row, request.POST.get(f"{STOOD}{row.pk}")) for row in rows]
        return [self._who_decided(request, row) for row, seen in said if seen not in (None, self.standing(row))]

    def ask_first(
        self, request: HttpRequest, row: Model, label: str | Promise, meanwhile: list[str]
    ) -> TemplateResponse:
        """409 with the colleague's decision; nothing is done until the same post is sent again."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Decided meanwhile"),
            "opts": self.opts,
            "label": label,
            "meanwhile": meanwhile,
            "stood": self.stood(row),
        }
        return TemplateResponse(request, "admin/decided_meanwhile.html", context, status=HTTPStatus.CONFLICT)

    def _who_decided(self, request: HttpRequest, row: Any) -> str:
        lines = AuditEntry.objects.filter(model=self.opts.label_lower, object_id=str(row.pk))
        last = lines.exclude(what__in=audit.LOOKS).order_by("-pk").first()
        now = row.get_state_display()
        if last is None or not last.by_name:
            return _("%(row)s: now %(state)s, not decided by staff.") % {"row": row, "state": now}
        who = _("you") if last.by_id == staff(request).user.pk else last.by_name
        words = {"row": row, "state": now, "who": who, "ago": timesince(last.at, depth=1)}
        return _("%(row)s: now %(state)s, decided by %(who)s %(ago)s ago.") % words

    def remember(self, request: HttpRequest, decided: list[Decided]) -> None:
        """Remember the decision for undoing until the next one; it ends with the session."""
        rows = [[one.pk, one.was, one.left] for one in decided]
        request.session[LAST] = {"of": self.opts.label_lower, "rows": rows}

    def last(self, request: HttpRequest) -> list[Decided]:
        """This person's last decision, if it was in this queue."""
        last = request.session.get(LAST) or {}
        return [Decided(*row) for row in last["rows"]] if last.get("of") == self.opts.label_lower else []

    def say_done(self, request: HttpRequest, words: str, back: str = "") -> None:
        """Show what was done, with the button that undoes it; `back` is the query of the list one came from."""
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
        """Whether it was undone, and the message."""
        try:
            return True, self.undo_decision(row, decided, by=staff(request).user)
        except CannotUndo as error:
            return False, str(error)

    def _say_undone(self, request: HttpRequest, said: list[str], left: list[str], of: int) -> None:
        if said:
            words = ngettext("Undone.", "%(number)d decisions undone.", len(said)) % {"number": len(said)}
            messages.success(request, " ".join([words, *sorted(set(said) - {""})]))
        elif not of:
            messages.warning(request, _("There is nothing to undo."))
        if len(said) < of:
            why = " ".join(sorted(set(left) - {""})) or _("somebody has decided since.")
            messages.warning(
                request, _("%(number)d left as they are: %(why)s") % {"number": of - len(said), "why": why}
            )

    def after_undo(self, request: HttpRequest, pks: list[int]) -> HttpResponse:
        """Back to the queue as it was filtered."""
        queue = reverse(f"admin:{self._name}_changelist")
        query = request.GET.get("back", "")
        address = f"{queue}?{query}" if query else queue
        return redirect(address if url_has_allowed_host_and_scheme(address, None) else queue)

    def queue_context(self, request: HttpRequest) -> dict[str, Any]:
        """Context for people who may decide: the keys, and the decision that can still be undone."""
        if not self.has_decide_permission(request):
            return {}
        back = urlencode({"back": request.GET.urlencode()})
        return {
            "queue": self.opts.label_lower,
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
