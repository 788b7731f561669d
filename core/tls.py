"""For a site whose ORIGIN is https while TRUSTED_PROXIES=0 says that nobody stands before its web server."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.http import no_store
from core.resolver import FOR_MACHINES

SENTENCE = (
    "This site is not set up yet. A proxy stands before it, and TRUSTED_PROXIES=0 says that none does: every page "
    "would lead to itself for ever. Set TRUSTED_PROXIES to the number of proxies, and start the web server again.\n"
)


class NoLoopMiddleware:
    """Says what is wrong where Django would redirect an https page to itself, which browsers give up without a word.

    Where the web server itself speaks TLS, no proxy says X-Forwarded-Proto, and this does nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 500 to who came by https, as a proxy says that we were told does not exist."""
        said = request.META.get("HTTP_X_FORWARDED_PROTO", "").partition(",")[0].strip().lower()
        is_asked_by_machines = request.path in FOR_MACHINES
        if said == "https" and not request.is_secure() and not settings.TRUSTED_PROXIES and not is_asked_by_machines:
            return no_store(HttpResponse(SENTENCE, status=500, content_type="text/plain; charset=utf-8"))
        return self.get_response(request)
