"""The page behind both links of the mail that asks people on a list. Opening it changes nothing; a button answers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import tokens
from exchange import inquiring
from exchange.models import Import, Inquiry

State = Inquiry.State


@tokens.answers(inquiring.KEEP)
def keep_page(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The page with the two buttons, as the first link of the mail leads to it."""
    return _page(request, ids[0], request.POST.get("answer", ""), first="keep")


@tokens.answers(inquiring.OFF)
def off_page(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """The same as the second link leads to it. A mail program that posts by itself takes them off (RFC 8058 3.1)."""
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    return _page(request, ids[0], "off" if one_click else request.POST.get("answer", ""), first="off")


def _page(request: HttpRequest, pk: int, answer: str, *, first: str) -> HttpResponse:
    if request.method == "POST" and answer == "off":
        inquiring.take_off(inquiry_id=pk)
    elif request.method == "POST" and answer == "keep":
        inquiring.keep(inquiry_id=pk)
    one = inquiring.find(pk)
    if one is None:
        return tokens.unknown(request)
    context = {
        "inquiry": one,
        "listed": one.of,
        "statement": one.statement,
        "name": one.row.read_as.get("name", "") if one.row else "",
        "shown": bool(one.row and one.row.read_as.get("show_name")),
        "news": bool(one.row and one.row.read_as.get("email_updates")),
        "stands": _stands(one),
        "first": first,
    }
    return render(request, "exchange/inquiry.jinja", context)


def _stands(one: Inquiry) -> str:
    """What the page says: `asks`, `kept`, `held`, `signed`, `off` or `over`."""
    signature = inquiring.signed(one)
    if signature is not None and signature.import_id is None and signature.state != signature.State.REMOVED:
        return "signed"
    if signature is not None and signature.state != signature.State.REMOVED:
        return "held" if signature.state == signature.State.HELD else "kept"
    if one.is_open and one.of.state != Import.State.UNDONE:
        return "asks"
    return "off" if one.state == State.OFF else "over"
