"""What comes in: kept as it is, proved by the worker, and then somebody follows, or does no longer.

While somebody's server waits only what stands in its request is judged. Who sent it is asked for their key later, by
the worker, through the one door; at most so many an hour, so that nobody has us knock at others.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from core.addresses import remote_key
from integrations.fediverse import documents, keeping, signing
from integrations.fediverse.models import Actor, Follower, Inbox, Received
from mail.outbound import guard, kinds
from mail.outbound.models import OutgoingRequest
from mail.outbound.queue import queue

SENDER, ACCEPT = "fediverse_sender", "fediverse_accept"
_WORDLIKE = re.compile(r"[!-~]{1,500}")  # an address as it is sent: visible ASCII, no blank
LONGEST_HOST = 253  # RFC 1035
PER_HOST, PER_HOUR = 200, 2000
KEPT = timedelta(hours=1)
GONE = {404, 410}
Kind = Received.Kind


class Unreadable(Exception):
    """It is no activity; the text says why."""


class TooMany(Exception):
    """Too much came in within an hour; later it is taken."""


def take(*, actor: Actor, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Keep what the worker is to look at; whether there was anything in it for us.

    Raises Unreadable, Unproved (signing.py) and TooMany.
    """
    said = _read(body)
    kind = _kind(actor, said)
    if kind is None:
        return False
    who = _address(said.get("actor"))
    proof = signing.read(path, headers, body)
    if _host(proof.key_id) != _host(who):
        raise signing.Unproved("Its key is of another host than who sends it.")
    is_known = Follower.objects.filter(actor=actor, address_key=remote_key(who)).exists()
    if kind != Kind.FOLLOW and not is_known:
        return False
    wish = _address(said.get("id")) if kind == Kind.FOLLOW else ""
    if wish and _host(wish) != _host(who):
        raise Unreadable("Its id is of another host than who sends it.")
    told = {"who": who, "wish": wish, "key": proof.key_id, "base": proof.base, "signature": proof.signature}
    _keep(actor, kind, _host(who), told)
    return True


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("It is no JSON.") from error
    if not isinstance(said, dict):
        raise Unreadable("It is no activity.")
    return said


def _kind(actor: Actor, said: dict[str, Any]) -> str | None:
    """What somebody wants of this account; None for all that does not concern it."""
    thing, us = said.get("object"), documents.address(actor)
    what = _id(thing)
    if said.get("type") == "Follow" and what == us:
        return Kind.FOLLOW
    if said.get("type") == "Undo" and isinstance(thing, dict) and thing.get("type") == "Follow":
        return Kind.UNDO if _id(thing.get("object")) == us and _id(thing.get("actor")) == said.get("actor") else None
    if said.get("type") == "Delete" and what and what == said.get("actor"):
        return Kind.DELETE
    return None


def _id(thing: Any) -> Any:
    return thing.get("id") if isinstance(thing, dict) else thing


def _address(thing: Any) -> str:
    """An address on the web that somebody may have. Raises Unreadable."""
    if not isinstance(thing, str) or not _WORDLIKE.fullmatch(thing):
        raise Unreadable("It does not say who sends it, or what.")
    try:
        where = guard.target(thing, is_stranger=True)
    except guard.Refused as error:
        raise Unreadable(str(error)) from error
    if len(where.host) > LONGEST_HOST:
        raise Unreadable("No host has a name so long.")
    return thing


def _host(url: str) -> str:
    try:
        return guard.host_of(url) if urlsplit(url).scheme == "https" else ""
    except guard.Refused:
        return ""


@transaction.atomic
def _keep(actor: Actor, kind: str, host: str, told: dict[str, str]) -> None:
    lately = Received.objects.filter(came_at__gte=Now() - KEPT)
    found = lately.aggregate(all=Count("pk"), host=Count("pk", filter=Q(host=host)))
    if found["all"] >= PER_HOUR or found["host"] >= PER_HOST:
        raise TooMany
    row = Received.objects.create(actor=actor, kind=kind, host=host, told=told)
    queue(kind=SENDER, host=host, context={"received": row.pk}, sequence=f"{SENDER}:{remote_key(told['who']).hex()}")


