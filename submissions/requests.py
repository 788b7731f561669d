"""A person's request that came by letter: staff find what is theirs, show it, give it out, correct or erase it.

The record says that a request was answered, by whom and on what ground, and nothing about whose it was. Neither a name
nor an address stands in any address of these pages: what was looked for is posted, and the way on is sealed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core import audit, controls, mailboxes, query, tokens
from core.addresses import masked
from core.admin import AskForm
from core.http import no_store
from core.staff_request import staff
from submissions import erasing, files, holdings
from submissions.holdings import Holding, Mailbox
from submissions.models import Decision

PERMISSION = "submissions.answer_requests"
PURPOSE = "people-desk"
SHOWN = 25

View = Callable[[HttpRequest], HttpResponse]


def _for_who_may(view: View) -> View:
    """Restrict the view to staff who may answer requests, and forbid caching."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return no_store(view(request))

    return guarded


def _render(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    status = context.pop("status", 200)
    shown = {**site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/people/{template}.html", shown, status=status)


@dataclass(frozen=True)
class Found:
    """One search result: its kind, the masked address, and the link to everything of that mailbox."""

    what: Any
    row: Model
    address: str
    url: str


def address_of(mailbox: Mailbox) -> str:
    """The page of everything of a mailbox."""
    sealed = tokens.seal(PURPOSE, {"m": mailbox.mailbox_key.hex(), "c": mailbox.canonical})
    return f"{reverse('admin:people_person')}?{urlencode({'k': sealed})}"


def _line_of(holding: Holding, row: Model) -> str:
    sealed = tokens.seal(PURPOSE, {"h": holding.name, "r": row.pk})
    return f"{reverse('admin:people_line')}?{urlencode({'k': sealed})}"


@controls.page("people/", name="people")
@_for_who_may
def find(request: HttpRequest) -> HttpResponse:
    """Search people by full address or part of their name."""
    sought = request.POST.get("sought", "").strip()
    context: dict[str, Any] = {"sought": sought, "asked": request.method == "POST", "found": [], "error": ""}
    if not sought:
        context["error"] = gettext("Write an address or a name.") if request.method == "POST" else ""
    elif "@" in sought:
        try:
            mailbox = Mailbox.of(mailboxes.read(sought), any_spelling=True)
        except mailboxes.Unclear as unclear:
            context["error"] = unclear.sentence
        else:
            audit.answered(by=staff(request).user, at=Decision, what="Looked for a person by their address", why="")
            return redirect(address_of(mailbox))
    else:
        audit.answered(by=staff(request).user, at=Decision, what="Looked for a person by their name", why="")
        context["found"] = _called(sought)
    return _render(request, "find", gettext("People’s requests"), **context, status=422 if context["error"] else 200)


def _called(name: str) -> list[Found]:
    return [
        Found(holding.one, row, masked(address), _way(holding, row, address))
        for holding in holdings.everything()
        if holding.searched
        for row in holding.called(name).order_by("-pk")[:SHOWN]
        for address in [holding.address_of(row)]
    ]


def _way(holding: Holding, row: Model, address: str) -> str:
    return address_of(Mailbox.of(address, any_spelling=True)) if address else _line_of(holding, row)


def _sealed(request: HttpRequest) -> dict[str, Any]:
    """The content of the sealed address; empty for a foreign one."""
    try:
        return tokens.unseal(PURPOSE, request.GET.get("k", ""))
    except tokens.BadToken:
        return {}


def _mailbox(request: HttpRequest) -> Mailbox | None:
    sealed = _sealed(request)
    return Mailbox(bytes.fromhex(sealed["m"]), canonical=sealed["c"]) if "m" in sealed else None


@controls.page("people/person/", name="people_person")
@_for_who_may
def person(request: HttpRequest) -> HttpResponse:
    """Everything of one mailbox; each thing can be corrected or erased, and all of it given out or erased."""
    mailbox = _mailbox(request)
    if mailbox is None:
        return redirect("admin:people")
    act, item = request.POST.get("act", ""), request.POST.get("item", "")
    if request.method == "POST" and act in ACTS:
        return _ask(request, mailbox, act, item)
    if request.method != "POST":
        audit.answered(by=staff(request).user, at=Decision, what="Looked at all of one person", why="")
    things = [
        (holding, [holding.item(row) for row in holding.shown(mailbox).order_by("-pk")])
        for holding in holdings.everything()
        if holding.on_page
    ]
    context = {
        "things": [(holding, items) for holding, items in things if items],
        "records": holdings.records(mailbox),
        "address": request.get_full_path(),
        "whose": mailbox.canonical,
    }
    return _render(request, "person", gettext("Everything of one person"), **context)


ACTS = {
    "export": _("Give it out"),
    "erase": _("Erase this"),
    "erase_all": _("Erase everything"),
    "correct": _("Correct it"),
}
CONSEQUENCES = {
    "export": _("A file with all that we have of this mailbox, to send to its owner and to nobody else."),
    "erase": _(
        "It goes at once, and that can’t be undone. A keyed hash stays, so that no list and no backup brings it back."
    ),
    "erase_all": _(
        "All of it goes at once, and that can’t be undone. Keyed hashes stay, so that no list and no backup brings "
        "anything of it back."
    ),
    "correct": _("It says what the person told you. Others read it at once, if they could read it before."),
}
# As the record keeps it, in the language of the record.
DONE = {
    "export": "Gave a person all that we have of them",
    "erase": "Erased one thing at a person’s request",
    "erase_all": "Erased all of a person at their request",
    "correct": "Corrected something at a person’s request",
}


def _ask_form(request: HttpRequest, *, is_sure: bool) -> AskForm:
    """On what ground, and who you are."""
    ask = AskForm(request.POST if is_sure else None, request=request, asks={"reason", "password"})
    ask.fields["reason"].help_text = gettext(
        "The ground of the request, such as its number and day. Never a name or an address."
    )
    ask.fields["password"].help_text = gettext("This is about somebody else’s data, so we make sure that it is you.")
    return ask


def _ask(request: HttpRequest, mailbox: Mailbox, act: str, item: str) -> HttpResponse:
    """The second look: what will happen, the ground, and who you are. Only then it is done."""
    found = _thing(mailbox, item) if act in {"erase", "correct"} else None
    if act in {"erase", "correct"} and found is None:
        messages.warning(request, gettext("That is no longer here."))
        return redirect(request.get_full_path())
    is_sure = "sure" in request.POST
    ask = _ask_form(request, is_sure=is_sure)
    own = found[0].form(found[1], request.POST if is_sure else None) if found and act == "correct" else None
    if act == "correct" and own is None:
        messages.warning(request, gettext("That can’t be corrected here."))
        return redirect(request.get_full_path())
    if not is_sure or not ask.is_valid() or not (own is None or own.is_valid()):
        context = {"act": act, "item": item, "label": ACTS[act], "consequence": CONSEQUENCES[act], "form": ask}
        context |= {"own": own, "thing": found and found[0].item(found[1]), "back": request.get_full_path()}
        return _render(request, "ask", str(ACTS[act]), **context)
    return _do(request, mailbox, act, found, own, ask.cleaned_data["reason"])


def _thing(mailbox: Mailbox, item: str) -> tuple[Holding, Model] | None:
    name, _sep, number = item.partition(".")
    holding, pk = holdings.named(name), query.digits(number)
    row = holding.find(mailbox, pk) if holding and holding.on_page and pk is not None else None
    return (holding, row) if holding and row is not None else None


@transaction.atomic
def _do(
    request: HttpRequest, mailbox: Mailbox, act: str, found: tuple[Holding, Model] | None, own: Any, why: str
) -> HttpResponse:
    audit.answered(by=staff(request).user, at=Decision, what=DONE[act], why=why)
    if act == "export":
        return files.as_json(holdings.records(mailbox))
    if act == "erase_all":
        erasing.erase(mailbox)
    elif found and act == "erase":
        found[0].erase(found[1])
    elif found and not found[0].correct(found[1], own):
        messages.warning(request, gettext("That can’t be corrected any more."))
        return redirect(request.get_full_path())
    messages.success(request, gettext("Done. The record says that a request was answered, and nothing about whose."))
    return redirect(reverse("admin:people") if act == "erase_all" else request.get_full_path())


@controls.page("people/line/", name="people_line")
@_for_who_may
def line(request: HttpRequest) -> HttpResponse:
    """One row without a mailbox, such as a name on paper: to look at, or to erase."""
    sealed = _sealed(request)
    holding = holdings.named(sealed.get("h", ""))
    row = holding.called("").filter(pk=sealed.get("r")).first() if holding and holding.searched else None
    if holding is None or row is None:
        messages.warning(request, gettext("That is no longer here."))
        return redirect("admin:people")
    is_sure = request.method == "POST"
    ask = AskForm(request.POST if is_sure else None, request=request, asks={"reason", "password"})
    ask.fields["reason"].help_text = gettext(
        "The ground of the request, such as its number and day. Never a name or an address."
    )
    ask.fields["password"].help_text = gettext("This is about somebody else’s data, so we make sure that it is you.")
    if not ask.is_valid():
        context = {"act": "erase", "label": ACTS["erase"], "consequence": CONSEQUENCES["erase"], "form": ask}
        return _render(request, "ask", f"{holding.one}: {row}", **context, back=reverse("admin:people"))
    with transaction.atomic():
        audit.answered(by=staff(request).user, at=Decision, what=DONE["erase"], why=ask.cleaned_data["reason"])
        holding.erase(row)
    messages.success(request, gettext("Done. The record says that a request was answered, and nothing about whose."))
    return redirect("admin:people")
