"""Telling who follows.

What there is to tell is found in the rows once a minute, and queued for each server with followers, batch by batch.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.fediverse import documents, keeping
from integrations.fediverse.models import Actor, Follower, Inbox, Post
from mail.outbound import guard, kinds
from mail.outbound.models import OutgoingRequest
from petitions.models import Event, Statement, Update

KIND = "fediverse"
BATCH = 200
LOOKED_AT = 50  # of the newest, whether their words have changed
SOON = timedelta(days=7)
DEAD = timedelta(days=7)
GONE = {404, 410}
Telling = Post.Telling


def find() -> int:
    """Note down what is new, changed, gone, or ends soon; returns how much that was."""
    actors = Actor.objects.filter(on_at__isnull=False).select_related("publisher").order_by("pk")
    return sum(_new(actor) + _gone(actor) + _changed(actor) + _soon_over(actor) for actor in actors)


def _public(actor: Actor) -> QuerySet[Statement]:
    return Statement.objects.public().filter(publisher=actor.publisher_id)


def _news(actor: Actor) -> QuerySet[Update]:
    return Update.objects.filter(statement__in=_public(actor), published_at__lte=Now())


def _events(actor: Actor) -> QuerySet[Event]:
    return Event.objects.filter(statement__in=_public(actor))


def _new(actor: Actor) -> int:
    to_come = _events(actor).filter(starts_at__gt=Now())
    made = [
        *_posts(actor, "statement", _untold(actor, "statement", _public(actor), "published_at"), "published_at"),
        *_posts(actor, "update", _untold(actor, "update", _news(actor), "published_at"), "published_at"),
        *_posts(actor, "event", _untold(actor, "event", to_come, "changed_at"), "changed_at"),
    ]
    return len(Post.objects.bulk_create(made, ignore_conflicts=True))


def _untold(actor: Actor, name: str, rows: QuerySet[Any], by: str) -> Iterable[Any]:
    told = Exists(Post.objects.filter(**{"actor": actor, "gone_at": None, name: OuterRef("pk")}))
    related = [] if name == "statement" else ["statement"]
    return rows.exclude(told).select_related(*related).order_by(by, "pk")[:BATCH]


def _posts(actor: Actor, name: str, rows: Iterable[Model], by: str) -> Iterable[Post]:
    """What was there before it was switched on stands in its list, and nobody is told of it as if it were new."""
    for row in rows:
        at = getattr(row, by)
        is_new = actor.on_at is not None and at >= actor.on_at
        post = Post(actor=actor, at=at, telling=Telling.CREATE if is_new else "", **{name: row})
        post.digest = documents.digest(post)
        yield post


def _idle(actor: Actor) -> QuerySet[Post]:
    """What is being told is told to the end first."""
    return Post.objects.filter(actor=actor, gone_at=None, telling="")


def _gone(actor: Actor) -> int:
    here = Q(statement__in=_public(actor)) | Q(update__in=_news(actor)) | Q(event__in=_events(actor))
    return (
        _idle(actor)
        .exclude(pk__in=_idle(actor).filter(here).values("pk"))
        .update(gone_at=Now(), telling=Telling.DELETE, reached=0)
    )


def _changed(actor: Actor) -> int:
    newest = _idle(actor).select_related("statement", "update__statement", "event__statement").order_by("-pk")
    number = 0
    for post in newest[:LOOKED_AT]:
        digest = documents.digest(post)
        if digest != post.digest:
            values = {"digest": digest, "changed_at": Now(), "telling": Telling.UPDATE, "reached": 0}
            number += Post.objects.filter(pk=post.pk, telling="").update(**values)
    return number


def _soon_over(actor: Actor) -> int:
    """A statement that closes within a week is brought up once more, if it has been there for longer."""
    closing = _public(actor).filter(
        closed_at=None, closes_at__gt=Now(), closes_at__lt=Now() + SOON, published_at__lt=Now() - SOON
    )
    return (
        _idle(actor)
        .filter(statement__in=closing, announced_at=None)
        .update(announced_at=Now(), telling=Telling.ANNOUNCE, reached=0)
    )


def tell() -> int:
    """Queue one batch of what is to be told; returns how much that was."""
    rows = Post.objects.exclude(telling="").select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    post = rows.first()
    if post is None:
        return 0
    theirs = Exists(Follower.objects.filter(actor=post.actor_id, inbox=OuterRef("pk")))
    inboxes = list(Inbox.objects.filter(theirs, pk__gt=post.reached).order_by("pk")[:BATCH])
    OutgoingRequest.objects.bulk_create([_request(post, inbox) for inbox in inboxes])
    is_last = len(inboxes) < BATCH
    post.reached = 0 if is_last else inboxes[-1].pk
    post.telling = "" if is_last else post.telling
    post.save(update_fields=["reached", "telling"])
    return 1 + len(inboxes)


def _request(post: Post, inbox: Inbox) -> OutgoingRequest:
    return OutgoingRequest(
        kind=KIND,
        host=guard.host_of(inbox.url),
        context={"post": post.pk, "what": post.telling, "inbox": inbox.pk},
        sequence=f"{KIND}:{post.actor_id}:{inbox.pk}",
    )


def _answered(row: OutgoingRequest, answer: kinds.Answer) -> None:
    Inbox.objects.filter(pk=row.context["inbox"]).exclude(failing_since=None).update(failing_since=None)


def _failed(row: OutgoingRequest) -> None:
    """An inbox that is gone, or has taken nothing for a week, is forgotten with everybody behind it."""
    inbox = Inbox.objects.filter(pk=row.context["inbox"])
    inbox.filter(failing_since=None).update(failing_since=Now())
    given_up = inbox.filter(failing_since__lt=timezone.now() - DEAD)
    (inbox if row.status in GONE else given_up).delete()


@kinds.kind(KIND, answered=_answered, failed=_failed)
def deliver(row: OutgoingRequest) -> kinds.Request | kinds.Skip:
    """One thing for one server."""
    inbox = Inbox.objects.filter(pk=row.context["inbox"]).first()
    rows = Post.objects.select_related("actor__publisher", "statement", "update__statement", "event__statement")
    post = rows.filter(pk=row.context["post"], actor__on_at__isnull=False).first()
    if inbox is None or post is None or not Follower.objects.filter(actor=post.actor, inbox=inbox).exists():
        return kinds.Skip("nobody follows there any more")
    what = row.context["what"]
    if post.gone_at is not None and what != Telling.DELETE:
        return kinds.Skip("it is gone")
    return keeping.signed(post.actor, "POST", inbox.url, documents.as_bytes(documents.activity(post, what)))


def outbox(actor: Actor, before: int | None, most: int) -> list[Post]:
    """What it has told, the newest first."""
    rows = Post.objects.filter(actor=actor, gone_at=None).select_related(
        "actor__publisher", "statement", "update__statement", "event__statement"
    )
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[:most])