def _answered(row: OutgoingRequest, answer: kinds.Answer) -> None:
    received = Received.objects.select_related("actor").filter(pk=row.context["received"]).first()
    if received is None or not received.told:
        return
    told = received.told
    sender = _sender(answer.body, told)
    if sender is not None and signing.is_signed(_proof(told), sender["publicKey"]["publicKeyPem"]):
        _act(received, sender)
    _done(received)


def _proof(told: dict[str, str]) -> signing.Proof:
    return signing.Proof(told["key"], told["base"], told["signature"])


def _done(received: Received) -> None:
    """Who it was is forgotten; that something came from there counts for an hour."""
    Received.objects.filter(pk=received.pk).update(told={})


def _sender(body: bytes, told: dict[str, str]) -> dict[str, Any] | None:
    """The account that sent it, as its server describes it, if that key is its own."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    key = said.get("publicKey") if isinstance(said, dict) else None
    is_theirs = (
        isinstance(key, dict)
        and isinstance(key.get("publicKeyPem"), str)
        and (said.get("id"), key.get("id"), key.get("owner")) == (told["who"], told["key"], told["who"])
    )
    return said if is_theirs else None


def _act(received: Received, sender: dict[str, Any]) -> None:
    who = received.told["who"]
    if received.kind != Kind.FOLLOW:
        if received.kind == Kind.UNDO:  # of a Delete the account itself, which still answers, says otherwise
            forget(actor=received.actor, key=remote_key(who))
        return
    inbox = _inbox_of(sender)
    if inbox and received.actor.is_on:
        _follow(received, inbox)


def _inbox_of(sender: dict[str, Any]) -> str:
    """Where to deliver to: the server's common inbox if it has one. Both must be of the account's own host."""
    ends = sender.get("endpoints")
    for one in (ends.get("sharedInbox") if isinstance(ends, dict) else None, sender.get("inbox")):
        try:
            url = _address(one)
        except Unreadable:
            continue
        if _host(url) == _host(sender["id"]):
            return url
    return ""


def _follow(received: Received, url: str) -> None:
    told = received.told
    inbox, _ = Inbox.objects.get_or_create(url_key=remote_key(url), defaults={"url": url})
    values = {"inbox": inbox, "address": told["who"], "follow_id": told["wish"]}
    known = Follower.objects.filter(actor=received.actor, address_key=remote_key(told["who"]))
    before = set(known.values_list("inbox_id", flat=True)) - {inbox.pk}
    follower, _ = Follower.objects.update_or_create(
        actor=received.actor, address_key=remote_key(told["who"]), defaults=values
    )
    keeping.tidy(before)
    queue(kind=ACCEPT, host=guard.host_of(url), context={"follower": follower.pk})


@transaction.atomic
def forget(*, actor: Actor, key: bytes) -> int:
    """Somebody follows no longer; returns how many that was."""
    return keeping.forget(Follower.objects.filter(actor=actor, address_key=key))


def _failed(row: OutgoingRequest) -> None:
    """An account that is gone follows nobody; of whoever can't be asked nothing is kept, and nothing believed."""
    received = Received.objects.select_related("actor").filter(pk=row.context["received"]).first()
    if received is not None and received.told:
        if received.kind == Kind.DELETE and row.status in GONE:
            forget(actor=received.actor, key=remote_key(received.told["who"]))
        _done(received)


@kinds.kind(SENDER, answered=_answered, failed=_failed, tries=3, give_up=timedelta(minutes=30))
def ask_sender(row: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """Who sent something is asked for their key; signed, because some servers answer nobody else."""
    received = Received.objects.select_related("actor").filter(pk=row.context["received"]).first()
    if received is None or not received.told or not received.actor.is_on:
        return kinds.Skip("no longer asked for")
    return keeping.signed(received.actor, "GET", received.told["who"])


@kinds.kind(ACCEPT)
def tell_accepted(row: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """Whoever follows is told so."""
    rows = Follower.objects.select_related("actor__publisher", "inbox")
    follower = rows.filter(pk=row.context["follower"], actor__on_at__isnull=False).first()
    if follower is None:
        return kinds.Skip("follows no longer")
    return keeping.signed(follower.actor, "POST", follower.inbox.url, documents.as_bytes(documents.accept(follower)))
