"""Through which every request to the API goes, and every answer: limits, methods, sizes, transactions, headers.

No cookie is read here and none is set. What a browser of another site may do is read: a post needs a content type that
browsers do not send across sites unasked, and asking is answered with no.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from psycopg_pool import PoolTimeout

from api import callers, limits, replays
from api.models import Token
from api.problems import Refused
from core import identity
from core.http import no_store
from core.making import Busy

View = Callable[..., HttpResponse]
SAFE = {"GET", "HEAD"}
WITH_BODY = {"POST", "PATCH"}
AWAY = (OperationalError, InterfaceError, PoolTimeout)


def through(view: View) -> View:
    """The view behind the door."""

    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.method == "OPTIONS":
                return _preflight(request, view(request, *args, **kwargs))
            response = _judged(request, view, args, kwargs)
        except Refused as refused:
            response = refused.response
        except AWAY:
            identity.stop_asking()
            response = unavailable("Our database is away for a moment. Nothing was done: send it again.")
        except Busy:
            response = unavailable("Very many ask for this at this moment. Send it again.")
        return _headed(request, response)

    enter.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie says here who asks
    return enter


def unavailable(words: str) -> HttpResponse:
    """503 with Retry-After."""
    return Refused(503, words, headers={"Retry-After": "10"}).response


def _judged(request: HttpRequest, view: View, args: tuple, kwargs: Mapping[str, Any]) -> HttpResponse:
    try:
        token = callers.sent(request)
    except Refused:
        limits.count(request, None)  # who guesses tokens is a network
        raise
    limits.count(request, token)
    request.__dict__["api_token"] = token
    if request.method in WITH_BODY:
        refused = _as("OPTIONS", request, view, args, kwargs)  # which no view does, so it says what it does
        if request.method not in refused["Allow"]:
            return _known_method(request, refused)
        _read(request)
        return _acted(request, view, args, kwargs, token)
    return _asked(request, view, args, kwargs)


def _asked(request: HttpRequest, view: View, args: tuple, kwargs: Mapping[str, Any]) -> HttpResponse:
    """HEAD is GET without the body, which the server leaves out (RFC 9110, 9.3.2)."""
    method = "GET" if request.method == "HEAD" else str(request.method)
    response = _as(method, request, view, args, kwargs)
    return _known_method(request, response)


def _as(method: str, request: HttpRequest, view: View, args: tuple, kwargs: Mapping[str, Any]) -> HttpResponse:
    """What the view answers to that method."""
    own = request.method
    request.method = method
    try:
        return view(request, *args, **kwargs)
    finally:
        request.method = own


def _known_method(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 405:
        return response
    allowed = _with_head(response["Allow"])
    words = f"{request.method} does nothing here. What does: {allowed}."
    return Refused(405, words, headers={"Allow": allowed}).response


def _with_head(allowed: str) -> str:
    names = {name.strip() for name in allowed.split(",") if name.strip()} | {"OPTIONS"}
    return ", ".join(sorted(names | ({"HEAD"} if "GET" in names else set())))


def _read(request: HttpRequest) -> None:
    """Raises Refused for a body that is no JSON by its header, or larger than anything here needs."""
    if request.content_type != "application/json":
        raise Refused(415, "Send JSON, and say so: `Content-Type: application/json`.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_large = Refused(413, f"That is too much at once: at most {settings.PUBLIC_FORM_BYTES // 1024} KB.")
    if not length.isdecimal() or int(length) > settings.PUBLIC_FORM_BYTES:
        raise too_large
    try:
        if len(request.body) > settings.PUBLIC_FORM_BYTES:
            raise too_large
    except RequestDataTooBig as error:
        raise too_large from error
    except UnreadablePostError as error:
        raise Refused(400, "The body ended before it was whole. Send it again.") from error


def _acted(
    request: HttpRequest, view: View, args: tuple, kwargs: Mapping[str, Any], token: Token | None
) -> HttpResponse:
    """In one transaction with the answer that is kept for a repeat; what is refused leaves nothing behind."""
    with transaction.atomic():
        response = replays.once(request, token, lambda: view(request, *args, **kwargs))
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return _known_method(request, response)


def _preflight(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """Which methods there are; other sites' browsers may read, and neither send a token nor post (Fetch, 3.2)."""
    response = HttpResponse(status=204, headers={"Allow": _with_head(refused["Allow"])})
    response["Access-Control-Allow-Methods"] = "GET, HEAD"
    response["Access-Control-Max-Age"] = "86400"
    return _headed(request, no_store(response))


def _headed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not response.has_header("Cache-Control"):
        no_store(response)
    if request.method not in WITH_BODY and "Authorization" not in request.headers:
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
