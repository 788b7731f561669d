"""Signals of how a form was filled in: evidence for a moderator, never a refusal.

The stamp carries no cookie and no visitor: everybody who opens the page in the same ten minutes gets the same one, so
the page stays the same bytes for all of them. Source: SAFETY 4.2, condition 4.
"""

import time

from django.core import signing

ROUNDED_SECONDS = 600
LEAST_SECONDS = 2


def stamp(scope: str) -> str:
    """When a form was made: signed seconds since 1970, rounded down to ROUNDED_SECONDS; good for `scope` only."""
    moment = int(time.time()) // ROUNDED_SECONDS * ROUNDED_SECONDS
    return _signer(scope).sign(format(moment, "x"))


def judge(scope: str, given: str) -> str:
    """`too_fast`, `forged_stamp` or nothing, for the stamp that came back with a form.

    A stamp that is missing or old says nothing: pages rest in caches, and people write slowly. Rounding makes every
    form look older than it is, so nobody is called too fast who was not.
    """
    if not given:
        return ""
    try:
        made = int(_signer(scope).unsign(given), 16)
    except (signing.BadSignature, ValueError):
        return "forged_stamp"
    age = time.time() - made
    if age < 0:
        return "forged_stamp"
    return "too_fast" if age < LEAST_SECONDS else ""


def _signer(scope: str) -> signing.Signer:
    return signing.Signer(salt=f"undersigned.form.{scope}", sep=".")
