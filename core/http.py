"""Middleware for every request: the origin of posts, and the headers of answers."""

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy
from django.views import defaults
from psycopg_pool import PoolTimeout

from core import identity, refusals, resolver, switches
from core.making import Busy
from core.resolver import is_for_programs, is_staff_path

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
PUBLIC_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FRAMED_CSP = PUBLIC_CSP.replace("frame-ancestors 'none'", "frame-ancestors *")
# What is hidden or renamed is so for everybody within 30 seconds, through any shared cache: for ten seconds one gives
# what it has, for fifteen more while it asks for the new, and this process itself remembers for PAGE_FRESH_SECONDS.
PUBLIC_CACHE = "public, max-age=0, s-maxage=10, stale-while-revalidate=15, stale-if-error=86400"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), browsing-topics=()"

GetResponse = Callable[[HttpRequest], HttpResponse]
Answer = TypeVar("Answer", bound=HttpResponseBase)


class SecurityHeadersMiddleware:
    """Headers that every answer carries (SAFETY 4.1). A view that set one itself knows better."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.MOVED_PERMANENTLY and request.method in UNSAFE:
            response.status_code = HTTPStatus.PERMANENT_REDIRECT  # a GET would lose what was posted (RFC 9110, 15.4.9)
        headers = response.headers
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Styles and scripts are the same for everybody, and a card in a sandbox has no origin to be the same as.
        is_static = request.path_info.startswith(settings.STATIC_URL)
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_static else "same-origin")
        headers.setdefault("Content-Security-Policy", PUBLIC_CSP)
        if "Content-Security-Policy" in headers and "frame-ancestors *" not in headers["Content-Security-Policy"]:
            headers.setdefault("X-Frame-Options", "DENY")
        if is_staff_path(request):
            headers.setdefault("Cache-Control", "no-store")
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            # Django says 0, which is not the length of the page (RFC 9110, 8.6).
            headers.pop("Content-Length", None)
        return response


# Views by what they may do besides. Each is marked last, when nothing wraps it any more.
_cross_site: set[Callable] = set()
_with_files: set[Callable] = set()
_nameless: set[Callable] = set()


def cross_site_allowed(view: Callable) -> Callable:
    """Mark a view that other machines post to, such as one-click unsubscribe (RFC 8058)."""
    _cross_site.add(view)
    return view


def hides_referrer(view: Callable) -> Callable:
    """Mark a view whose own pages ask browsers to tell nobody their address, because it is a key.

    Browsers then send `Origin: null` even to ourselves (Fetch, 3.2); who posts there has the key all the same.
    """
    _nameless.add(view)
    return view


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a browser sent this from one of our own pages, judged without a cookie.

    `Sec-Fetch-Site` decides where it is sent, else `Origin`, which must be ours to the letter; a client that sends
    neither carries no visitor's authority, so it may post like anybody else. Source: Fetch Metadata, OWASP CSRF sheet.
    """
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:
        return True
    return origin in _own_origins(request.get_host())


def _hides_itself(request: HttpRequest) -> bool:
    return "HTTP_SEC_FETCH_SITE" not in request.META and request.META.get("HTTP_ORIGIN") == "null"


def _own_origins(host: str) -> set[str]:
    own = {identity.origin()}
    if settings.DEMO or settings.DEBUG:
        own.add(f"http://{host}")
    return own


class PublicMiddleware:
    """Guards public posts, resolves addresses, and answers when a body is too big or the database away."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_missing = response.status_code == HTTPStatus.NOT_FOUND
        is_mended = is_missing and not is_staff_path(request) and not is_for_programs(request)
        return resolver.mend(request, response, self.get_response) if is_mended else response

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.method not in UNSAFE or is_staff_path(request) or is_for_programs(request):
            return None
        is_ours = is_same_origin(request) or (view in _nameless and _hides_itself(request))
        if view not in _cross_site and not is_ours:
            return no_store(render(request, "403_origin.jinja", status=403))
        if _declared_length(request) > settings.PUBLIC_FORM_BYTES and view not in _with_files:
            return too_large(request)
        return _refuse_many(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, (RequestDataTooBig, TooManyFilesSent)):
            return too_large(request)
        if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
            return unavailable(request)
        if isinstance(error, Busy):
            return unavailable(request, is_busy=True)
        return None


def _refuse_many(request: HttpRequest) -> HttpResponse | None:
    """413 for more fields, or more text beside an upload, than a form of ours has (Django's own limits are staff's)."""
    try:
        values = [value for _, values in request.POST.lists() for value in values]
    except (RequestDataTooBig, TooManyFilesSent):
        return too_large(request)
    too_long = sum(map(len, values)) > settings.PUBLIC_FORM_BYTES
    return too_large(request) if too_long or len(values) > settings.PUBLIC_FORM_FIELDS else None


def _declared_length(request: HttpRequest) -> int:
    value = request.META.get("CONTENT_LENGTH") or "0"
    return int(value) if value.isdecimal() else 0


def takes_files(view: Callable) -> Callable:
    """Mark a view whose form uploads a file and says its own limit."""
    _with_files.add(view)
    return view


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than a form can need."""
    if is_staff_path(request):
        request._mark_post_parse_error()  # type: ignore[attr-defined]  # Django's own: nobody tries to read it again
        return refusals.too_large(request)
    return no_store(render(request, "413.jinja", status=413))


