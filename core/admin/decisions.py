"""Acts on several rows that ask first: what happens, to which rows, and why; the big ones ask who you are, too."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import audit
from core.admin.base import HouseAdmin

AT_ONCE = 500


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
