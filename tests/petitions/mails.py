"""What tests of signers' mails have in common."""

import re
from datetime import timedelta

from django.db.models import F

from core import tokens
from mail.models import OutgoingEmail
from petitions.models import Signature
from petitions.signatures import signing
from tests.mailserver import deliver, html_of, text_of

AMINA = "amina@example.org"
TITLE = "Keep “our” libraries & <b>museums</b> open"
PAGE = "https://petitions.example.org/statements/libraries/"
LINK = re.compile(r"https?://[^\s\"<>]+")


def sign(statement, email=AMINA, **typed):
    signing.sign(statement=statement, **{"name": "Amina Yusuf", "email": email, **typed})
    return Signature.objects.get(statement=statement, email=email)


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


def confirm_link(signature):
    return tokens.link("confirm", tokens.make_token(signing.CONFIRM, signature.pk))


def manage_link(signature):
    return tokens.link("manage", tokens.make_token(signing.MANAGE, signature.pk))


def last():
    """Where the newest row of the outbox stands."""
    row = OutgoingEmail.objects.order_by("-pk").first()
    return row.state, row.outcome


def later(**span):
    """Let time pass: what was sent was sent that long before, and what waits is due that much sooner."""
    OutgoingEmail.objects.filter(state="sent").update(finished_at=F("finished_at") - timedelta(**span))
    OutgoingEmail.objects.filter(state="queued").update(due_at=F("due_at") - timedelta(**span))
