"""What tests of signers' mails have in common."""

import re
from datetime import timedelta

from django.db.models import F

from core import tokens
from mail.models import OutgoingEmail
from petitions.signatures import thanking
from tests.mailserver import deliver, html_of, text_of

AMINA = "amina@example.org"
TITLE = "Keep “our” libraries & <b>museums</b> open"
PAGE = "https://petitions.example.org/statements/libraries/"
LINK = re.compile(r"https?://[^\s\"<>]+")


def the_mail(server, address=AMINA):
    """The one mail that came for an address since the last look, after a delivery."""
    deliver()
    (message,) = server.to(address)
    server.received.clear()
    return message


def links_of(message):
    """The addresses in the text, and those that the HTML links to."""
    hrefs = re.findall(r'href="([^"]+)"', html_of(message))
    return set(LINK.findall(text_of(message))), {href.replace("&amp;", "&") for href in hrefs}


def manage_link(signature):
    return tokens.link("manage", tokens.make_token(thanking.MANAGE, signature.pk))


def last():
    """Where the newest row of the outbox stands."""
    row = OutgoingEmail.objects.order_by("-pk").first()
    return row.state, row.outcome


def due(**span):
    """Let what waits in the outbox be due that much sooner."""
    OutgoingEmail.objects.filter(state="queued").update(due_at=F("due_at") - timedelta(**span))
