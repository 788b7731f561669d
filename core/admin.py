"""What staff pages of every app are made of: safe media, lists that never count, questions before acts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime, AdminTimeWidget
from django.db import transaction
from django.db.models import DateTimeField, Model, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from js_asset import Media

from core import audit
from core.models import OutgoingEmail

AFTER = "after"
AT_ONCE = 500


class DateAndTime(AdminSplitDateTime):
    """A date and a time, each with a name that a screen reader can say."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        named = [AdminDateWidget(attrs={"aria-label": "Date"}), AdminTimeWidget(attrs={"aria-label": "Time"})]
        forms.MultiWidget.__init__(self, named, attrs)


class HouseAdmin(admin.ModelAdmin):
    """A ModelAdmin whose scripts carry the nonce that our content security policy asks for."""

    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = {DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime}}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["media"] = with_nonce(request, context["media"])
        return super().render_change_form(request, context, *args, **kwargs)


def with_nonce(request: HttpRequest, media: forms.Media) -> Media:
    """The same scripts and styles, allowed to run on this page."""
    return Media.from_media(media, nonce=str(request.csp_nonce))


class KeyChangeList(ChangeList):
    """Pages by key: one query of a page and one row, whatever the size of the table. Newest first, nothing counted."""

    def get_filters_params(self, params: dict | None = None) -> dict:
        # Searching or filtering anew starts at the newest row.
        self.params.pop(AFTER, None)
        self.filter_params.pop(AFTER, None)
        return super().get_filters_params(params)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        after = request.GET.get(AFTER, "")
        found = self.queryset.filter(pk__lt=int(after)) if after.isdecimal() and len(after) < 19 else self.queryset
        rows = list(found[: self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        self.result_count = len(self.result_list)
        self.show_admin_actions, self.show_full_result_count, self.full_result_count = True, False, None
        self.can_show_all = self.multi_page = False
        self.paginator = None
        self.newest_url = self.get_query_string() if after else None
        more = len(rows) > self.list_per_page
        self.older_url = self.get_query_string({AFTER: self.result_list[-1].pk}) if more else None


class BigTableAdmin(HouseAdmin):
    """For tables of any size: read-only, paged by key, never counted. What can be done is an action."""

    sortable_by = ()
    actions_on_bottom = False
    show_full_result_count = False
    change_list_template = "admin/key_change_list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeyChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"class": "vTextField"}))


@dataclass(frozen=True)
class Decision:
    """An action on several rows that asks first, acts on each, and writes down who decided.

    `act` gets one row and, with `asks_why`, its `reason`; it raises `refuses` for a row that it does not apply to.
    `done` is the past tense, such as "held".
    """

    name: str
    label: str
    consequence: str
    done: str
    act: Callable[..., Any]
    refuses: type[Exception]
    asks_why: bool = False

    # A template would otherwise call the decision instead of reading its label.
    do_not_call_in_templates = True

    def __call__(self, model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        rows = list(queryset[: AT_ONCE + 1])
        if len(rows) > AT_ONCE:
            model_admin.message_user(request, f"Choose at most {AT_ONCE} at a time.", messages.ERROR)
            return None
        form = ReasonForm(request.POST if "confirmed" in request.POST else None) if self.asks_why else None
        if "confirmed" not in request.POST or (form and not form.is_valid()):
            return self._ask(model_admin, request, rows, form)
        self._report(model_admin, request, self._decide(request, rows, form.cleaned_data if form else {}), len(rows))
        return None

    def _decide(self, request: HttpRequest, rows: Iterable[Model], typed: dict[str, str]) -> int:
        return sum(self._decide_one(request, row, typed) for row in rows)

    def _decide_one(self, request: HttpRequest, row: Model, typed: dict[str, str]) -> bool:
        try:
            with transaction.atomic():
                self.act(row, **typed)
                label = f"{row._meta.verbose_name.capitalize()} {row.pk}"
                audit.record(
                    by=request.user, on=row, what=self.done.capitalize(), why=typed.get("reason", ""), label=label
                )
        except self.refuses:
            return False
        return True

    def _report(self, model_admin: HouseAdmin, request: HttpRequest, done: int, of: int) -> None:
        if done:
            model_admin.message_user(request, f"{done} {self.done}.", messages.SUCCESS)
        if done < of:
            left = f"{of - done} left as they were, because this does not apply to them."
            model_admin.message_user(request, left, messages.WARNING)

    def _ask(
        self, model_admin: HouseAdmin, request: HttpRequest, rows: list[Model], form: forms.Form | None
    ) -> TemplateResponse:
        context = {
            **model_admin.admin_site.each_context(request),
            "title": self.label,
            "opts": model_admin.opts,
            "decision": self,
            "rows": rows,
            "sample": rows[:10],
            "rest": max(0, len(rows) - 10),
            "form": form,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/decision.html", context)


def decision(name: str, label: str, *, permission: str, **how: Any) -> Callable:
    """A Decision as an admin action; `permission` is the short name that `has_<permission>_permission` judges."""
    made = Decision(name=name, label=label, **how)

    @admin.action(description=label, permissions=[permission])
    def act(model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return made(model_admin, request, queryset)

    act.__name__ = name
    return act


class NotFailed(Exception):
    """This mail has not failed, so there is nothing to try again."""


def try_again(row: OutgoingEmail) -> None:
    """Put a failed mail back in the queue, due now, with all its attempts. Raises NotFailed."""
    failed = OutgoingEmail.objects.filter(pk=row.pk, state=OutgoingEmail.State.FAILED)
    again = {"state": OutgoingEmail.State.QUEUED, "attempts": 0, "due_at": Now(), "claimed_until": None}
    if not failed.update(**again, finished_at=None, outcome=""):
        raise NotFailed


class MailStateFilter(admin.SimpleListFilter):
    """Failing mail first: what staff come here for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: HouseAdmin) -> list[tuple[str, str]]:
        return [("all", "All"), *((value, label) for value, label in OutgoingEmail.State.choices if value != "failed")]

    def choices(self, changelist: ChangeList) -> Iterable[dict[str, Any]]:
        everything, *others = super().choices(changelist)
        return [{**everything, "display": "Failed"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value() or OutgoingEmail.State.FAILED
        return queryset if state == "all" else queryset.filter(state=state)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(BigTableAdmin):
    """Mail that could not be delivered, and why; the rest of the queue behind a filter."""

    list_display = ["recipient", "kind", "outcome", "attempts", "created_at", "finished_at"]
    list_filter = [MailStateFilter, "lane"]
    search_fields = ["recipient"]
    search_help_text = "The whole address."
    actions = [
        decision(
            "try_again",
            "Try again",
            permission="retry",
            consequence="The mail goes back to the queue and is sent within seconds.",
            done="put back in the queue",
            act=try_again,
            refuses=NotFailed,
        )
    ]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Who may send a mail again."""
        return request.user.has_perm("core.change_outgoingemail")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(recipient__iexact=term) if term else queryset), False
