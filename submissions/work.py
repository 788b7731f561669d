"""Proof of work, for whoever runs into a flood: a second of a browser's time is nothing for one, and much for a robot.

Off as a rule. Staff switch it on, and a ceiling that is reached does so for WORK_MINUTES (petitions/signatures/
ceilings.py, networks.py). Pages stay the same bytes for everybody: their form names an address that writes nothing and
answers with a challenge (static/js/work.js), the same for all who ask within ten minutes. It is signed for one form
under one page, and says how much is asked, so that what was asked holds for whoever was asked it. The work is over the
challenge and the address as it was typed, so it serves one mailbox, and using it again buys nothing. Checking it is one
hash. Without it nothing is refused: what comes is held for a look, with the reason `work` (asking.py).
Source: Back, Hashcash (2002).
"""

import hashlib
import re
import time
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import switches
from core.http import public

SWITCH = "work"
ROUNDED_SECONDS = 600
# A page rests, and people write slowly. What asked for nothing is soon over: robots may have saved some of those up.
LASTS_SECONDS, LASTS_FREE_SECONDS = 2 * 60 * 60, 20 * 60
IS_ON = switches.is_on(SWITCH)
_SCOPE = re.compile(r"[a-z]{1,20}\.[0-9]{1,18}")
_NONCE = re.compile(r"[0-9]{1,18}")


def challenge(scope: str, *, is_asked: bool) -> str:
    """What the form `scope`, such as `sign.7`, asks now: when, how many bits, a signature, with full stops between."""
    moment = int(time.time()) // ROUNDED_SECONDS * ROUNDED_SECONDS
    return _signer(scope).sign(f"{moment:x}.{settings.WORK_BITS if is_asked else 0:x}")


def is_done(scope: str, given: str, address: str) -> bool:
    """Whether `given`, a challenge and a number, is work that was asked for in this form, done for this address."""
    asked, _, nonce = given.rpartition(":")
    try:
        moment, bits = (int(part, 16) for part in _signer(scope).unsign(asked).split("."))
    except (signing.BadSignature, ValueError):
        return False
    age = time.time() - moment
    lasts = LASTS_SECONDS if bits else LASTS_FREE_SECONDS
    return 0 <= age < lasts and bool(_NONCE.fullmatch(nonce)) and _zeros(f"{asked}:{address}:{nonce}") >= bits


def _zeros(text: str) -> int:
    """How many bits of 0 its SHA-256 begins with."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return 256 - int.from_bytes(digest, "big").bit_length()


def _signer(scope: str) -> signing.Signer:
    return signing.Signer(salt=f"undersigned.work.{scope}", sep=".")


def where(scope: str) -> str:
    """Where a browser asks for the challenge of that form."""
    return reverse("work", args=[scope])


@require_safe
def ask(request: HttpRequest, scope: str) -> HttpResponse:
    """The challenge, in plain text."""
    if not _SCOPE.fullmatch(scope):
        raise Http404
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {IS_ON}")
        (is_asked,) = cursor.fetchone()
    return public(HttpResponse(challenge(scope, is_asked=is_asked), content_type="text/plain; charset=utf-8"))


def flooded() -> None:
    """A ceiling was reached: ask for work for a while."""
    if settings.WORK_MINUTES:
        switches.keep_on(name=SWITCH, span=timedelta(minutes=settings.WORK_MINUTES))
