"""A mailbox's own page. For now it says whether we write to it, and lets its owner start that again.

Only from here, and only by a press: a mail that could lift it by itself would be a weapon against who stopped us. One
such mail in MINE_EVERY goes to one mailbox, and whoever asks for it gets the same answer.
"""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core import addresses, tokens
from core.forms import AddressField, HouseForm
from core.http import no_store, redirect_303
from mail import outbox, suppression
from mail.models import OutgoingEmail, Suppression
from submissions import own_links
from submissions.models import Correspondence

MINE = "mine-manage"
MINE_EVERY = timedelta(days=30)


class MineForm(HouseForm):
    """Whose page it is."""

    email = AddressField(label=_("Email"), help_text=_("We'll send one email with a link to your own page."))

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
    shown = {"form": form, "asked": asked, "every": MINE_EVERY}
    return no_store(render(request, "submissions/mine.jinja", shown, status=status))


_ASK = """
INSERT INTO submissions_correspondence AS wrote (mailbox_key, asked_at) VALUES (%(key)s, statement_timestamp())
ON CONFLICT (mailbox_key) DO UPDATE SET asked_at = EXCLUDED.asked_at
WHERE wrote.asked_at IS NULL OR wrote.asked_at < statement_timestamp() - %(every)s
RETURNING id
"""


def ask(email: str) -> None:
    """Queue the link to a mailbox's own page, unless it was sent one lately."""
    values: dict[str, Any] = {"key": addresses.mailbox_key(email), "every": MINE_EVERY}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)
        found = cursor.fetchone()
    if found:
        outbox.queue(
            kind="mine_link", recipient=email, lane=OutgoingEmail.Lane.CONFIRM, context={"correspondence": found[0]}
        )


@tokens.answers(MINE)
def manage(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """Whether we write to this mailbox; POST starts or stops it."""
    found = Correspondence.objects.filter(pk=ids[0]).first() if ids else None
    if found is None:
        return tokens.unknown(request)
    if not own_links.is_newest(found, ids):
        return tokens.replaced(request)
    key = bytes(found.mailbox_key)
    if request.method == "POST":
        if request.POST.get("action") == "new_link":
            return _retire(request, found)
        if request.POST.get("action") == "start":
            suppression.lift(key)
        elif request.POST.get("action") == "stop":
            suppression.suppress_key(key)
    stopped = Suppression.objects.filter(mailbox_key=key).first()
    return render(request, "submissions/mine_manage.jinja", {"stopped": stopped, "posted": request.method == "POST"})


def _retire(request: HttpRequest, found: Correspondence) -> HttpResponse:
    """The address itself is not kept here, so its owner types it once more; MINE_EVERY keeps them waiting no longer."""
    own_links.retire(Correspondence, found.pk, found.link_number)
    Correspondence.objects.filter(pk=found.pk).update(asked_at=None)
    return redirect_303(reverse("mine"))
