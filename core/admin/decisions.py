"""Acts on several rows that ask first: what happens, to which rows, and why; the big ones ask who you are, too."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import audit, passwords
from core.admin.base import HouseAdmin
from core.admin.queues import STOOD, Decided, QueueMixin
from core.staff_request import staff
from core.text.boxes import TextBox

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AT_ONCE = 500
FEW = 20  # as many as one may decide about without being asked, for they can be undone


class AskForm(forms.Form):
    """Why; and who you are, before something big happens in your name."""

    reason = TextBox(max_length=120, widget=forms.TextInput(attrs={"class": "vTextField"}))
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=gettext_lazy("This is many at once, so we make sure that it is you."),
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
            raise forms.ValidationError(_("This is not your password."))


@dataclass(frozen=True)
class Decision:
    """An action on several rows that asks first, acts on each, and writes down who decided.

    `act` gets one row and, with `asks_why`, its `reason`; it raises `refuses` for a row that it does not apply to.
    `done` is the past tense, such as "held"; from `password_from` rows on it asks for the password again. `keep` says,
    as JSON can hold it, how a row stands: what was kept before is what undoing goes back to. `few` rows need no
    question; a key (core.admin.queues) needs none for FEW, with its own reason.
    """

    name: str
    label: "StrOrPromise"
    permission: str
    consequence: "StrOrPromise"
    done: "StrOrPromise"
    act: Callable[..., Any]
    refuses: type[Exception]
    asks_why: bool = False
    password_from: int = AT_ONCE + 1
    keep: Callable[[Model], Any] | None = None
    few: int = 0

    why_left: ClassVar["StrOrPromise"] = gettext_lazy("this does not apply to them")
    # A template would otherwise call the decision instead of reading its label.
    do_not_call_in_templates = True

    @property
    def __name__(self) -> str:
        """The name of the action."""
        return self.name

    @property
    def short_description(self) -> "StrOrPromise":
        """The label of the action."""
        return self.label

    @property
    def allowed_permissions(self) -> list[str]:
        """The permissions that the action needs."""
        return [self.permission]

    def __call__(self, model_admin: HouseAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        rows = list(queryset[: AT_ONCE + 1])
        if len(rows) > AT_ONCE:
            model_admin.message_user(
                request, _("Choose at most %(most)s at a time.") % {"most": AT_ONCE}, messages.ERROR
            )
            return None
        form = self._form(request, rows)
        meanwhile = model_admin.decided_meanwhile(request, rows) if isinstance(model_admin, QueueMixin) else []
        is_answered = "confirmed" in request.POST and (form is None or form.is_valid())
        if meanwhile or not (is_answered or self._is_quick(request, len(rows))):
            return self._ask(model_admin, request, rows, form, meanwhile)
        why = request.POST.get("reason", "").strip() or request.POST.get("quick", "").strip()
        done = self._decide(request, rows, {"reason": why[:120]} if self.asks_why else {})
        self._report(model_admin, request, done, len(rows))
        return None

    def _is_quick(self, request: HttpRequest, number: int) -> bool:
        """Whether it needs no question: few rows, and a reason that came with the key, if it takes one."""
        if "confirmed" in request.POST or self.keep is None or number >= self.password_from:
            return False
        quick = request.POST.get("quick")
        has_reason = bool(quick and quick.strip()) or not self.asks_why
        return has_reason and number <= (self.few if quick is None else max(FEW, self.few))

    def _form(self, request: HttpRequest, rows: list[Model]) -> AskForm | None:
        asks = {"reason"} if self.asks_why else set()
        asks |= {"password"} if len(rows) >= self.password_from and not passwords.proved_lately(request) else set()
        typed = request.POST if "confirmed" in request.POST else None
        initial = {"reason": request.POST.get("quick", "")}
        return AskForm(typed, request=request, asks=asks, initial=initial) if asks else None

    def _decide(self, request: HttpRequest, rows: Iterable[Model], typed: dict[str, str]) -> list[Decided]:
        return [done for row in rows if (done := self._decide_one(request, row, typed))]

    def _decide_one(self, request: HttpRequest, row: Model, typed: dict[str, str]) -> Decided | None:
        try:
            with transaction.atomic():
                was = self.keep(row) if self.keep else None
                self.run(request, row, typed)
                return Decided(row.pk, was, self.keep(row) if self.keep else None)
        except self.refuses:
            return None

    def run(self, request: HttpRequest, row: Model, typed: dict[str, str]) -> None:
        """Act on one row and write down who did."""
        self.act(row, **typed)
        label = f"{str(row._meta.verbose_name).capitalize()} {row.pk}"
        with translation.override(settings.LANGUAGE_CODE):  # the record has one language, whoever decided
            what = self.done.capitalize()
        audit.record(by=staff(request).user, on=row, what=what, why=typed.get("reason", ""), label=label)

    def _report(self, model_admin: HouseAdmin, request: HttpRequest, done: list[Decided], of: int) -> None:
        words = _("%(number)d %(done)s.") % {"number": len(done), "done": self.done}
        if done and self.keep and isinstance(model_admin, QueueMixin):
            model_admin.remember(request, done)
            model_admin.say_done(request, words, request.GET.urlencode())
        elif done:
            model_admin.message_user(request, words, messages.SUCCESS)
        if len(done) < of:
            left = ngettext(
                "%(number)d left as they were, because %(why)s.",
                "%(number)d left as they were, because %(why)s.",
                of - len(done),
            ) % {"number": of - len(done), "why": self.why_left}
            model_admin.message_user(request, left, messages.WARNING)

    def _ask(
        self,
        model_admin: HouseAdmin,
        request: HttpRequest,
        rows: list[Model],
        form: forms.Form | None,
        meanwhile: list[str],
    ) -> TemplateResponse:
        queue = model_admin if isinstance(model_admin, QueueMixin) else None
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
            "meanwhile": meanwhile,
            "stood": [(f"{STOOD}{row.pk}", queue.standing(row)) for row in rows] if queue else [],
        }
        status = HTTPStatus.CONFLICT if meanwhile else HTTPStatus.OK
        return TemplateResponse(request, "admin/decision.html", context, status=status)


class OwnRecord(Decision):
    """A decision whose verb takes `by` and writes down itself who decided."""

    def run(self, request: HttpRequest, row: Model, typed: dict[str, str]) -> None:
        self.act(row, by=staff(request).user, **typed)


class OfWordsRead(OwnRecord):
    """A decision about the words that the page showed, also when it asks first; newer ones are left for a look.

    The page says which words they were in a hidden field `seen-<id>`; the verb takes them as `seen`, nothing where no
    page said so, and refuses others.
    """

    why_left = "this does not apply to them, or newer words came since you looked"

    def run(self, request: HttpRequest, row: Model, typed: dict[str, str]) -> None:
        super().run(request, row, {**typed, "seen": request.POST.get(f"seen-{row.pk}", "")})

    def _ask(self, model_admin: HouseAdmin, request: HttpRequest, *rest: Any) -> TemplateResponse:
        response = super()._ask(model_admin, request, *rest)
        carried = {name: value for name, value in request.POST.items() if name.startswith("seen-")}
        response.context_data = {**(response.context_data or {}), "carried": carried}
        return response


def decision(
    name: str, label: "StrOrPromise", *, permission: str, made_of: type[Decision] = Decision, **how: Any
) -> Decision:
    """A Decision as an admin action; `permission` is the short name that `has_<permission>_permission` judges."""
    return made_of(name=name, label=label, permission=permission, **how)
