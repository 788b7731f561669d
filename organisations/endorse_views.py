"""Endorsing in a browser: choose, the form, the waiting page, thanks, and a representative's own page."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import query, resolver, tokens
from core.http import no_store, public, redirect_303, takes_files, too_large
from core.network import ip_key
from organisations import consent, endorsing, kind, logos, thanking, toolkit
from organisations.emails import PREFILL
from organisations.forms import EndorseForm, ReviseForm
from organisations.models import MANAGE, AgreedHow, Endorsement
from petitions.models import Statement
from petitions.signatures.forms import clean_via
from petitions.statements import finding
from submissions import own_links
from submissions.waiting import WaitingPage

# A logo that is too big should get an error beside its field, not a bare refusal: so more is read than is taken.
MOST_BODY = 4 * logos.MOST_BYTES


@require_safe
@finding.with_statement
def endorse(request: HttpRequest, statement: Statement) -> HttpResponse:
    """Two plain links: agreed already, or to be taken to a meeting first."""
    return public(render(request, "organisations/endorse.jinja", {"statement": statement}))


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def endorse_form(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The form; POST leads to the waiting page, whoever sent it."""
    if _body_too_big(request):
        return too_large(request)
    if request.method != "POST":
        form = EndorseForm(statement=statement, initial=_initial(request, statement))
        return _form_page(request, statement, form, 200)
    form = EndorseForm(request.POST, request.FILES, statement=statement)
    if not form.is_valid():
        return _form_page(request, statement, form, 422)
    try:
        asked = endorsing.endorse(statement=statement, ip_key=ip_key(request), **form.typed)
    except endorsing.StatementClosed:
        return _form_page(request, statement, form, 409)
    return EndorseWaiting.lead(statement, email=form.cleaned_data["contact_email"], asked=asked)


def _body_too_big(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) > MOST_BODY


def _initial(request: HttpRequest, statement: Statement) -> dict[str, Any]:
    """What the link in the reminder knows: the mailbox, and when the meeting was."""
    version = statement.version
    initial = {"via": clean_via(query.text(request, "via")), "version": version.number if version else None}
    try:
        known = tokens.unseal(PREFILL, request.GET.get("k", ""))
    except tokens.BadToken:
        return initial
    how = AgreedHow.MEMBERS_MEETING
    return {**initial, "contact_email": known["email"], "agreed_on": date.fromisoformat(known["on"]), "agreed_how": how}


def _form_page(request: HttpRequest, statement: Statement, form: EndorseForm, status: int) -> HttpResponse:
    context = {
        "statement": statement,
        "form": form,
        "closed": status == 409 or not (statement.is_open and statement.takes_organisations),
        "suggestion": form.suggestion if form.is_bound else None,
        "consent": consent.SENTENCE,
    }
    return no_store(render(request, "organisations/endorse_form.jinja", context, status=status))


class EndorseWaiting(WaitingPage):
    """What waits for a representative's mail."""

    kind_name, purpose, url_name = endorsing.KIND, "endorsing-waiting", "endorse_check_email"
    template = "organisations/check_email.jinja"

    def change_url(self) -> str:
        return reverse("endorse_form", args=[self.subject.slug])


