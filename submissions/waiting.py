"""The page that waits until a mail is read: what was typed, the code's box, "Send it again".

It says the same to everybody until the submission expires, whether or not a mail could go out, and follows its own
submission and nothing else. An app says what differs in a subclass of `WaitingPage`, and in a template that extends
`waiting.jinja`.
"""

from functools import cached_property, lru_cache
from typing import Any, ClassVar, Protocol, Self

from django import forms
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import tokens
from core.http import framed, no_store, redirect_303
from core.network import ip_key
from mail.inbox import inbox_of
from mail.models import OutgoingEmail
from submissions import agreeing, asking, codes, status
from submissions.asking import Asked
from submissions.confirm_views import CONFIRM, details_of
from submissions.kinds import Details, Kind, named
from submissions.status import Status

RESEND_SECONDS = 60


class CodeForm(forms.Form):
    """The six digits from the mail."""

    use_required_attribute = False
    code = forms.CharField(
        label=gettext_lazy("6-digit code"),
        max_length=12,
        error_messages={"required": gettext_lazy("Enter the 6 digits from the email")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 8}),
    )

    def refuse(self, tried: codes.Tried) -> None:
        """Say that these digits were not the ones, or that too many were not."""
        words = {
            codes.Tried.WRONG: _(
                "That code isn't right. Check the newest email, or press the link in it instead. "
                "After %(tries)s tries only the link works."
            )
            % {"tries": codes.TRIES},
            codes.Tried.TOO_MANY: _("Too many codes were typed today. Press the link in the email instead."),
        }
        self.add_error("code", words[tried])


@lru_cache(maxsize=200)
def _address(url_name: str, slug: str) -> str:
    return reverse(url_name, args=[slug])


class Page(Protocol):
    """The row that submissions belong to, which has a page of its own, such as a statement."""

    @property
    def pk(self) -> int: ...

    @property
    def slug(self) -> str: ...

    def get_absolute_url(self) -> str: ...


