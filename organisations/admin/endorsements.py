"""The moderators' queue: what was sent on the left, the evidence on the right, three large buttons below."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core import audit, desk
from core.addresses import mailbox_key
from core.admin import CannotUndo, Decided, HouseAdmin, QueueMixin, SeenFilter
from core.admin.filters import UsualFilter
from core.staff_request import staff
from organisations import deciding, directory, evidence
from organisations.admin.decisions import ACTIONS, KEYS, snapshot
from organisations.admin.entering import EnterMixin
from organisations.admin.forms import ApproveForm, ArrangeForm, AskForm, DeclineForm
from organisations.models import Endorsement, EndorsementQuerySet
from organisations.views import sealed_picture
from petitions.models import Statement

State = Endorsement.State


class StatusFilter(UsualFilter):
    """Show waiting endorsements by default: moderators come here for them."""

    title = "status"
    parameter_name = "state"
    USUAL = _("To check")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        others = [(value, label.capitalize()) for value, label in State.choices if value != State.WAITING]
        return [("all", "All"), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value()) if self.value() else cast(EndorsementQuerySet, queryset).to_check()


FORMS: dict[str, tuple[Callable[..., forms.Form], Callable[..., Any], Promise]] = {
    "approve": (ApproveForm, deciding.approve, _("Listed. The representative gets a mail.")),
    "ask": (AskForm, deciding.ask, _("Asked: the mail leaves in a minute. It stays in the queue.")),
    "decline": (DeclineForm, deciding.decline, _("Declined. The representative gets a mail with your reason.")),
}


KEPT_AS_IT_IS = _(
    "The organisation also endorses statements that others look after, so its name, type, town, website and logo stay "
    "as they were. A colleague who looks after all of them can change it."
)


def _stands_again(endorsement: Endorsement) -> str:
    """Where undoing has put it."""
    if endorsement.state != State.LISTED:
        return gettext("It waits again.")
    if endorsement.changed_at:
        return gettext("It is listed as before, and its changes wait again.")
    return gettext("It is listed as before.")


@admin.register(Endorsement)
class EndorsementAdmin(EnterMixin, QueueMixin, HouseAdmin):
    """Endorsements to check, and all others behind a filter. Nothing is edited here: a decision has a name."""

    is_about_people = True
    keeps_drafts = False  # nothing is edited
    list_display = ["name", "statement", "kind", "mailbox", "waits", "stands_now"]
    list_filter = [StatusFilter, ("statement", SeenFilter), "kind", "is_initial"]
    list_select_related = ["statement"]
    search_fields = ["name", "contact_name"]
    search_help_text = _("Part of the organisation’s or the representative’s name, or the whole address.")
    ordering = ["confirmed_at", "id"]
    actions = ACTIONS
    keys = KEYS
    change_list_template = "admin/organisations/endorsement/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Addresses only as a whole: the list masks them."""
        if "@" in search_term:
            return queryset.filter(mailbox_key=mailbox_key(search_term.strip())), False
        return super().get_search_results(request, queryset, search_term)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person may approve, ask, decline and undo."""
        return request.user.has_perm("organisations.change_endorsement")

    @admin.display(description=_("Email domain"))
    def mailbox(self, obj: Endorsement) -> str:
        """The domain of the mailbox that was proved."""
        return evidence.domain_of_address(obj.contact_email)

    @admin.display(description=_("Waiting for"), ordering="confirmed_at")
    def waits(self, obj: Endorsement) -> str:
        """How long the representative has been waiting for us."""
        since = obj.changed_at or obj.confirmed_at
        return timesince(since, depth=1) if since and obj.state in {State.WAITING, State.LISTED} else ""

    def stands(self, obj: Endorsement) -> str:
        """Its status, in a word or two."""
        if obj.state == State.LISTED and obj.changed_at:
            return gettext("Listed, with changes to check")
        if obj.state == State.WAITING and obj.asked_at:
            return gettext("Waiting for an answer")
        return obj.state.capitalize()

    @admin.display(description=_("Status"))
    def stands_now(self, obj: Endorsement) -> SafeString:
        """The same in the list, with which words they are, so that a decision about many says what it was about."""
        stands = self.stands(obj)
        hidden = '{}<input type="hidden" name="seen-{}" value="{}">{}'
        return format_html(hidden, stands, obj.pk, obj.edition, self.stood(obj))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        arrange = require_http_methods(["GET", "HEAD", "POST"])(self.arrange)
        enter = require_http_methods(["GET", "HEAD", "POST"])(self.enter)
        return [
            path("<int:pk>/logo/", wrap(require_safe(self.logo)), name="organisations_endorsement_logo"),
            path("enter/<int:pk>/", wrap(enter), name="organisations_endorsement_enter"),
            path("arrange/<int:pk>/", wrap(arrange), name="organisations_endorsement_arrange"),
            *super().get_urls(),
        ]

    def logo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The logo that was sent, which has no public address before it is approved."""
        endorsement = get_object_or_404(self.get_queryset(request).select_related("logo"), pk=pk)
        if not self.has_view_permission(request, endorsement):
            raise PermissionDenied
        if endorsement.logo is None:
            raise Http404
        return sealed_picture(bytes(endorsement.logo.data), "no-store")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """One endorsement with its evidence; POST takes one of the decisions."""
        endorsement = self.get_object(request, object_id)
        if endorsement is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # not stubbed
        if not self.has_view_permission(request, endorsement):
            raise PermissionDenied
        action = request.POST.get("decision", "") if request.method == "POST" else ""
        if request.method == "POST" and not self.has_decide_permission(request):
            raise PermissionDenied
        if action == "undo":
            return self._undo(request, endorsement)
        found = evidence.gather(endorsement, reader=request.user)
        made = self._forms(request, endorsement, found, action)
        if action in made and made[action].is_valid() and self._take(request, endorsement, action, made[action]):
            return self._next(request, endorsement)
        response = self._page(request, endorsement, found, made)
        self.note_look(request, response, what=audit.LOOKED, object_id=object_id)
        return response

    def _forms(
        self, request: HttpRequest, endorsement: Endorsement, found: evidence.Evidence, action: str
    ) -> dict[str, forms.Form]:
        more: dict[str, dict[str, Any]] = {"approve": {"endorsement": endorsement, "evidence": found}}
        return {
            name: form(request.POST if name == action else None, prefix=name, **more.get(name, {}))
            for name, (form, _, _) in FORMS.items()
        }

    def _take(self, request: HttpRequest, endorsement: Endorsement, action: str, form: forms.Form) -> bool:
        _, verb, done = FORMS[action]
        typed = {name: value for name, value in form.cleaned_data.items() if name != "ready"}
        if action != "ask":
            typed["seen"] = request.POST.get("seen", "")
        was = snapshot(endorsement)
        try:
            verb(endorsement=endorsement, by=staff(request).user, **typed)
        except deciding.DecidingError as error:
            self.message_user(request, str(error), messages.ERROR)
            return False
        self.remember(request, [Decided(endorsement.pk, was, snapshot(endorsement))])
        self.say_done(request, f"{endorsement.name}: {done}")
        listed = endorsement.organisation if action == "approve" else None
        if listed is not None and not directory.is_in_hand(listed, staff(request).user):
            self.message_user(request, KEPT_AS_IT_IS, messages.WARNING)
        return True

    def _undo(self, request: HttpRequest, endorsement: Endorsement) -> HttpResponse:
        try:
            said = self._put_back(endorsement, by=staff(request).user)
        except deciding.DecidingError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.remember(request, [one for one in self.last(request) if one.pk != endorsement.pk])
            self.message_user(request, gettext("Undone. %(where)s") % {"where": said}, messages.SUCCESS)
        return redirect("admin:organisations_endorsement_change", endorsement.pk)

    def _put_back(self, endorsement: Endorsement, by: Any) -> str:
        stopped = deciding.undo(endorsement=endorsement, by=by)
        mail = (
            gettext("The mail had not gone out and was stopped.")
            if stopped
            else gettext("The mail had gone out already.")
        )
        return f"{_stands_again(endorsement)} {mail}"

    def undo_decision(self, row: Endorsement, decided: Decided, *, by: Any) -> str:
        """Undo the decision, unless a colleague has decided since."""
        if snapshot(row) != decided.left:
            raise CannotUndo
        try:
            return self._undo_as(row, decided, by)
        except deciding.DecidingError as error:
            raise CannotUndo(str(error)) from error

    def _undo_as(self, row: Endorsement, decided: Decided, by: Any) -> str:
        _, was_initial, _, question, asked_at = decided.was
        if was_initial != row.is_initial:
            deciding.make_initial(endorsement=row, initial=was_initial, by=by)
            return ""
        if asked_at == decided.left[-1]:
            return self._put_back(row, by)
        before = asked_at and datetime.fromisoformat(asked_at)
        deciding.withdraw_question(endorsement=row, question=question, asked_at=before, by=by)
        return gettext("The question had not gone out and was stopped.")

    def after_undo(self, request: HttpRequest, pks: list[int]) -> HttpResponse:
        """To the one that was decided about, or to the list."""
        if len(pks) == 1 and not request.GET.get("back"):
            return redirect("admin:organisations_endorsement_change", pks[0])
        return super().after_undo(request, pks)

    def _next(self, request: HttpRequest, endorsement: Endorsement) -> HttpResponse:
        """The next one that waits, or the queue when none does."""
        following = self._following(request, endorsement)
        if following is None:
            return redirect("admin:organisations_endorsement_changelist")
        return redirect("admin:organisations_endorsement_change", following.pk)

    def _following(self, request: HttpRequest, endorsement: Endorsement) -> Endorsement | None:
        to_check = desk.seen_by(request.user, Endorsement.objects.to_check())
        return to_check.exclude(pk=endorsement.pk).filter(asked_at=None).first()

    def _page(
        self, request: HttpRequest, endorsement: Endorsement, found: evidence.Evidence, made: dict[str, forms.Form]
    ) -> HttpResponse:
        may = self.has_decide_permission(request)
        to_check = Endorsement.objects.to_check().filter(pk=endorsement.pk).exists()
        listed = endorsement.organisation if endorsement.state == State.LISTED else None
        context = {
            **self.admin_site.each_context(request),
            "title": endorsement.name,
            "opts": self.opts,
            "original": endorsement,
            "endorsement": endorsement,
            "stands": self.stands(endorsement),
            "evidence": found,
            "listed": listed,
            "forms": made,
            "can_decide": may and to_check,
            "can_decline": may and endorsement.state in {State.WAITING, State.LISTED},
            "can_undo": may and endorsement.state in {State.LISTED, State.DECLINED} and endorsement.was,
            "waiting": desk.seen_by(request.user, Endorsement.objects.to_check()).count(),
            "following": self._following(request, endorsement),
            **self.surroundings(request, endorsement),
            **self.queue_context(request),
        }
        return TemplateResponse(request, "admin/organisations/endorsement/decide.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The queue, with a way to the order of the initial supporters."""
        with_initial = Endorsement.objects.listed().filter(is_initial=True).values("statement")
        statements = desk.seen_by(request.user, Statement.objects.filter(pk__in=with_initial))
        extra = {"to_arrange": statements, "title": gettext("Organisations to check")}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def arrange(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The order of a statement's initial supporters, as numbers."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        statement = get_object_or_404(desk.seen_by(request.user, Statement.objects.all()), pk=pk)
        initial = Endorsement.objects.listed().filter(statement=statement, is_initial=True)
        rows = list(initial.select_related("organisation").order_by("position", "pk"))
        form = ArrangeForm(request.POST if request.method == "POST" else None, endorsements=rows)
        if form.is_valid():
            deciding.arrange(statement=statement, order=form.order, by=staff(request).user)
            self.message_user(request, gettext("The order is kept."), messages.SUCCESS)
            return redirect("admin:organisations_endorsement_changelist")
        title = gettext("Initial supporters of “%(statement)s”") % {"statement": statement}
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "form": form}
        context |= self.surroundings(request, statement)
        return TemplateResponse(request, "admin/organisations/endorsement/arrange.html", context)
