"""The page that waits until a mail is read: its code, "Send it again", moving on when the link is pressed elsewhere.

It shows the address it was given, and nothing that others could learn from. An app says what differs in a subclass of
`WaitingPage`, and in a template that extends `waiting.html`.
"""

from abc import ABC, abstractmethod
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Self

from django import forms
from django.db.models import F, Model
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from core import tokens
from core.http import no_store, redirect_303
from mail.inbox import inbox_of
from mail.models import OutgoingEmail

RESEND_SECONDS = 60


class CodeForm(forms.Form):
    """The six digits from the mail."""

    use_required_attribute = False
    code = forms.CharField(
        label="6-digit code",
        max_length=12,
        error_messages={"required": "Enter the 6 digits from the email"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 8}),
    )

    def refuse(self) -> None:
        """Say that these digits were not the ones."""
        self.add_error("code", "That code isn't right. Check the newest email, or press the link in it instead.")


@lru_cache(maxsize=200)
def _address(url_name: str, slug: str) -> str:
    return reverse(url_name, args=[slug])


class WaitingPage(ABC):
    """One request to it. `subject` has the page's slug; `sealed` is what `lead` wrote into the page's address."""

    purpose: ClassVar[str]
    url_name: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, request: HttpRequest, subject: Model, k: str, sealed: dict[str, Any]) -> None:
        self.request, self.subject, self.k, self.sealed = request, subject, k, sealed
        self.email: str = sealed["e"]

    @abstractmethod
    def next_for_code(self, typed: str) -> str | None:
        """Confirm with what was typed: the address of the next page, or None when it was not the code."""

    def next_since(self, asked_at: datetime) -> str | None:
        """The next page when the link was pressed elsewhere *after* `asked_at`; it tells nothing of the time before."""
        return None

    @abstractmethod
    def send_again(self) -> HttpResponse | None:
        """Queue the mail once more and `lead` to its page; None when there is nothing left to confirm."""

    def change_url(self) -> str:
        """Where another address can be typed."""
        return self.subject.get_absolute_url()

    @classmethod
    def lead(cls, subject: Model, *, email: str, mail_id: int, resent: bool = False, **more: Any) -> HttpResponse:
        """303 to the page of one submission. Its address is as long for every mail, so that tells nobody who is new."""
        sealed = {"s": subject.pk, "m": f"{mail_id:012}", "e": email, **more}
        query = f"?k={tokens.seal(cls.purpose, sealed)}{'&resent=1' if resent else ''}"
        return redirect_303(_address(cls.url_name, subject.slug) + query)

    @classmethod
    def answer(cls, request: HttpRequest, subject: Model) -> HttpResponse:
        """What a GET, the poll of an open tab, or a press of one of its buttons gets."""
        page = cls._opened(request, subject)
        if page is None:
            return tokens.unknown(request)
        if request.method == "POST":
            return no_store(page._press())
        if request.headers.get("Accept") == "application/json":
            return no_store(JsonResponse({"next": page.asked and page.next_since(page.asked.created_at)}))
        return page._show()

    @classmethod
    def _opened(cls, request: HttpRequest, subject: Model) -> Self | None:
        k = request.POST.get("k", "") or request.GET.get("k", "")
        try:
            sealed = tokens.unseal(cls.purpose, k)
        except tokens.BadToken:
            return None
        return cls(request, subject, k, sealed) if sealed["s"] == subject.pk else None

    @cached_property
    def asked(self) -> OutgoingEmail | None:
        """The mail of this submission, with its age by the database's clock, while it is remembered."""
        mails = OutgoingEmail.objects.annotate(age=Now() - F("created_at"))
        return mails.filter(pk=int(self.sealed["m"])).first()

    def _press(self) -> HttpResponse:
        action = self.request.POST.get("action")
        if action == "resend":
            return self._resend()
        if action == "change":
            return redirect_303(self.change_url())
        return self._type(CodeForm(self.request.POST))

    def _resend(self) -> HttpResponse:
        if self.asked and self.asked.age.total_seconds() < RESEND_SECONDS:
            return self._show(too_soon=True)
        return self.send_again() or tokens.unknown(self.request)

    def _type(self, form: CodeForm) -> HttpResponse:
        if form.is_valid():
            onward = self.next_for_code(form.cleaned_data["code"])
            if onward:
                return redirect_303(onward)
            form.refuse()
        return self._show(status=422, code_form=form)

    def _show(self, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "waiting": self,
            "statement": self.subject,
            "here": self.request.path,
            "address": self.email,
            "inbox": inbox_of(self.email),
            "k": self.k,
            "code_form": CodeForm(),
            "resent": self.request.GET.get("resent") == "1",
            **more,
        }
        return no_store(render(self.request, self.template, context, status=status))
