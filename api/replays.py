"""Idempotency-Key: a request that is sent again is not done again (draft-ietf-httpapi-idempotency-key-header-07).

The same key of the same token with the same body gets the same answer for a day. What was refused had done nothing, so
it is tried anew. While the first is under way, the second is told so: that is an advisory lock of the transaction in
which all of it happens, which the database drops with it, however the process ends.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from api.models import Replay, Token
from api.problems import Refused
from core.http import no_store

HEADER = "Idempotency-Key"
LONGEST = 255


def once(request: HttpRequest, token: Token | None, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What `act` answers, or what it answered before; in the caller's transaction.

    Raises Refused: 400 for a key that can't be one, 409 while the first is under way, 422 for another request with the
    same key.
    """
    key = request.headers.get(HEADER)
    if key is None or token is None:
        return act()
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise Refused(400, f"{HEADER} takes 1 to {LONGEST} printable ASCII characters, such as a UUID.")
    if not _locked(token, key):
        words = f"A request with this {HEADER} is under way. Wait a second, then send it again."
        raise Refused(409, words, headers={"Retry-After": "1"})
    fingerprint = _fingerprint(request)
    if known := _known(token, key):
        return _again(known, fingerprint)
    response = act()
    if response.status_code < 300:
        values = {"fingerprint": fingerprint, "status": response.status_code, "body": response.content.decode()}
        Replay.objects.update_or_create(token=token, key=key, defaults={**values, "created_at": Now()})
    return response


def _locked(token: Token, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"replay {token.pk} {key}"])
        return bool(cursor.fetchone()[0])


def _known(token: Token, key: str) -> Replay | None:
    kept = timedelta(settings.API_REPLAY_DAYS)
    return Replay.objects.filter(token=token, key=key, created_at__gt=Now() - kept).first()


def _fingerprint(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\0".encode() + request.body
    return salted_hmac("api.replay", said, secret=settings.HASH_SECRET, algorithm="sha256").hexdigest()


def _again(known: Replay, fingerprint: str) -> HttpResponse:
    if known.fingerprint != fingerprint:
        raise Refused(422, f"This {HEADER} came with another request before. Make a new one for each thing to be done.")
    headers = {"Idempotency-Replayed": "true"}
    answer = HttpResponse(known.body, status=known.status, content_type="application/json", headers=headers)
    return no_store(answer)
