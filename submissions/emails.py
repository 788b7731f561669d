"""The mail that asks to confirm: one link, and a list of what waits. Nothing in it was typed by a stranger."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from core import tokens
from mail import outbox
from mail.models import OutgoingEmail
from submissions import limits, status
from submissions.codes import code_of, spaced
from submissions.confirm_views import CONFIRM
from submissions.kinds import Kind, everything
from submissions.mine_views import token_of
from submissions.models import Correspondence
from submissions.status import Status

Facts = dict[tuple[int, int], Status]


def _gather(rows: list[OutgoingEmail]) -> dict[int, list[Status]]:
    """The submissions that each mail lists and that still wait."""
    pairs = {row.pk: [tuple(pair) for pair in row.context["lists"]] for row in rows}
    found = {one.pair: one for one in status.of(pair for listed in pairs.values() for pair in listed)}
    return {
        pk: [found[pair] for pair in listed if pair in found and found[pair].state == "waiting"]
        for pk, listed in pairs.items()
    }


def _item(one: Status) -> dict[str, Any]:
    return {
        "label": one.kind.label,
        "heading": one.kind.heading,
        "button": one.kind.button,
        "title": one.title,
        "language": one.language,
        "at": timezone.localtime(one.created_at),
        "reference": one.reference,
        "code": spaced(code_of(one.number, one.digest)),
    }


def _builder(name: str) -> Callable[[OutgoingEmail, list[Status] | None], outbox.Message | outbox.Skip]:
    def build(row: OutgoingEmail, listed: list[Status] | None) -> outbox.Message | outbox.Skip:
        if not listed:
            return outbox.Skip("nothing waits")
        token = tokens.make_token(CONFIRM, *(number for one in listed for number in one.pair))
        items = [_item(one) for one in listed]
        context = {
            "items": items,
            "only": items[0] if len(items) == 1 else None,
            "confirm_url": tokens.link("confirm", token),
            "until": timezone.localdate(min(one.works_until for one in listed)),
            "statement": {"title": listed[0].title, "language": listed[0].language},
            "reminder": name == "reminder",
        }
        return outbox.Message(name="confirm", to=row.recipient, context=context, publisher=listed[0].publisher)

    return build


@outbox.kind("mine_link", to_anybody=True)
def mine_link(row: OutgoingEmail) -> outbox.Message | outbox.Skip:
    """The link to a mailbox's own page; it goes even to who stopped our mail, because only they can start it again."""
    known = Correspondence.objects.filter(pk=row.context["correspondence"]).first()
    if known is None:
        return outbox.Skip("gone")
    token = token_of(row.recipient, known)
    return outbox.Message("mine_link", row.recipient, {"mine_url": tokens.link("manage", token)})


def mails_of(kind: Kind) -> None:
    """Register the two mails of a kind: the first, and one reminder."""
    for name in ("confirm", "reminder"):
        register = outbox.kind(f"{kind.name}_{name}", gather=_gather, judge=limits.judge, accepted=limits.accepted)
        register(_builder(name))


for _kind in everything():
    mails_of(_kind)
