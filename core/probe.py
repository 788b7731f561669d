"""Whether what stands before this site hands on the truth about visitors: asked through the site's own public address.

One request goes out with a header name in `_` and an X-Forwarded-For of ours; `/healthz` says what arrived of them, and
only to who knows SECRET_KEY. From inside neither can be seen (core/network.py says why).
"""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

from core import network

SALT = "core.probe"
MADE_UP = "192.0.2.77"  # reserved for documentation (RFC 5737): nobody's address
GOOD_FOR_SECONDS = 60
TIMEOUT_SECONDS = 5


class NoAnswer(Exception):
    """The site's own public address does not answer as this site does; the text says how it failed."""


@dataclass(frozen=True)
class Found:
    """How many machines wrote themselves into X-Forwarded-For, and whether names with `_` arrived."""

    proxies: int
    underscores: bool


def ask() -> Found:
    """Ask the site through ORIGIN. Raises NoAnswer."""
    token = signing.dumps("probe", salt=SALT)
    headers = {"X-Undersigned-Probe": token, "X_Undersigned_Underscore": token, "X-Forwarded-For": MADE_UP}
    request = Request(f"{settings.ORIGIN}/healthz", headers=headers)  # noqa: S310  ORIGIN is http or https
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310  the same
            return Found(**json.loads(response.read(4096))["probe"])
    except HTTPError as error:
        raise NoAnswer(f"status {error.code}, {error.reason}") from error
    except (URLError, HTTPException, OSError) as error:
        raise NoAnswer(str(getattr(error, "reason", error)) or type(error).__name__) from error
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswer("something else answers there") from error


def answer(request: HttpRequest) -> dict[str, Any]:
    """What arrived of a probe of our own, as a part of /healthz; nothing for anybody else."""
    token = request.META.get("HTTP_X_UNDERSIGNED_PROBE")
    if not token or not _is_ours(token):
        return {}
    chain = network.forwarded(request)
    after = chain[len(chain) - chain[::-1].index(MADE_UP) :] if MADE_UP in chain else chain
    underscores = request.META.get("HTTP_X_UNDERSIGNED_UNDERSCORE") == token
    return {"probe": {"proxies": len(after), "underscores": underscores}}


def _is_ours(token: str) -> bool:
    try:
        return signing.loads(token, salt=SALT, max_age=GOOD_FOR_SECONDS) == "probe"
    except signing.BadSignature:
        return False
