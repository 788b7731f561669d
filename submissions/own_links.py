"""Links to a person's own page. The owner may ask for a new one, which ends all earlier ones.

A link names a row and says how often its owner had asked for another one when it was made (`Linked.link_number`;
nothing, if never). Another one is only ever mailed: somebody else may have seen the old one, so no page leads on to a
newer one, neither the thank-you page nor the page behind the link in the mail that asked to confirm.
"""

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from core import tokens
from mail import outbox
from submissions.models import Linked


def token(purpose: str, row_id: int, link_number: int) -> str:
    """The token of a row's own page, valid until its owner asks for another link."""
    return tokens.make_token(purpose, row_id, *([link_number] if link_number else []))


def in_mail(purpose: str, row: Linked) -> str:
    """The whole address, for a mail to its owner."""
    return tokens.link("manage", token(purpose, row.pk, row.link_number))


def on_page(purpose: str, row: Linked) -> str:
    """The path, for a page that its owner was led to; nothing once there is a newer link, which only mail has."""
    return "" if row.link_number else reverse("manage", args=[token(purpose, row.pk, 0)])


def is_newest(row: Linked, ids: tuple[int, ...]) -> bool:
    """Whether a link with these ids still leads to the row."""
    return row.link_number == (ids[1] if len(ids) > 1 else 0)


@transaction.atomic
def renew(model: type[Linked], row_id: int, link_number: int, *, mail: str, key: str, address: str = "email") -> bool:
    """Let no link to a row work any more but one that is mailed to its owner now; whether that was done.

    Only for who came by the newest one, `link_number`, so that pressing twice sends one mail. `mail` is the kind of
    mail, `key` by what its context names the row, `address` the column with its owner's address; nobody's is renewed
    whose address is forgotten.
    """
    if not retire(model, row_id, link_number, ~Q(**{address: ""})):
        return False
    recipient = model._default_manager.values_list(address, flat=True).get(pk=row_id)
    outbox.queue(kind=mail, recipient=recipient, context={key: row_id})
    return True


def retire(model: type[Linked], row_id: int, link_number: int, *where: Q) -> bool:
    """Let the newest link die; whether it was the newest."""
    rows: models.QuerySet[Linked] = model._default_manager.filter(*where, pk=row_id, link_number=link_number)
    return bool(rows.update(link_number=F("link_number") + 1))
