"""What the desk answers when it can't do what was asked: a page of ours, with everything that was typed.

These pages ask the database for nothing, because it may be what is away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core import richtext

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
SECRETS = ("password", "csrfmiddlewaretoken", "_again")  # what is never written back has one of these in its name


@dataclass(frozen=True)
class Typed:
    """One value that was posted: the name of its input, and what there is to read, if a person typed it."""

    name: str
    value: str

    @property
    def label(self) -> str:
        """The name, as people read it."""
        return self.name.replace("_", " ").replace("-", " ").strip().capitalize()

    @property
    def words(self) -> str:
        """What a person typed; empty for what the page itself sent along."""
        if self.name.startswith(("_", "seen-", "stood-", "initial-")) or not self.value.strip():
            return ""
        return richtext.mail_text(self.value) if self.value.lstrip().startswith("<") else self.value


def typed(request: HttpRequest) -> list[Typed]:
    """What was posted, without secrets; nothing where the body can't be read."""
    return list(_typed(request))


def _typed(request: HttpRequest) -> Iterator[Typed]:
    if request.method != "POST":
        return
    try:
        posted = list(request.POST.lists())
    except (*TOO_MUCH, UnreadablePostError):
        return
    for name, values in posted:
        if not any(secret in name for secret in SECRETS):
            yield from (Typed(name, value) for value in values)


def has_words(request: HttpRequest) -> bool:
    """Whether something was posted that a person may have typed."""
    return any(one.words for one in typed(request))


def refuse(
    request: HttpRequest,
    status: HTTPStatus,
    title: str | Promise,
    words: str | Promise,
    *,
    may_resend: bool = False,
    **context: Any,
) -> HttpResponse:
    """A page that says what is the matter and gives back what was typed.

    `may_resend` puts a button there that sends all of it again to the same address. Only for what came from a page of
    ours: another site's post would else need nothing but a press on our button.
    """
    given = typed(request)
    context = {"title": title, "words": words, "typed": given, "may_resend": may_resend and bool(given), **context}
    context["files"] = _files(request) if given else []
    response = render(request, "admin/refused.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _files(request: HttpRequest) -> list[str]:
    return [file.name or "" for name in request.FILES for file in request.FILES.getlist(name)]


def forbidden(request: HttpRequest) -> HttpResponse:
    """403: somebody else may do this."""
    words = _("Your role does not allow this, or no longer since the page was opened. Ask an administrator.")
    return refuse(request, HTTPStatus.FORBIDDEN, _("You may not do this"), words)


def csrf_failure(request: HttpRequest, *, may_resend: bool) -> HttpResponse:
    """403: the page was older than the log-in, or the post came from elsewhere."""
    if may_resend:
        words = _("You have logged in or out since this page was opened. Nothing was saved: send it again.")
    else:
        words = _("This was not sent from a page of this site, so it was not done.")
    return refuse(request, HTTPStatus.FORBIDDEN, _("Please send it again"), words, may_resend=may_resend)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: nobody reads so much; the browser still has it."""
    words = _("This is more than one form can take, so nobody read it. Go back: your browser has what you typed.")
    return refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("This is too much at once"), words)


def unavailable(request: HttpRequest, *, is_busy: bool, may_resend: bool) -> HttpResponse:
    """503 with Retry-After."""
    words = _("Very many people ask for this at this moment.") if is_busy else _("Our database is away for a moment.")
    title = _("We can’t do that just now")
    response = refuse(request, HTTPStatus.SERVICE_UNAVAILABLE, title, words, may_resend=may_resend)
    response["Retry-After"] = "10"
    return response


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """429: too many wrong passwords (axes)."""
    words = _("Too many wrong passwords. Wait a quarter of an hour, then try again.")
    return refuse(request, HTTPStatus.TOO_MANY_REQUESTS, _("Wait a little"), words, may_resend=False)
