"""How much one program, or one network without a token, may ask in a minute. Beyond that: 429, and when to come back.

Counted in the cache that the site has: with CACHE_URL once for all its processes, else each process counts alone, so
that the limit of the site is the limit times its processes (docs/decisions/0040).
"""

import time

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from api.models import Token
from api.problems import Refused
from core import network

WINDOW = 60  # seconds


def count(request: HttpRequest, token: Token | None) -> None:
    """Count one request. Raises Refused (429, with Retry-After) when there were too many in this minute."""
    minute, second = divmod(int(time.time()), WINDOW)
    most = settings.API_TOKEN_PER_MINUTE if token else settings.API_NETWORK_PER_MINUTE
    key = f"api.{minute}.{f'token-{token.pk}' if token else _network(request, minute)}"
    cache = caches["limits"]
    cache.add(key, 0, 2 * WINDOW)
    try:
        number = cache.incr(key)
    except ValueError:  # it was dropped between the two
        return
    if number > most:
        wait = WINDOW - second
        words = f"That is more than {most} requests in a minute. Come back in {wait} s."
        raise Refused(429, words, headers={"Retry-After": str(wait)})


def _network(request: HttpRequest, minute: int) -> str:
    """No address rests anywhere: a hash that is another one each minute."""
    where = network.network(network.client_address(request))
    return salted_hmac(f"api.{minute}", where, algorithm="sha256").hexdigest()[:32]