@require_http_methods(["GET", "HEAD", "POST"])
@finding.with_statement
def check_email(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The page that waits for the mail."""
    return EndorseWaiting.answer(request, statement)


def find(ids: tuple[int, ...]) -> Endorsement | None:
    """The endorsement of a token, with what its pages show."""
    related = Endorsement.objects.select_related("statement", "version", "organisation__logo", "logo")
    return related.filter(pk=ids[0]).first() if ids else None


@require_safe
@finding.with_statement
def thanks(request: HttpRequest, statement: Statement) -> HttpResponse:
    """A person will check this; here is what will appear then. What has been decided leads to its own page."""
    try:
        endorsement_id, *waits = tokens.read_token(thanking.THANKS, resolver.clean_value(request.GET.get("k", "")))
    except (tokens.BadToken, ValueError):
        return tokens.unknown(request)
    endorsement = find((endorsement_id,))
    if endorsement is None or endorsement.statement_id != statement.pk:
        return tokens.unknown(request)
    if waits:
        return no_store(render(request, "organisations/thanks.jinja", {"statement": statement, "endorsement": None}))
    own = thanking.manage_url(endorsement)
    if endorsement.state != Endorsement.State.WAITING and own:
        return no_store(redirect_303(own))
    if not own:  # a newer link leads to it, and only mail has that
        return no_store(render(request, "organisations/thanks.jinja", {"statement": statement, "endorsement": None}))
    return no_store(render(request, "organisations/thanks.jinja", _context(endorsement)))


def _context(endorsement: Endorsement, **more: Any) -> dict[str, Any]:
    return {
        "endorsement": endorsement,
        "statement": endorsement.statement,
        "manage_url": thanking.manage_url(endorsement),
        "shown": kind.shown(endorsement, endorsement.logo),
        **more,
    }


@tokens.answers(MANAGE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """A representative's own page: where it stands, what it can be used for, and the way out."""
    endorsement = find(ids)
    if endorsement is None:
        return tokens.unknown(request)
    if not own_links.is_newest(endorsement, ids):
        return tokens.replaced(request)
    changed = "changed" if request.GET.get("done") == "changed" else ""
    done = _manage_post(request, endorsement) if request.method == "POST" else changed
    return _manage_page(request, find(ids) or endorsement, token, done)


def _manage_post(request: HttpRequest, endorsement: Endorsement) -> str:
    """What was done, if anything."""
    action = request.POST.get("action", "")
    if action == "new_link":
        known = {"endorsement_id": endorsement.pk, "link_number": endorsement.link_number}
        return action if endorsing.renew_link(**known) else ""
    verb = {"withdraw": endorsing.withdraw, "put_back": endorsing.put_back}.get(action)
    if verb is None:
        return ""
    try:
        verb(endorsement_id=endorsement.pk)
    except endorsing.NotThere:
        return ""
    return "withdrawn" if verb is endorsing.withdraw else "put_back"


def _manage_page(request: HttpRequest, endorsement: Endorsement, token: str, done: str) -> HttpResponse:
    is_listed = endorsement.state == Endorsement.State.LISTED
    details_url = reverse("endorsement_details", args=[token])
    minutes = settings.WITHDRAWN_MINUTES
    context = _context(endorsement, done=done, details_url=details_url, withdrawn_minutes=minutes)
    context |= toolkit.links(endorsement) if is_listed else {}
    return render(request, "organisations/manage.jinja", context)


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, token: str) -> HttpResponse:
    """Change what the endorsement says; it goes back to the moderators, and the page says so before the button."""
    if _body_too_big(request):
        return too_large(request)
    try:
        ids = tokens.read_token(MANAGE, token)
    except tokens.BadToken:
        return tokens.unknown(request)
    endorsement = find(ids)
    if endorsement is not None and not own_links.is_newest(endorsement, ids):
        return no_store(tokens.replaced(request))
    if endorsement is None or endorsement.state not in {Endorsement.State.WAITING, Endorsement.State.LISTED}:
        return tokens.unknown(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReviseForm(*posted, endorsement=endorsement)
    if not form.is_valid():
        context = _context(endorsement, form=form)
        return no_store(render(request, "organisations/details.jinja", context, status=422 if form.is_bound else 200))
    return _revise(request, endorsement, form, token)


def _revise(request: HttpRequest, endorsement: Endorsement, form: ReviseForm, token: str) -> HttpResponse:
    name, no_logo = form.cleaned_data["organisation"], form.cleaned_data.get("no_logo", False)
    try:
        endorsing.revise(endorsement_id=endorsement.pk, name=name, no_logo=no_logo, **form.details)
    except endorsing.NotThere:
        return tokens.unknown(request)
    return redirect_303(f"{reverse('manage', args=[token])}?done=changed")
