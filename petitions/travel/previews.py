"""Previews of mail for its author."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import nh3
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from core import tokens
from mail import outbox, rendering
from mail.models import OutgoingEmail
from petitions.signatures import signing
from petitions.statements.models import Statement
from submissions import kinds
from submissions.confirm_views import CONFIRM

# Our own mail, for a staff page: what it says and its button, without the styles that no page of ours allows.
_SHOWN = {"p", "a", "strong", "bdi", "br", "td", "tr", "table", "tbody"}
_LEFT_OUT = {"style", "title", "div"}
_KEPT = {"a": {"href"}, "td": {"class"}, "bdi": {"dir", "lang"}}


@dataclass(frozen=True)
class Preview:
    """A mail as its reader gets it: its subject, who it is from, its text, and its HTML without styles."""

    subject: str
    sender: str
    text: str
    html: SafeString


def confirmation(statement: Statement, to: str) -> Preview:
    """The confirmation mail; its link and code belong to nobody."""
    kind = kinds.named(signing.KIND)
    link = tokens.link("confirm", tokens.make_token(CONFIRM, 1, 0))
    item = {
        "label": kind.label,
        "heading": kind.heading,
        "title": statement.title,
        "language": statement.language,
        "at": timezone.localtime(),
        "reference": "K7M",
        "code": "000 000",
    }
    until = timezone.localdate() + timedelta(days=settings.UNCONFIRMED_DAYS)
    context = {"items": [item], "only": item, "confirm_url": link, "until": until}
    row = OutgoingEmail(kind=kind.mail, recipient=to, uuid=uuid.uuid4())
    message = outbox.Message(
        name="confirm", to=to, context=context, reply_to=statement.contact_email, publisher=statement.publisher_id
    )
    email = rendering.render(row, message)
    html = nh3.clean(
        rendering.html_of(email), tags=_SHOWN, clean_content_tags=_LEFT_OUT, attributes=_KEPT, link_rel=None
    )
    return Preview(str(email.subject), rendering.from_of(email), str(email.body), mark_safe(html))
