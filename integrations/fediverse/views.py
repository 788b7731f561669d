"""The addresses of accounts in the fediverse. What is read is the same for everybody; what comes in is kept."""

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.http import no_store, public
from integrations.fediverse import documents, publishing, receiving, signing
from integrations.fediverse.models import Actor, Post

MOST_TAKEN = 32 * 1024
TAKEN = (signing.TYPE, "application/ld+json")
PER_PAGE = 20
LATER = 900
_NAME = re.compile(r"[a-z0-9_]+")


def _actor(name: str) -> Actor:
    return get_object_or_404(Actor.objects.select_related("publisher"), name=name, on_at__isnull=False)


def _say(told: dict[str, Any], *, kind: str = signing.TYPE, status: int = 200) -> HttpResponse:
    response = public(HttpResponse(documents.as_bytes(told), content_type=f"{kind}; charset=utf-8", status=status))
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def webfinger(request: HttpRequest) -> HttpResponse:
    """Where the account of a handle is (RFC 7033)."""
    wanted = request.GET.get("resource", "")[:500]
    if not wanted:
        return no_store(HttpResponse("Say which: ?resource=acct:name@host\n", "text/plain", status=400))
    name, _, host = wanted.removeprefix("acct:").removeprefix("@").partition("@")
    if wanted.startswith(settings.ORIGIN + "/"):
        found = Actor.objects.select_related("publisher").filter(on_at__isnull=False)
        actor = next((one for one in found if documents.address(one) == wanted), None)
        if actor is None:
            raise Http404
    elif _NAME.fullmatch(name.lower()) and host.lower() == settings.ORIGIN.partition("://")[2]:
        actor = _actor(name.lower())
    else:
        raise Http404
    return _say(documents.finger(actor), kind="application/jrd+json")


@require_safe
def account(request: HttpRequest, name: str) -> HttpResponse:
    """The account itself."""
    return _say(documents.of_actor(_actor(name)))


@require_safe
def followers(request: HttpRequest, name: str) -> HttpResponse:
    """How many follow, and not who."""
    actor = _actor(name)
    return _say(documents.collection(actor, "fediverse_followers", actor.followers.count()))


@require_safe
def outbox(request: HttpRequest, name: str) -> HttpResponse:
    """How much it has told, and where that begins."""
    actor = _actor(name)
    total = Post.objects.filter(actor=actor, gone_at=None).count()
    return _say(documents.collection(actor, "fediverse_outbox", total, _page(actor, 0)))


def _page(actor: Actor, before: int) -> str:
    return settings.ORIGIN + reverse("fediverse_outbox_page", args=[actor.name, before])


@require_safe
def outbox_page(request: HttpRequest, name: str, before: int) -> HttpResponse:
    """Some of what it has told; 0 is the newest."""
    actor = _actor(name)
    if before >= 2**63:
        raise Http404
    found = publishing.outbox(actor, before or None, PER_PAGE + 1)
    following = _page(actor, found[PER_PAGE - 1].pk) if len(found) > PER_PAGE else ""
    return _say(documents.page(actor, _page(actor, before), found[:PER_PAGE], following))


@require_safe
def post(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """One thing that it has told; of what is gone only that."""
    actor = _actor(name)
    rows = Post.objects.select_related("actor__publisher", "statement", "update__statement", "event__statement")
    found = get_object_or_404(rows, actor=actor, pk=min(pk, 2**63 - 1))
    told = documents.of_post(found)
    return _say(told, status=410 if told["type"] == "Tombstone" else 200)


def _answer(status: int, words: str, **headers: str) -> HttpResponse:
    return no_store(HttpResponse(f"{words}\n", "text/plain; charset=utf-8", status=status, headers=headers))


@require_POST
def inbox(request: HttpRequest, name: str) -> HttpResponse:
    """Takes who follows and who leaves; everything else it hears and forgets."""
    actor = _actor(name)
    if request.content_type not in TAKEN:
        return _answer(415, f"Only {' and '.join(TAKEN)} is taken.")
    if len(request.body) > MOST_TAKEN:
        return _answer(413, f"More than {MOST_TAKEN // 1024} KB is nothing that we take.")
    headers = {key.lower(): text for key, text in request.headers.items()}
    try:
        receiving.take(actor=actor, path=request.get_full_path(), headers=headers, body=request.body)
    except receiving.Unreadable as error:
        return _answer(400, str(error))
    except signing.Unproved as error:
        return _answer(401, str(error))
    except receiving.TooMany:
        return _answer(429, "Too much has come in within an hour.", **{"Retry-After": str(LATER)})
    return _answer(202, "Taken.")