def unavailable(request: HttpRequest, *, is_busy: bool = False) -> HttpResponse:
    """503 with Retry-After; what the person typed stays on the page. `is_busy`: not the database, but a queue."""
    if not is_busy:
        identity.stop_asking()
    if is_staff_path(request):
        return refusals.unavailable(request, is_busy=is_busy, may_resend=is_same_origin(request))
    hidden = {"stamp", "website_2", "work", "k"}
    posted = request.POST.items() if request.method == "POST" else ()
    typed = [(name.replace("_", " ").capitalize(), value) for name, value in posted if name not in hidden and value]
    response = render(request, "503.jinja", {"typed": typed, "is_busy": is_busy}, status=503)
    response["Retry-After"] = "10"
    return no_store(response)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return defaults.bad_request(request, exception, "400.jinja")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if is_staff_path(request):
        return refusals.forbidden(request)
    return defaults.permission_denied(request, exception, "403.jinja")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a post of the desk without Django's token, or with one of an older log-in."""
    return refusals.csrf_failure(request, may_resend=is_same_origin(request))


_OUR_MISTAKE = gettext_lazy("This is a mistake of ours, and it is logged. Nothing was done.")


def broken(request: HttpRequest) -> HttpResponse:
    """500; its page asks for nothing, because anything may be what failed. 503 where the database is away.

    What a view raises is seen to by PublicMiddleware; what a middleware raises, such as for a session, only here.
    """
    if isinstance(sys.exception(), (OperationalError, InterfaceError, PoolTimeout)):
        return unavailable(request)
    if is_for_programs(request):
        said = {"type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": _OUR_MISTAKE}
        return no_store(JsonResponse(said, status=500, content_type="application/problem+json"))
    return defaults.server_error(request, "500.jinja")


def redirect_303(url: str) -> HttpResponse:
    """See Other: the next page is a GET, whatever asked for it (RFC 9110, 15.4.4)."""
    return no_store(HttpResponse(status=303, headers={"Location": url}))


def no_store(response: Answer) -> Answer:
    """Mark an answer that belongs to one person: kept by no cache, listed by no search engine."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def public(response: HttpResponse) -> HttpResponse:
    """Mark an answer that is the same for everybody.

    `max-age=0`: a browser asks again (and mostly gets 304), because who has just signed must see the new number.
    """
    response["Cache-Control"] = PUBLIC_CACHE
    return response


def framed(response: HttpResponse) -> HttpResponse:
    """Let every website show this page in a frame; it does nothing that a cookie would allow."""
    response["Content-Security-Policy"] = FRAMED_CSP
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def site(request: HttpRequest, publisher: int | None = None) -> dict[str, Any]:
    """Context for every template: who publishes here (or the publisher of that row id), and what is switched off.

    The latter is asked for once in a page at most, and only by a page that shows what can be switched off.
    """
    return {"site": {**site_facts(publisher), "off": SimpleLazyObject(switches.off)}}


def site_facts(publisher: int | None = None) -> dict[str, Any]:
    """The publisher we speak for, or the one of that row id, and where its pages are."""
    who = identity.publisher(publisher)
    origin = who.home if publisher is not None else identity.origin()
    return {
        "publisher": who,
        "name": who.name,
        "origin": origin,
        "origin_host": urlsplit(origin).netloc,
        "contact_email": who.contact_email,
        "controller": who.legal_name,
        "is_demo": settings.DEMO,
    }
