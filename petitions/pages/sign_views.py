"""Signing in a browser, on a page or in a frame: the form, the waiting page, thanks, and a signer's own page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import query, resolver, tokens
from core.encoding import same_for_all
from core.http import framed, no_store
from core.network import ip_key
from petitions.actions import events
from petitions.signatures import (
    optional,
    proof,
    public_numbers,
    reaffirming,
    signing,
    staying,
    thanking,
    whose_news,
)
from petitions.signatures.forms import CorrectForm, SignForm, clean_via
from petitions.signatures.models import Signature
from petitions.statements import finding, history, promise, sharing
from petitions.statements.models import Statement
from submissions import own_links
from submissions.waiting import WaitingPage


class SignWaiting(WaitingPage):
    """What waits for a signer's mail."""

    kind_name, purpose, url_name = signing.KIND, "signing-waiting", "check_email"
    template = "petitions/check_email.jinja"
    form_name = "sign"

    def change_url(self) -> str:
        return f"{reverse(self.form_name, args=[self.subject.slug])}?via={self.sealed['v']}"


class FramedSignWaiting(SignWaiting):
    """The same in a frame on somebody else's website."""

    purpose, url_name, template = "framed-signing-waiting", "embed_sent", "petitions/embed/sent.jinja"
    form_name, is_framed = "embed_form", True


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def sign(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The form alone; POST asks, and leads to the waiting page."""
    return _sign(request, statement, SignWaiting)


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def framed_sign(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The full form, for a frame on any website; it needs neither cookies nor scripts."""
    return framed(_sign(request, statement, FramedSignWaiting))


def _sign(request: HttpRequest, statement: Statement, waiting: type[SignWaiting]) -> HttpResponse:
    if request.method != "POST":
        version = statement.version
        initial = {"via": clean_via(query.text(request, "via")), "version": version.number if version else None}
        form = SignForm(statement=statement, initial=initial)
        return same_for_all(_form_page(request, statement, form, 200, waiting))
    form = SignForm(request.POST, statement=statement)
    if not form.is_valid():
        return _form_page(request, statement, form, 422, waiting)
    channel = Signature.Channel.EMBED if waiting.is_framed else Signature.Channel.WEB
    try:
        asked = signing.sign(statement=statement, ip_key=ip_key(request), channel=channel, **form.typed)
    except signing.StatementClosed:
        return _form_page(request, statement, form, 409, waiting)
    return waiting.lead(statement, email=form.cleaned_data["email"], asked=asked, v=form.cleaned_data["via"])


def _form_page(
    request: HttpRequest, statement: Statement, form: SignForm, status: int, waiting: type[SignWaiting]
) -> HttpResponse:
    context = {
        "statement": statement,
        "form": form,
        "closed": status == 409 or not (statement.is_open and statement.takes_people),
        "suggestion": form.suggestion,
        "address": sharing.address(statement, "embed") if waiting.is_framed else statement.get_absolute_url(),
        "framed": waiting.is_framed,
    }
    template = "petitions/embed/form.jinja" if waiting.is_framed else "petitions/statement_sign.jinja"
    return no_store(render(request, template, context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The page that waits for the mail."""
    return SignWaiting.answer(request, statement)


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def framed_check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The same in a frame: a right code leads to the page that confirms, which no frame can hold."""
    return FramedSignWaiting.answer(request, statement)


@require_safe
@finding.with_statement
def thanks(request: HttpRequest, statement: Statement) -> HttpResponse:
    """Thank you, the number, and one button to share."""
    try:
        signature_id, *waits = tokens.read_token(thanking.THANKS, resolver.clean_value(request.GET.get("k", "")))
    except (tokens.BadToken, ValueError):
        return tokens.unknown(request)
    signature = Signature.objects.filter(pk=signature_id, statement=statement).first()
    if signature is None:
        return tokens.unknown(request)
    context = {
        "statement": statement,
        "signature": signature,
        "held": signature.state == Signature.State.HELD,
        "removed": signature.state == Signature.State.REMOVED,
        "withdrawn": signature.state == Signature.State.WITHDRAWN,
        "withdrawn_minutes": settings.WITHDRAWN_MINUTES,
        "number": public_numbers.exact_number(public_numbers.tally_of(statement)),
        "share": sharing.links(statement, signature.via),
        "manage_url": "" if waits else thanking.manage_url(signature),
        "events": [event for event in events.coming_and_gone(statement)[0] if event.status_shown in {"on", "moved"}],
    }
    return no_store(render(request, "petitions/thanks.jinja", context))


_CHOICES: dict[str, dict[str, Any]] = {
    "show": {"show_name": True},
    "hide": {"show_name": False},
    "updates_on": {"email_updates": True},
    "updates_off": {"email_updates": False},
}


@tokens.answers(thanking.MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A signer's own page: what is held, and the buttons to change it. No account, no password (WCAG 3.3.8)."""
    signature = _own(ids[0])
    if signature is None:
        return tokens.unknown(request)
    if not own_links.is_newest(signature, ids):
        return tokens.replaced(request)
    is_correcting = request.POST.get("action") == "correct"
    form = CorrectForm(request.POST if is_correcting else None, signature=signature)
    if is_correcting and not form.is_valid():
        return _own_page(request, signature, form, "", 422)
    done = _manage_post(request, signature, form) if request.method == "POST" else ""
    changed = _own(signature.pk) if request.method == "POST" else signature
    return _own_page(request, changed, CorrectForm(signature=changed), done) if changed else tokens.unknown(request)


def _own(signature_id: int) -> Signature | None:
    return Signature.objects.select_related("statement", "version").filter(pk=signature_id).first()


def _own_page(
    request: HttpRequest, signature: Signature, form: CorrectForm, done: str, status: int = 200
) -> HttpResponse:
    answers = optional.open_to(signature)
    corrected = reaffirming.question(signature)
    changes = history.changes(promise.words(signature.version), promise.words(corrected)) if corrected else []
    context = {
        "corrected": corrected,
        "changes": changes,
        "signature": signature,
        "statement": signature.statement,
        "answers": [(field.label, field.said(getattr(signature, field.name))) for field in answers],
        "withdrawn_minutes": settings.WITHDRAWN_MINUTES,
        "whose_news": whose_news.said(signature),
        "begin_own": whose_news.begin_own(signature),
        "stop_own": whose_news.stop_own(signature),
        "news_acts": whose_news.acts(signature),
        "proof": proof.of(signature) if signature.state == Signature.State.CONFIRMED else None,
        "form": form if answers and signature.state == Signature.State.CONFIRMED else None,
        "done": done,
    }
    return render(request, "petitions/manage.jinja", context, status=status)


_ACTS: dict[str, Callable[[Signature, HttpRequest], object]] = {
    "withdraw": lambda signature, _request: signing.withdraw(signature_id=signature.pk),
    "put_back": lambda signature, _request: signing.put_back(signature_id=signature.pk),
    "stay": lambda signature, _request: staying.stay(signature_id=signature.pk),
    "stand_by": lambda signature, request: reaffirming.stand_by(
        signature_id=signature.pk, number=query.digits(request.POST.get("version", "")) or 0
    ),
    "new_link": lambda signature, _request: signing.renew_link(
        signature_id=signature.pk, link_number=signature.link_number
    ),
}


def _manage_post(request: HttpRequest, signature: Signature, form: CorrectForm) -> str:
    action = request.POST.get("action", "")
    try:
        if action in _ACTS:
            _ACTS[action](signature, request)
        elif action == "correct" and form.answers:
            signing.correct(signature_id=signature.pk, **form.answers)
        else:
            return _chosen(signature, action)
    except signing.NotThere:
        return ""
    return action


def _chosen(signature: Signature, action: str) -> str:
    """What was done for who chose otherwise than before. Raises NotThere."""
    if whose_news.press(signature.pk, action):
        return "updates_on" if action.startswith("news_on") else "updates_off"
    if action in _CHOICES:
        signing.choose(signature_id=signature.pk, **_CHOICES[action])
    return action
