"""A mailbox's own page: everything it has on this site, with every right, behind a link that only its mail has.

Whoever asks for the link gets the same answer. Only a press of a button on the page lifts "never write to me": a mail
that could do it by itself would be a weapon against who stopped us. So to a mailbox that asked for silence the link
goes out seldom (STOPPED_EVERY), to others once a day.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import addresses, query, tokens
from core.forms import AddressField, HouseForm
from core.http import no_store, redirect_303
from core.models import Tombstone
from mail import outbox, suppression
from mail.models import OutgoingEmail, Suppression
from submissions import erasing, files, holdings, own_links
from submissions.holdings import Act, Holding, Item, Mailbox
from submissions.models import Correspondence

MINE = "mine-manage"
MINE_EVERY = timedelta(days=1)
STOPPED_EVERY = timedelta(days=30)
SIZE = 20


class MineForm(HouseForm):
    """Whose page it is."""

    email = AddressField(
        label=gettext_lazy("Email"), help_text=gettext_lazy("We'll send one email with a link to your own page.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, scope="mine", **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Ask for the link; the answer is the same for every address."""
    form = MineForm(request.POST) if request.method == "POST" else MineForm()
    asked = form.is_bound and form.is_valid()
    if asked:
        ask(form.cleaned_data["email"])
    status = 422 if form.is_bound and not asked else 200
    shown = {"form": form, "asked": asked, "stopped_every": STOPPED_EVERY}
    return no_store(render(request, "submissions/mine.jinja", shown, status=status))


_ASK = """
INSERT INTO submissions_correspondence AS wrote (mailbox_key, asked_at) VALUES (%(key)s, statement_timestamp())
ON CONFLICT (mailbox_key) DO UPDATE SET asked_at = EXCLUDED.asked_at
WHERE wrote.asked_at IS NULL OR wrote.asked_at < statement_timestamp() - CASE WHEN EXISTS (
    SELECT 1 FROM mail_suppression WHERE mail_suppression.mailbox_key = wrote.mailbox_key
) THEN %(stopped)s ELSE %(every)s END
RETURNING id
"""


def ask(email: str) -> None:
    """Queue the link to a mailbox's own page, unless it was sent one lately."""
    values: dict[str, Any] = {
        "key": addresses.mailbox_key(email), "every": MINE_EVERY, "stopped": max(MINE_EVERY, STOPPED_EVERY)
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)
        found = cursor.fetchone()
    if found:
        outbox.queue(
            kind="mine_link", recipient=email, lane=OutgoingEmail.Lane.CONFIRM, context={"correspondence": found[0]}
        )


def token_of(email: str, known: Correspondence) -> str:
    """What leads to the page of an address: keyed hashes of it as it was typed and of its mailbox, under our name.

    It works as long as we remember that we wrote there (WRITTEN_TO_DAYS), and ends when everything is erased, or when
    its owner asks for another one (own_links.py).
    """
    keys = (addresses.mailbox_key(email), addresses.address_key(email))
    newest = [known.link_number] if known.link_number else []
    return tokens.make_token(MINE, known.pk, *(int.from_bytes(key) for key in keys), *newest)


@dataclass(frozen=True)
class Shown:
    """One kind of thing on the page: its items, and where older ones are."""

    holding: Holding
    items: list[Item]
    next_url: str = ""


