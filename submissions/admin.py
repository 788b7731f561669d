"""What waits to be confirmed, so that staff can help somebody on the phone: one kind of list for every kind of form.

Nothing can be done here, and nothing that was typed is shown: it is its owner's until they agree.
"""

from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext_lazy as _

from core import desk
from core.addresses import mailbox_key, masked
from core.admin import BigTableAdmin, KeyChangeList
from submissions import status
from submissions.kinds import Kind
from submissions.models import Submission

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Stands(TypedDict):
        """What the list knows of a row besides, once it has asked for the whole page."""

        state: str

    Placed = WithAnnotations[Submission, Stands]

STATES = {
    "waiting": _("waiting"),
    "superseded": _("replaced by a newer answer"),
    "expired": _("expired"),
    "hidden": _("waiting, the statement is hidden"),
    "closed": _("too late"),
}


class WaitingChangeList(KeyChangeList):
    """One query more for a whole page: where each of its rows stands."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        kind: type[Kind] = self.model_admin.kind  # type: ignore[attr-defined]  # of UnansweredAdmin alone
        found = status.of((kind.number, row.pk) for row in self.result_list)
        states = {one.id: one.state for one in found}
        for row in self.result_list:
            row.state = states.get(row.pk, "")


class UnansweredAdmin(BigTableAdmin):
    """Who was asked and has not answered; a subclass says of which `kind`, and follows to what it belongs."""

    kind: ClassVar[type[Kind]]
    is_about_people = True
    list_display = ["reference", "mailbox", "under", "created_at", "mailed", "state"]
    list_display_links = None
    search_fields = ["reference"]
    search_help_text = _("The whole address, or the reference in the mail and on the waiting page.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(agreed_at=None, ended_at=None).annotate(state=Value(""))

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return WaitingChangeList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By what somebody can tell on the phone."""
        term = search_term.strip()
        if "@" in term:
            return queryset.filter(mailbox_key=mailbox_key(term)), False
        return (queryset.filter(reference=term.upper()) if term else queryset), False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list alone: a row has no page of its own."""
        return obj is None and super().has_view_permission(request)

    @admin.display(description=_("Address"))
    def mailbox(self, obj: Submission) -> str:
        """The address, masked."""
        return masked(obj.email)

    @admin.display(description=_("Statement"))
    def under(self, obj: Submission) -> str:
        """What it is about."""
        return truncatechars(str(desk.owner(obj)), 40)

    @admin.display(description=_("Mailed"), empty_value=_("not yet"))  # type: ignore[call-overload]  # takes lazy texts
    def mailed(self, obj: Submission) -> object:
        """When a mail server first took a mail that lists it."""
        return obj.mailed_at

    @admin.display(description=_("Status"))
    def state(self, obj: "Placed") -> str:
        """Where it stands, in words."""
        return str(STATES.get(obj.state, obj.state))