class WaitingPage:
    """One request to it. `subject` has the page's slug; `sealed` is what `lead` wrote into the page's address."""

    kind_name: ClassVar[str]
    purpose: ClassVar[str]
    url_name: ClassVar[str]
    template: ClassVar[str]
    is_framed: ClassVar[bool] = False

    def __init__(self, request: HttpRequest, subject: Page, k: str, sealed: dict[str, Any]) -> None:
        self.request, self.subject, self.k, self.sealed = request, subject, k, sealed
        self.email: str = sealed["e"]

    def change_url(self) -> str:
        """Where another address can be typed."""
        return self.subject.get_absolute_url()

    @classmethod
    def lead(cls, subject: Page, *, email: str, asked: Asked, **more: Any) -> HttpResponse:
        """303 to the page of one submission. All such addresses are of one length, so none reveals who is new."""
        sealed = {
            "s": subject.pk, "i": f"{asked.submission_id:012}", "m": f"{asked.mail_id:012}", "e": email,
            "r": asked.reference, **more,
        }  # fmt: skip
        return cls._redirect(subject, sealed)

    @classmethod
    def _redirect(cls, subject: Page, sealed: dict[str, Any], query: str = "") -> HttpResponse:
        return redirect_303(f"{_address(cls.url_name, subject.slug)}?k={tokens.seal(cls.purpose, sealed)}{query}")

    @classmethod
    def answer(cls, request: HttpRequest, subject: Page) -> HttpResponse:
        """The answer to a GET, to the poll of an open tab, or to one of its buttons."""
        page = cls._opened(request, subject)
        if page is None:
            return tokens.unknown(request)
        response = no_store(page._answer())
        return framed(response) if cls.is_framed else response

    @classmethod
    def _opened(cls, request: HttpRequest, subject: Page) -> Self | None:
        k = request.POST.get("k", "") or request.GET.get("k", "")
        try:
            sealed = tokens.unseal(cls.purpose, k)
        except tokens.BadToken:
            return None
        return cls(request, subject, k, sealed) if sealed["s"] == subject.pk else None

    @property
    def kind(self) -> Kind:
        """The kind of what waits."""
        return named(self.kind_name)

    @property
    def reference(self) -> str:
        """The reference, as in the mail."""
        return self.sealed["r"]

    @cached_property
    def status(self) -> Status | None:
        """The status of its own submission; None once it has expired and is deleted."""
        found = status.of([(self.kind.number, int(self.sealed["i"]))])
        return found[0] if found else None

    @cached_property
    def details(self) -> Details | None:
        """The submission that the code confirms; None when it has been deleted."""
        found = self.status
        return details_of([found], is_reader=False).get(found.pair) if found else None

    @property
    def next_url(self) -> str | None:
        """Where an open tab moves on to when its own submission was agreed to elsewhere; it names and opens nothing."""
        found = self.status
        if found is None or found.state != "agreed" or not found.result_id:
            return None
        return self.kind.url(found.result_id, is_reader=False) or None

    @property
    def base(self) -> str:
        """The page that it extends."""
        return "petitions/embed/frame.jinja" if self.is_framed else "base.jinja"

    def _answer(self) -> HttpResponse:
        if self.request.method == "POST":
            return self._press()
        if self.request.headers.get("Accept") == "application/json":
            return JsonResponse({"next": self.next_url})
        if self.next_url and not self.is_framed:
            return redirect_303(self.next_url)
        return self._show()

    def _press(self) -> HttpResponse:
        action = self.request.POST.get("action")
        if action == "resend":
            return self._resend()
        if action == "change":
            return redirect_303(self.change_url())
        return self._type(CodeForm(self.request.POST))

    def _resend(self) -> HttpResponse:
        if self._asked_just_now():
            return self._show(too_soon=True)
        mail_id = asking.ask_again(self.kind, int(self.sealed["i"]), self.email)
        return self._redirect(self.subject, {**self.sealed, "m": f"{mail_id:012}"}, "&resent=1")

    def _asked_just_now(self) -> bool:
        mails = OutgoingEmail.objects.annotate(age=Now() - F("created_at"))
        asked = mails.filter(pk=int(self.sealed["m"])).first()
        return asked is not None and asked.age.total_seconds() < RESEND_SECONDS

    def _type(self, form: CodeForm) -> HttpResponse:
        found = self.status
        if form.is_valid() and found is None:
            form.add_error("code", _("What you sent is no longer here. Fill in the form again."))
        if not form.is_valid() or found is None:
            return self._show(status=422, code_form=form)
        tried = codes.attempt(self.kind, found, form.cleaned_data["code"], ip_key=ip_key(self.request))
        if tried is codes.Tried.RIGHT:
            return self._believe(found)
        form.refuse(tried)
        return self._show(status=422, code_form=form)

    def _believe(self, found: Status) -> HttpResponse:
        """The digits were right: agree, unless a frame could hide the words, or there is something to choose."""
        confirm = tokens.link("confirm", tokens.make_token(CONFIRM, *found.pair))
        submission = self.kind.model._default_manager.get(pk=found.id)
        if self.is_framed:
            return self._show(confirm_url=confirm)
        if self.kind.needs_page(submission):
            return redirect_303(confirm)
        try:
            return redirect_303(agreeing.agree(*found.pair).url)
        except agreeing.NotAgreed:
            return redirect_303(confirm)

    def _show(self, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "waiting": self,
            "base": self.base,
            "done": self.is_framed and bool(self.next_url),
            "statement": self.subject,
            "here": self.request.path,
            "address": self.email,
            "inbox": inbox_of(self.email),
            "k": self.k,
            "code_form": CodeForm(),
            "confirm_url": "",
            "too_soon": False,
            "resent": self.request.GET.get("resent") == "1",
            "most_a_day": settings.MAILS_UNANSWERED_FIRST_DAY,
            **more,
        }
        return render(self.request, self.template, context, status=status)
