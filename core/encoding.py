"""Which answers go out compressed: those that are the same for everybody, to whoever takes gzip (RFC 9110, 12.5.3).

Never what belongs to one person or to the staff: beside a secret on the same page, the length of a compressed answer
tells whoever can write into it what the secret is, a letter at a time (BREACH, 2013).
"""

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from zlib_ng import gzip_ng

LEAST = 500  # bytes; shorter ones gain nothing
WORDS = ("text/", "application/json", "application/atom+xml", "application/xml", "image/svg+xml")


@lru_cache(maxsize=256)
def takes_gzip(header: str) -> bool:
    """Whether a client whose Accept-Encoding is `header` takes gzip: a quality of 0 is a no, and `*` speaks for the
    rest. What can't be read is no.
    """
    qualities = dict(filter(None, map(_quality, header.lower().split(","))))
    return max(qualities.get("gzip", -1), qualities.get("x-gzip", -1)) > 0 or (
        qualities.get("*", 0) > 0 and not {"gzip", "x-gzip"} & qualities.keys()
    )


def _quality(one: str) -> tuple[str, float] | None:
    name, *parameters = (part.strip() for part in one.split(";"))
    quality = next((part.removeprefix("q=").strip() for part in parameters if part.startswith("q=")), "1")
    try:
        return (name, float(quality)) if name else None
    except ValueError:
        return name, 0.0


def same_for_all(response: HttpResponse) -> HttpResponse:
    """Mark an answer that no cache keeps, such as an empty form, and that holds nothing of the person who asked."""
    response.__dict__["is_same_for_all"] = True
    return response


class CompressingMiddleware:
    """Compresses lists, forms and the home page; kept pages have done so once for all (core/speed/kept.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _is_worth_it(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response.content = gzip_ng.compress(response.content, compresslevel=4, mtime=0)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
        return response


def _is_worth_it(response: HttpResponse) -> bool:
    """One public answer of words, not compressed yet, whose bytes no tag names."""
    return (
        response.status_code == 200
        and not response.streaming
        and not response.has_header("Content-Encoding")
        and not response.has_header("ETag")
        and (response.get("Cache-Control", "").startswith("public") or hasattr(response, "is_same_for_all"))
        and response.get("Content-Type", "").startswith(WORDS)
        and len(response.content) >= LEAST
    )
