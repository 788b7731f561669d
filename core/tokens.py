"""Proof of reading a mailbox: signed links, sealed values, and which app answers which link.

No GET acts. A token holds a purpose and row ids, never an address; expiry is judged from the row.
"""

import contextlib
import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import identity, resolver
from core.http import no_store

NONCE = 12  # bytes


class BadToken(Exception):
    """This link is not one of ours, or is for something else."""


def make_token(purpose: str, *ids: int) -> str:
    """A link's token, such as `sign-confirm.7f.k3…`: purpose, ids, and a 256-bit signature with the purpose as salt."""
    value = ".".join([purpose, *(format(number, "x") for number in ids)])
    return _signer(purpose).sign(value)


def read_token(purpose: str, token: str) -> tuple[int, ...]:
    """The ids in a token made for `purpose`. Raises BadToken for anything else."""
    try:
        value = _signer(purpose).unsign(token)
        found, *ids = value.split(".")
        numbers = tuple(int(number, 16) for number in ids)
    except (signing.BadSignature, ValueError) as error:
        raise BadToken from error
    if found != purpose:
        raise BadToken
    return numbers


def purpose_of(token: str) -> str:
    """The purpose a token claims; it is proved only by `read_token`."""
    return token.split(".", 1)[0]


@lru_cache(maxsize=64)
def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"undersigned.{purpose}", sep=".")


def seal(purpose: str, value: dict[str, Any]) -> str:
    """A value that only this site can read, for a page's address: encrypted, so no log or history holds it plain.

    AES-GCM with 96 random bits for each (NIST SP 800-38D, 8.2.2), under a key of the purpose's own.
    """
    nonce = os.urandom(NONCE)
    sealed = _ciphers(purpose)[0].encrypt(nonce, json.dumps(value, separators=(",", ":")).encode(), None)
    return urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def unseal(purpose: str, sealed: str) -> dict[str, Any]:
    """The values sealed for `purpose`, ignoring anything stuck to the end. Raises BadToken for anything else."""
    # One sealed value in four thousand begins with "3D" by itself, so it is read as it is before it is read without
    # what a mail program may have put in front of it.
    for way in (resolver.clean_value(f"3D{sealed}"), resolver.clean_value(sealed)):
        for cipher in _ciphers(purpose):
            with contextlib.suppress(InvalidTag, ValueError):
                given = urlsafe_b64decode(way.encode("ascii") + b"=" * (-len(way) % 4))
                return json.loads(cipher.decrypt(given[:NONCE], given[NONCE:], None))
    raise BadToken


@lru_cache(maxsize=16)
def _ciphers(purpose: str) -> list[AESGCM]:
    """One cipher for each current or retired secret; the first one seals."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [AESGCM(hashlib.sha256(f"seal.{purpose}.{secret}".encode()).digest()) for secret in secrets]


TokenView = Callable[[HttpRequest, str, tuple[int, ...]], HttpResponse]
_pages: dict[str, TokenView] = {}


def answers(purpose: str) -> Callable[[TokenView], TokenView]:
    """Register the view for links of `purpose`: `view(request, token, ids)`.

    The addresses /confirm/, /manage/ and /unsubscribe/ are shared by apps that may not import each other.
    """

    def register(view: TokenView) -> TokenView:
        _pages[purpose] = view
        return view

    return register


def token_page(request: HttpRequest, token: str, prefix: str) -> HttpResponse:
    """Hand a link to the app that made it; `prefix` is the word in its address, such as "confirm".

    A purpose is `<thing>-<prefix>`, so a link for one page opens no other. Garbled, foreign and outdated links all
    get the same helpful page.
    """
    purpose = purpose_of(token)
    view = _pages.get(purpose)
    if view is None or not purpose.endswith(f"-{prefix}"):
        return unknown(request)
    try:
        ids = read_token(purpose, token)
    except BadToken:
        return unknown(request)
    return no_store(view(request, token, ids))


def unknown(request: HttpRequest) -> HttpResponse:
    """A helpful 404 that does not reveal whether the link was ever valid."""
    return no_store(render(request, "token_unknown.jinja", status=404))


def replaced(request: HttpRequest) -> HttpResponse:
    """410 for a link replaced by a newer one, with the way to the owner's page."""
    return no_store(render(request, "token_replaced.jinja", status=410))


def link(prefix: str, token: str) -> str:
    """The whole address of a token's page, from the configured origin, never from a request."""
    return identity.origin() + _path(prefix).replace(STAND_IN, token)


STAND_IN = "-token-"


@lru_cache(maxsize=16)
def _path(prefix: str) -> str:
    """Looked up once: every mail has two links, and looking one up takes longer than signing it."""
    return reverse(prefix, args=[STAND_IN])
