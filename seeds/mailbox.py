"""The demo's mailbox: what the site has sent, read from var/mail. It exists in the demo only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.http import no_store

PAGE = 50
# The mail runs no script and loads nothing. Its links open in a page of their own, which is free of the sandbox.
MAIL_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)


@dataclass(frozen=True)
class Mail:
    """One mail that was sent. `id` names its file."""

    id: str
    subject: str
    to: str
    sender: str
    sent_at: datetime
    text: str
    html: str

    @property
    def url(self) -> str:
        """The page that shows it."""
        return reverse("mailbox_message", args=[self.id])

    @property
    def html_url(self) -> str:
        """Where the HTML part stands alone, as a mail program shows it; empty when there is none."""
        return reverse("mailbox_html", args=[self.id]) if self.html else ""


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 anywhere but in the demo, and never kept by anybody."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return no_store(view(request, *args, **kwargs))

    return require_safe(wrapped)


@demo_only
def index(request: HttpRequest) -> HttpResponse:
    """What was sent, newest first; `?before=<id>` goes back in time."""
    before = request.GET.get("before", "")
    ids = sorted((path.stem for path in _folder().glob("[0-9]*.eml")), reverse=True)
    older = [mail_id for mail_id in ids if not before or mail_id < before]
    context = {
        "mails": [_read(mail_id) for mail_id in older[:PAGE]],
        "next_url": f"{request.path}?before={older[PAGE - 1]}" if len(older) > PAGE else "",
        "first_url": request.path if before else "",
    }
    return render(request, "mailbox/index.jinja", context)


@demo_only
def message(request: HttpRequest, mail_id: str) -> HttpResponse:
    """One mail: its headers, its text with its links, and the way to its HTML."""
    return render(request, "mailbox/message.jinja", {"mail": _read(mail_id)})


@demo_only
def html(request: HttpRequest, mail_id: str) -> HttpResponse:
    """The HTML part alone, locked into a sandbox."""
    part = _read(mail_id).html
    if not part:
        raise Http404
    response = HttpResponse(part.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = MAIL_CSP
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _folder() -> Path:
    return settings.HOME / "var" / "mail"


def _read(mail_id: str) -> Mail:
    """The mail of that id, which an address's pattern has checked. Raises Http404."""
    try:
        found = BytesParser(EmailMessage, policy=policy.default).parsebytes((_folder() / f"{mail_id}.eml").read_bytes())
    except FileNotFoundError as error:
        raise Http404 from error
    return Mail(
        id=mail_id,
        subject=str(found["Subject"]),
        to=str(found["To"]),
        sender=str(found["From"]),
        sent_at=datetime.fromtimestamp(int(mail_id.partition("-")[0]) / 1e9, tz=timezone.get_default_timezone()),
        text=_part(found, "plain"),
        html=_part(found, "html"),
    )


def _part(found: EmailMessage, kind: str) -> str:
    part = found.get_body(preferencelist=(kind,))
    return part.get_content() if part else ""
