"""Addresses whose owners asked never to be written to again, kept as keyed hashes only."""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from core.addresses import canonical
from mail.models import Suppression


def suppress(address: str) -> None:
    """Never write to `address` again, in whatever spelling. Harmless to repeat."""
    Suppression.objects.get_or_create(address_hash=_hash(canonical(address), settings.SECRET_KEY))


def suppressed(keys: Iterable[str]) -> set[str]:
    """Those of the canonical addresses in `keys` that asked for silence; older secrets are tried too."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    by_hash = {_hash(key, secret): key for key in keys for secret in secrets}
    found = Suppression.objects.filter(address_hash__in=list(by_hash)).values_list("address_hash", flat=True)
    return {by_hash[address_hash] for address_hash in found}


def _hash(key: str, secret: str) -> str:
    return hmac.digest(secret.encode(), f"suppress.{key}".encode(), hashlib.sha256).hex()