@tokens.answers(MINE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """Everything of this address, as a page or a file; POST acts on one thing of it, or on all."""
    mailbox = _mailbox(ids)
    if mailbox is None:
        return tokens.unknown(request)
    known = Correspondence.objects.filter(pk=ids[0], mailbox_key=mailbox.mailbox_key).first()
    if known is None:
        return _ended(request, mailbox)
    if not own_links.is_newest(known, (ids[0], *ids[3:])):
        return tokens.replaced(request)
    if request.method == "POST" and request.POST.get("act") == "new_link":
        response = _retire(known)
    elif request.method == "POST":
        response = _post(request, mailbox)
    elif query.text(request, "download"):
        found = holdings.records(mailbox)
        is_json = query.text(request, "download") == "json"
        response = files.as_json(found) if is_json else files.as_page(request, found)
    elif named := _named(query.text(request, "correct"), mailbox):
        response = _correct(request, mailbox, *named)
    else:
        response = _page(request, mailbox)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _retire(known: Correspondence) -> HttpResponse:
    """The address itself is not kept here, so its owner types it once more; MINE_EVERY keeps them waiting no longer."""
    own_links.retire(Correspondence, known.pk, known.link_number)
    Correspondence.objects.filter(pk=known.pk).update(asked_at=None)
    return redirect_303(reverse("mine"))


def _mailbox(ids: tuple[int, ...]) -> Mailbox | None:
    try:
        _correspondence, mailbox_key, address_key, *_link_number = ids
        return Mailbox(mailbox_key.to_bytes(addresses.KEY_BYTES), address_key.to_bytes(addresses.KEY_BYTES))
    except (ValueError, OverflowError):
        return None


def _ended(request: HttpRequest, mailbox: Mailbox) -> HttpResponse:
    """What became of it, not whose it was."""
    erased = Tombstone.objects.filter(subject=mailbox.mailbox_key, kind="", why=Tombstone.Why.ERASED).last()
    if erased is None:
        return tokens.replaced(request)
    return no_store(render(request, "submissions/mine_erased.jinja", {"at": erased.at, "number": None}, status=410))


def _named(value: str, mailbox: Mailbox) -> tuple[Holding, Model] | None:
    """The thing that `signature.12` names, if it is this mailbox's."""
    name, _dot, number = value.partition(".")
    holding, pk = holdings.named(name), query.digits(number)
    if holding is None or not holding.on_page or pk is None:
        return None
    row = holding.find(mailbox, pk)
    return (holding, row) if row is not None else None


def _page(request: HttpRequest, mailbox: Mailbox, *, said: Any = "", status: int = 200) -> HttpResponse:
    only = holdings.named(query.text(request, "kind"))
    kinds = [only] if only and only.on_page else [one for one in holdings.everything() if one.on_page]
    after = query.digits(query.text(request, "after")) if only else None
    shown = [_shown(holding, mailbox, after) for holding in kinds]
    context = {
        "shown": [one for one in shown if one.items],
        "only": only,
        "said": said,
        "stopped": Suppression.objects.filter(mailbox_key=mailbox.mailbox_key).first(),
        "path": request.path,
    }
    return render(request, "submissions/mine_manage.jinja", context, status=status)


def _shown(holding: Holding, mailbox: Mailbox, after: int | None) -> Shown:
    rows = holding.shown(mailbox).order_by("-pk")
    found = list(rows.filter(pk__lt=after)[: SIZE + 1] if after is not None else rows[: SIZE + 1])
    items = [holding.item(row) for row in found[:SIZE]]
    further = urlencode({"kind": holding.name, "after": items[-1].pk}) if len(found) > SIZE else ""
    return Shown(holding, items, f"?{further}" if further else "")


def _correct(request: HttpRequest, mailbox: Mailbox, holding: Holding, row: Model) -> HttpResponse:
    form = holding.form(row, request.POST if request.method == "POST" else None)
    if form is None:
        return _page(request, mailbox, said=_("That can't be corrected any more."))
    if form.is_bound and form.is_valid():
        said = holding.correct(row, form)
        if said:
            return _page(request, mailbox, said=said)
    context = {"form": form, "holding": holding, "item": holding.item(row), "path": request.path}
    return render(request, "submissions/mine_correct.jinja", context, status=422 if form.is_bound else 200)


def _post(request: HttpRequest, mailbox: Mailbox) -> HttpResponse:
    act = request.POST.get("act", "")
    if act in {"start", "stop"}:
        return _page(request, mailbox, said=_write(mailbox, act))
    if act == "erase_all":
        return _erase_all(request, mailbox)
    found = _named(request.POST.get("item", ""), mailbox)
    if found is None:
        return _page(request, mailbox, said=_("That is no longer here."))
    holding, row = found
    if act == "correct":
        return _correct(request, mailbox, holding, row)
    if act == "erase":
        return _erase(request, mailbox, holding, row)
    item = holding.item(row)
    chosen = next((one for one in item.acts if one.name == act), None)
    if chosen is None:
        return _page(request, mailbox, said=_("That can't be done any more. This is how things stand."))
    if chosen.asks and "sure" not in request.POST:
        return _ask(request, holding, item, chosen)
    done = holding.act(row, act)
    said = chosen.said if done else _("That can't be done any more. This is how things stand.")
    return _page(request, mailbox, said=said)


def _write(mailbox: Mailbox, act: str) -> str:
    if act == "start":
        suppression.lift(mailbox.mailbox_key)
        return _("Done. We write to this address again.")
    suppression.suppress_key(mailbox.mailbox_key)
    return _("Done. We don't write to this address any more.")


def _ask(request: HttpRequest, holding: Holding | None, item: Item | None, act: Act) -> HttpResponse:
    context = {"holding": holding, "item": item, "act": act, "path": request.path}
    return render(request, "submissions/mine_sure.jinja", context)


ERASE = Act(
    "erase",
    gettext_lazy("Delete for good"),
    gettext_lazy("Done. It is deleted."),
    asks=gettext_lazy("It goes at once, and that can't be undone."),
)


def _erase(request: HttpRequest, mailbox: Mailbox, holding: Holding, row: Model) -> HttpResponse:
    item = holding.item(row)
    if not item.can_erase:
        return _page(request, mailbox, said=item.state)
    if "sure" not in request.POST:
        return _ask(request, holding, item, ERASE)
    holding.erase(row)
    return _page(request, mailbox, said=ERASE.said)


def _erase_all(request: HttpRequest, mailbox: Mailbox) -> HttpResponse:
    if "sure" not in request.POST:
        asks = _(
            "Everything that we have of this address goes at once, and that can't be undone: what you signed no longer "
            "counts, and what you wrote disappears."
        )
        return _ask(request, None, None, Act("erase_all", _("Delete everything"), "", asks=asks))
    number = erasing.erase(mailbox)
    return render(request, "submissions/mine_erased.jinja", {"at": timezone.now(), "number": number})
