"""Signing in a browser: the form, the waiting page, the button, thanks, and a signer's own page."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import tokens
from core.http import ip_key, no_store, redirect_303
from petitions.actions import events
from petitions.signatures import signing, telling
from petitions.signatures.forms import SignForm, clean_via
from petitions.signatures.models import Signature
from petitions.statements import finding
from petitions.statements.models import Statement
from petitions.travel import sharing
from submissions.waiting import WaitingPage

THANKS = "sign-thanks"


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def sign(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The form alone; POST signs and leads to the waiting page."""
    if request.method != "POST":
        version = statement.version
        initial = {"via": clean_via(request.GET.get("via", "")), "version": version.number if version else None}
        return _form_page(request, statement, SignForm(statement=statement, initial=initial), 200)
    form = SignForm(request.POST, statement=statement)
    if not form.is_valid():
        return _form_page(request, statement, form, 422)
    try:
        receipt = signing.sign(statement=statement, ip_key=ip_key(request), **form.typed)
    except signing.StatementClosed:
        return _form_page(request, statement, form, 409)
    email, via = form.cleaned_data["email"], form.cleaned_data["via"]
    return SignWaiting.lead(statement, email=email, mail_id=receipt.mail_id, v=via)


def _form_page(request: HttpRequest, statement: Statement, form: SignForm, status: int) -> HttpResponse:
    closed = status == 409 or not (statement.is_open and statement.takes_people)
    context = {"statement": statement, "form": form, "closed": closed, "suggestion": form.suggestion}
    return no_store(render(request, "petitions/statement_sign.html", context, status=status))


class SignWaiting(WaitingPage):
    """What waits for a signer's mail."""

    purpose, url_name, template = "sign-waiting", "check_email", "petitions/check_email.html"

    def next_for_code(self, typed: str) -> str | None:
        moved = signing.confirm_by_code(statement=self.subject, email=self.email, typed=typed)
        return thanks_url(self.subject, moved.id) if moved else None

    def next_since(self, asked_at: datetime) -> str | None:
        signature_id = signing.confirmed_since(statement=self.subject, email=self.email, since=asked_at)
        return thanks_url(self.subject, signature_id, is_read=False) if signature_id else None

    def send_again(self) -> HttpResponse:
        via, sent_from = self.sealed["v"], ip_key(self.request)
        receipt = signing.send_again(statement=self.subject, email=self.email, ip_key=sent_from, via=via)
        return self.lead(self.subject, email=self.email, mail_id=receipt.mail_id, resent=True, v=via)

    def change_url(self) -> str:
        return f"{reverse('sign', args=[self.subject.slug])}?via={self.sealed['v']}"


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The page that waits for the mail."""
    return SignWaiting.answer(request, statement)


def thanks_url(statement: Statement, signature_id: int, *, is_read: bool = True) -> str:
    """The thank-you page of one signature, by a signed value.

    `is_read` says that whoever gets it has read the signer's mail. Another may have typed the address and waits in a
    tab: that page thanks, and names and opens nothing.
    """
    token = tokens.make_token(THANKS, signature_id, *([] if is_read else [0]))
    return f"{reverse('thanks', args=[statement.slug])}?k={token}"


def _thanks(statement: Statement, signature_id: int) -> HttpResponse:
    return redirect_303(thanks_url(statement, signature_id))


@require_safe
@finding.with_statement
def thanks(request: HttpRequest, statement: Statement) -> HttpResponse:
    """Thank you, the number, and one button to share."""
    try:
        signature_id, *waits = tokens.read_token(THANKS, request.GET.get("k", ""))
    except (tokens.BadToken, ValueError):
        return tokens.unknown(request)
    signature = Signature.objects.filter(pk=signature_id, statement=statement).first()
    if signature is None:
        return tokens.unknown(request)
    context = {
        "statement": statement,
        "signature": signature,
        "held": signature.state == Signature.State.HELD,
        "number": telling.exact_number(telling.tally_of(statement)),
        "share": sharing.links(statement, signature.via),
        "manage_url": "" if waits else reverse("manage", args=[tokens.make_token(signing.MANAGE, signature.pk)]),
        "events": [event for event in events.coming_and_gone(statement)[0] if event.standing in {"on", "moved"}],
    }
    return no_store(render(request, "petitions/thanks.html", context))


def _signature(ids: tuple[int, ...]) -> Signature | None:
    return Signature.objects.select_related("statement", "version").filter(pk=ids[0]).first()


@tokens.answers(signing.CONFIRM)
def confirm(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page behind the link in the mail: opening it changes nothing, pressing its button counts."""
    action = request.POST.get("action", "confirm") if request.method == "POST" else ""
    if action == "confirm":
        return _count(request, ids)
    signature = _signature(ids)
    if signature is None:
        return tokens.unknown(request)
    if action == "never":
        signing.disown(signature_id=signature.pk)
        return _confirm_page(request, signature, "disowned")
    if action == "renew":
        return _renew(request, signature)
    return _confirm_page(request, signature, signing.standing(signature.pk))


def _count(request: HttpRequest, ids: tuple[int, ...]) -> HttpResponse:
    """What nearly everybody does here, without reading more of the signature than its change returns."""
    try:
        moved = signing.confirm(signature_id=ids[0])
    except signing.NotConfirmed as refusal:
        signature = _signature(ids)
        return _confirm_page(request, signature, refusal.state) if signature else tokens.unknown(request)
    return _thanks(finding.statement_of(moved.statement_id), moved.id)


def _renew(request: HttpRequest, signature: Signature) -> HttpResponse:
    try:
        signing.renew(signature_id=signature.pk)
    except signing.StatementClosed:
        return _confirm_page(request, signature, "closed")
    return _confirm_page(request, signature, "renewed")


def _confirm_page(request: HttpRequest, signature: Signature, state: str) -> HttpResponse:
    shown = "done" if state == Signature.State.CONFIRMED else state
    context = {
        "signature": signature,
        "statement": signature.statement,
        "state": shown,
        "expires_at": signature.created_at + timedelta(days=settings.UNCONFIRMED_DAYS),
        "manage_url": reverse("manage", args=[tokens.make_token(signing.MANAGE, signature.pk)]),
        "share": sharing.links(signature.statement, signature.via),
    }
    status = 409 if request.method == "POST" and shown == "closed" else 200
    return render(request, "petitions/confirm.html", context, status=status)


_CHOICES = {
    "show": {"show_name": True},
    "hide": {"show_name": False},
    "updates_on": {"email_updates": True},
    "updates_off": {"email_updates": False},
}


@tokens.answers(signing.MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A signer's own page: what is held, and the buttons to change it. No account, no password (WCAG 3.3.8)."""
    done = _manage_post(request, ids[0]) if request.method == "POST" else ""
    signature = _signature(ids)
    if signature is None:
        return tokens.unknown(request)
    context = {"signature": signature, "statement": signature.statement, "token": token, "done": done}
    return render(request, "petitions/manage.html", context)


def _manage_post(request: HttpRequest, signature_id: int) -> str:
    action = request.POST.get("action", "")
    try:
        if action == "withdraw":
            signing.withdraw(signature_id=signature_id)
        elif action in _CHOICES:
            signing.choose(signature_id=signature_id, **_CHOICES[action])
    except signing.NotConfirmed:
        return ""
    return action
