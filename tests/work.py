"""A browser that does the work it is asked for, as static/js/work.js does."""

import hashlib
from itertools import count

from django.test import Client


def solve(challenge: str, address: str) -> str:
    """What the form carries then."""
    bits = int(challenge.split(".")[1], 16)
    tried = ((nonce, hashlib.sha256(f"{challenge}:{address}:{nonce}".encode()).digest()) for nonce in count())
    return next(f"{challenge}:{nonce}" for nonce, digest in tried if int.from_bytes(digest, "big") >> (256 - bits) == 0)


def done(client: Client, scope: str, address: str) -> str:
    """The same, with the challenge that the site gives now."""
    return solve(client.get(f"/proof-of-work/{scope}/").content.decode(), address)
