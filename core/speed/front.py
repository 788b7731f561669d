"""The door before Django: a public page that this process answered less than a second ago is answered again at once.

Django's own handling of a request (handlers, middlewares, address table) costs several times what a ready-made answer
does, and on the worst day nearly every request is for the same page. So the whole answer, with every header that the
middlewares gave it, is kept for as long as core/speed/kept.py holds the page to be true without asking the database:
PAGE_FRESH_SECONDS. Then one request renews it, and whoever comes meanwhile gets it as it was. Whatever is not exactly
such a request goes to Django as if this door were not there.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from core.encoding import takes_gzip

Environ = dict[str, Any]
WSGI = Callable[[Environ, Callable], Iterable[bytes]]

# Set by core/speed/kept.py in the environ of a request whose answer may be given again: until when, by
# time.monotonic().
FRESH_UNTIL = "undersigned.fresh_until"
# Set here in the environ of the one request that all others wait for: core/speed/shedding.py must let it in.
RENEWS = "undersigned.renews"
RENEWING_SECONDS = 5  # longer than that nobody is told what may no longer be true
MOST_ANSWERS = 500
# What a 304 leaves out (RFC 9110, 15.4.5).
_OF_THE_BODY = {"content-type", "content-length", "content-encoding"}


@dataclass(frozen=True)
class Answer:
    """What was sent, and until when it may be sent again."""

    until: float
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    etag: str


class Front:
    """A WSGI application around another one (PEP 3333)."""

    def __init__(self, application: WSGI) -> None:
        self._application = application
        self._answers: dict[tuple, Answer] = {}
        self._renewing: dict[tuple, float] = {}

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return self._application(environ, start_response)
        key = _key(environ)
        answer = self._answers.get(key)
        if answer is None:
            return self._ask(key, environ, start_response)
        now = time.monotonic()
        if now < answer.until or now < self._renewing.get(key, 0):
            return _give(answer, environ.get("HTTP_IF_NONE_MATCH"), start_response)
        return self._renew(key, environ, start_response, now)

    def _renew(self, key: tuple, environ: Environ, start_response: Callable, now: float) -> Iterable[bytes]:
        """Ask anew; what was kept is given to others until this is over, and never after it."""
        old = self._answers.get(key)
        self._renewing[key] = now + RENEWING_SECONDS
        environ[RENEWS] = True
        try:
            return self._ask(key, environ, start_response)
        finally:
            if self._answers.get(key) is old:
                self._answers.pop(key, None)
            self._renewing.pop(key, None)

    def _ask(self, key: tuple, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """Let Django answer, and keep what it marked."""
        said: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            said[:] = [status, headers]
            return start_response(status, headers, *error)

        chunks = self._application(environ, listen)
        until = environ.get(FRESH_UNTIL)
        if until is None or not said or not said[0].startswith("200"):
            return chunks
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        self._keep(key, Answer(until, said[0], said[1], body, dict(said[1]).get("ETag", "")))
        return [body]

    def _keep(self, key: tuple, answer: Answer) -> None:
        if len(self._answers) >= MOST_ANSWERS:
            self._answers = {}
        self._answers[key] = answer


def _key(environ: Environ) -> tuple:
    """Everything about a request that may change the answer: Django has judged exactly such a one before."""
    get = environ.get
    packed = takes_gzip(get("HTTP_ACCEPT_ENCODING", ""))
    # Whatever will choose the language stands in the path or has been activated before Django is asked.
    where = (get("HTTP_HOST"), get("HTTP_X_FORWARDED_PROTO"), environ["wsgi.url_scheme"])
    return (environ["PATH_INFO"], get_language(), packed, *where)


def _give(answer: Answer, known: str | None, start_response: Callable) -> list[bytes]:
    if known and known == answer.etag:
        start_response("304 Not Modified", [pair for pair in answer.headers if pair[0].lower() not in _OF_THE_BODY])
        return []
    start_response(answer.status, answer.headers)
    return [answer.body]
