"""Acts on several rows that ask first: what happens, to which rows, and why; the big ones ask who you are, too."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import audit
from core.admin.base import HouseAdmin

AT_ONCE = 500


class AskForm(forms.Form):
    """Why; and who you are, before something big happens in your name."""

    reason = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"class": "vTextField"}))
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="This is many at once, so we make sure that it is you.",
    )

    def __init__(self, *args: Any, request: HttpRequest, asks: set[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request
        for name in self.fields.keys() - asks:
            del self.fields[name]

    def clean_password(self) -> None:
        """Judged as a log-in is, so that guessing locks the account (axes)."""
        name = self.request.user.get_username()
        if authenticate(self.request, username=name, password=self.cleaned_data["password"]) != self.request.user:
            raise forms.ValidationError("This is not your password.")


@dataclass(frozen=True)
class Decision:
    """An action on several rows that asks first, acts on each, and writes down who decided.

    `act` gets one row and, with `asks_why`, its `reason`; it raises `refuses` for a row that it does not apply to.
    `done` is the past tense, such as "held"; from `password_from` rows on it asks for the password again.
    """

    name: str
    label: str
    consequence: str
    done: str
    act: Callable[..., Any]
    refuses: type[Exception]
    asks_why: bool = False
    password_from: int = AT_ONCE + 1

    # A template would otherwise call the decision instead of reading its label.
    do_not_call_in_templates = True

    def __call__(self, model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        rows = list(queryset[: AT_ONCE + 1])
        if len(rows) > AT_ONCE:
            model_admin.message_user(request, f"Choose at most {AT_ONCE} at a time.", messages.ERROR)
            return None
        form = self._form(request, rows)
        if "confirmed" not in request.POST or (form and not form.is_valid()):
            return self._ask(model_admin, request, rows, form)
        typed = {"reason": form.cleaned_data["reason"]} if self.asks_why else {}
        self._report(model_admin, request, self._decide(request, rows, typed), len(rows))
        return None

    def _form(self, request: HttpRequest, rows: list[Model]) -> AskForm | None:
        asks = {"reason"} if self.asks_why else set()
        asks |= {"password"} if len(rows) >= self.password_from else set()
        return (
            AskForm(request.POST if "confirmed" in request.POST else None, request=request, asks=asks) if asks else None
        )

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
