"""What others read of an account: itself, its posts, its lists.

Sources: ActivityPub, Activity Streams 2.0, RFC 7033 (WebFinger).
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from integrations.fediverse.models import Actor, Follower, Post
from integrations.fediverse.signing import TYPE
from petitions.statements import sharing
from publishers.models import Publisher, picture

CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
VIA = "fediverse"


def address(actor: Actor, what: str = "fediverse_actor") -> str:
    """The whole address of an account, or of its inbox, outbox or followers."""
    return settings.ORIGIN + reverse(what, args=[actor.name])


def key_id(actor: Actor) -> str:
    """What its key is called."""
    return f"{address(actor)}#main-key"


def handle(actor: Actor) -> str:
    """How people write it."""
    return f"@{actor.name}@{settings.ORIGIN.partition('://')[2]}"


def note_address(post: Post) -> str:
    """The whole address of a post."""
    return settings.ORIGIN + reverse("fediverse_post", args=[post.actor.name, post.pk])


def _page_of(publisher: Publisher) -> str:
    return (publisher.origin or settings.ORIGIN) + publisher.get_absolute_url()


def finger(actor: Actor) -> dict[str, Any]:
    """Where an account is, for who knows its handle (RFC 7033)."""
    links = [{"rel": "self", "type": TYPE, "href": address(actor)}]
    page = _page_of(actor.publisher)
    links.append({"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page})
    return {"subject": f"acct:{handle(actor)[1:]}", "aliases": [address(actor), page], "links": links}


def of_actor(actor: Actor) -> dict[str, Any]:
    """The account itself."""
    publisher = actor.publisher
    page = _page_of(publisher)
    logo = picture(publisher.logo_id)
    icon = {"icon": {"type": "Image", "mediaType": "image/webp", "url": settings.ORIGIN + logo.path}} if logo else {}
    return {
        "@context": CONTEXT,
        "id": address(actor),
        "type": "Organization",
        "preferredUsername": actor.name,
        "name": publisher.name,
        "summary": publisher.introduction,
        "url": page,
        "inbox": address(actor, "fediverse_inbox"),
        "outbox": address(actor, "fediverse_outbox"),
        "followers": address(actor, "fediverse_followers"),
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "attachment": [
            {"type": "PropertyValue", "name": "Web", "value": f'<a href="{escape(page)}" rel="me">{escape(page)}</a>'}
        ],
        "publicKey": {"id": key_id(actor), "owner": address(actor), "publicKeyPem": actor.public_key},
        **icon,
    }


def _words(post: Post) -> tuple[str, list[str], str, str]:
    """Title, further lines, where it leads, and the language. Raises ValueError for one whose row is gone."""
    if post.statement is not None:
        it = post.statement
        return it.title, [it.summary], sharing.address(it, VIA), it.language
    if post.update is not None:
        news = post.update
        lines = [news.statement.title]
        link = f"{sharing.whole(news.statement, news.get_absolute_url())}?via={VIA}"
        return news.title, lines, link, news.statement.language
    if post.event is not None:
        event = post.event
        with translation.override(
            event.statement.language if translation.check_for_language(event.statement.language) else None
        ):
            when = str(event.period)
        status = "" if event.status == event.Status.SCHEDULED else event.get_status_display()
        lines = [status, when, event.place, event.summary]
        return event.title, lines, sharing.whole(event.statement, event.get_absolute_url()), event.statement.language
    raise ValueError("It is gone.")


def content(post: Post) -> tuple[str, str, str]:
    """Its words as HTML, where it leads, and the language. Raises ValueError for one whose row is gone."""
    title, lines, link, language = _words(post)
    parts = [f"<strong>{escape(title)}</strong>", *(escape(line).replace("\n", "<br>") for line in lines if line)]
    said = "".join(f"<p>{part}</p>" for part in parts)
    return f'{said}<p><a href="{escape(link)}">{escape(link)}</a></p>', link, language


def digest(post: Post) -> str:
    """Of its words: another one means that others are to be told."""
    return hashlib.sha256("\0".join(content(post)).encode()).hexdigest()[:16]


def of_post(post: Post) -> dict[str, Any]:
    """A post; of one that is gone only that (Activity Streams, Tombstone)."""
    where = note_address(post)
    if post.gone_at is not None:
        return {"@context": CONTEXT, "id": where, "type": "Tombstone"}
    try:
        words, link, language = content(post)
    except ValueError:
        return {"@context": CONTEXT, "id": where, "type": "Tombstone"}
    changed = {"updated": _time(post.changed_at)} if post.changed_at else {}
    return {
        "@context": CONTEXT,
        "id": where,
        "type": "Note",
        "attributedTo": address(post.actor),
        "content": words,
        "contentMap": {language: words},
        "url": link,
        "published": _time(post.at),
        "to": [PUBLIC],
        "cc": [address(post.actor, "fediverse_followers")],
        "sensitive": False,
        **changed,
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def activity(post: Post, what: str) -> dict[str, Any]:
    """What happened to a post: it was created, changed, taken away, or brought up once more."""
    told = of_post(post)
    told.pop("@context")
    where = note_address(post)
    made = {
        "@context": CONTEXT,
        "id": f"{where}#{what}" if what != Post.Telling.UPDATE else f"{where}#{what}-{post.digest}",
        "type": what.capitalize(),
        "actor": address(post.actor),
        "to": [PUBLIC],
        "cc": [address(post.actor, "fediverse_followers")],
        "object": where if what == Post.Telling.ANNOUNCE else told,
    }
    if what in {Post.Telling.CREATE, Post.Telling.ANNOUNCE}:
        made["published"] = _time(post.announced_at if what == Post.Telling.ANNOUNCE and post.announced_at else post.at)
    return made


def accept(follower: Follower) -> dict[str, Any]:
    """That somebody's wish to follow is granted."""
    us = address(follower.actor)
    wish = {"id": follower.follow_id, "type": "Follow", "actor": follower.address, "object": us}
    return {"@context": CONTEXT, "id": f"{us}#accept-{follower.pk}", "type": "Accept", "actor": us, "object": wish}


def collection(actor: Actor, what: str, total: int, first: str = "") -> dict[str, Any]:
    """A list of which only its length is told, and where it begins if anybody may read it."""
    begins = {"first": first} if first else {}
    return {"@context": CONTEXT, "id": address(actor, what), "type": "OrderedCollection", "totalItems": total, **begins}


def page(actor: Actor, own: str, posts: list[Post], following: str) -> dict[str, Any]:
    """Some of what it has told, the newest first."""
    items = [activity(post, Post.Telling.CREATE) for post in posts]
    for item in items:
        del item["@context"]
    more = {"next": following} if following else {}
    whole = address(actor, "fediverse_outbox")
    return {
        "@context": CONTEXT, "id": own, "type": "OrderedCollectionPage", "partOf": whole, "orderedItems": items, **more
    }  # fmt: skip


def as_bytes(told: dict[str, Any]) -> bytes:
    """As it is sent: the same bytes each time."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
