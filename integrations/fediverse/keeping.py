"""Making an account, switching it on and off; its keys."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import audit, tokens
from core.audit import Staff
from integrations.fediverse import documents, signing
from integrations.fediverse.models import Actor, Follower, Inbox, Received
from mail.outbound import guard
from mail.outbound.kinds import Request

PURPOSE = "fediverse-key"


class AlreadyDone(Exception):
    """It is on, or off, as asked for."""


@transaction.atomic
def save(*, actor: Actor, by: Staff = None) -> None:
    """Store a new account, which is off, or another name of one that was never on."""
    if actor.pk is None:
        actor.made_by = by
    actor.save()


@transaction.atomic
def switch_on(*, actor: Actor, by: Staff = None) -> None:
    """Let it be found and followed, with a new pair of keys the first time. Raises AlreadyDone."""
    if not actor.private_key:
        private, actor.public_key = signing.make_keys()
        actor.private_key = tokens.seal(PURPOSE, {"pem": private})
    values = {"on_at": Now(), "private_key": actor.private_key, "public_key": actor.public_key}
    if not Actor.objects.filter(pk=actor.pk, on_at=None).update(**values):
        raise AlreadyDone
    audit.record(by=by, on=actor, what="Switched on")


@transaction.atomic
def switch_off(*, actor: Actor, by: Staff = None) -> None:
    """Let nobody find it any more, tell nobody anything, and forget who follows. Raises AlreadyDone."""
    if not Actor.objects.filter(pk=actor.pk, on_at__isnull=False).update(on_at=None):
        raise AlreadyDone
    forget(Follower.objects.filter(actor=actor))
    Received.objects.filter(actor=actor).delete()
    audit.record(by=by, on=actor, what="Switched off")


def forget(leaving: QuerySet[Follower]) -> int:
    """Forget these followers, and inboxes behind which nobody is any more; returns how many followers."""
    inboxes = set(leaving.values_list("inbox_id", flat=True))
    number = leaving.delete()[0]
    tidy(inboxes)
    return number


def tidy(inboxes: Collection[int]) -> None:
    """Forget those of the inboxes behind which nobody is any more."""
    Inbox.objects.filter(pk__in=inboxes, followers=None).delete()


def signed(actor: Actor, method: str, url: str, body: bytes = b"") -> Request:
    """A request by that account to a server that nobody put on the list. Raises Refused without its key."""
    try:
        pem = str(tokens.unseal(PURPOSE, actor.private_key)["pem"])
    except tokens.BadToken as error:
        raise guard.Refused(_("The account’s key was sealed with a SECRET_KEY that is gone.")) from error
    headers = signing.headers(method, url, body, key_id=documents.key_id(actor), private_key=pem)
    return Request(url, method=method, body=body, headers={**headers, "Accept": signing.TYPE}, to_stranger=True)
