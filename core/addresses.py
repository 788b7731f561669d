"""Which e-mail addresses are one person's, so that caps and signatures count people and not spellings."""

import hashlib
import unicodedata
from functools import lru_cache

import idna
from django.conf import settings

from core import providers

KEY_BYTES = 16  # long enough that two addresses never meet
LONGEST = 254  # characters, RFC 5321 4.5.3.1.3 less the angle brackets


def canonical(address: str) -> str:
    """One spelling for all spellings of a mailbox: `A.Yusuf+news@GoogleMail.com` becomes `ayusuf@gmail.com`.

    Case-folded; what a provider ignores is left out, such as what follows a `+` (core/providers.py); the domain is
    written in ASCII (IDNA 2008, RFC 5891). It is for comparing and never written to. At most 254 characters.
    """
    local, at, domain = _folded(address).rpartition("@")
    if not at:
        return _short(unicodedata.normalize("NFKC", domain).casefold())
    if not local.isascii():
        local = unicodedata.normalize("NFKC", local).casefold()
    return _short("@".join(providers.mailbox(local, domain)))


def masked(address: str) -> str:
    """The address as lists of staff show it: `amina@example.org` becomes `a…@example.org` (SAFETY F17, ASVS 14.2.6).

    The page of the row has the whole address, and opening that is entered in the record.
    """
    local, at, domain = address.rpartition("@")
    return f"{local[0] if len(local) > 1 else ''}…{at}{domain}" if at else address


def in_ascii(address: str) -> str:
    """The address with its domain as mail servers write it: `amina@dæmi.is` becomes `amina@xn--dmi-yla.is`."""
    local, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}{at}{_ascii(domain)}"


def _folded(address: str) -> str:
    """The address in small letters, with its domain as mail servers write it.

    Nothing is case-folded: that makes one of `faß` and `fass`, which are two mailboxes as well as two domains, and the
    owner of the one could then see and renew what the other's signed.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return unicodedata.normalize("NFC", domain).lower()
    return f"{unicodedata.normalize('NFC', local).lower()}@{_ascii(domain)}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower().rstrip(".")
    try:
        return idna.encode(domain, uts46=True).decode().rstrip(".")
    except idna.IDNAError:
        return domain


def _short(key: str) -> str:
    """Folding and IDNA can lengthen a text: beyond the column's width its hash stands for it."""
    return key if len(key) <= LONGEST else hashlib.sha256(key.encode()).hexdigest()


def address_key(address: str) -> bytes:
    """A keyed hash of an address as it was typed, in small letters: the person who may see and renew what it signed."""
    return _key("address", _folded(address))


def remote_key(name: str) -> bytes:
    """A keyed hash of what another program calls somebody."""
    return _key("remote", name)


def mailbox_key(address: str) -> bytes:
    """A keyed hash of the mailbox, whatever its spelling: who counts once, and to whom we write so often."""
    return _key("mailbox", canonical(address))


def domain_key(address: str) -> bytes:
    """A keyed hash of the domain of an address, or of a domain."""
    return _key("domain", canonical(f"x@{address.rpartition('@')[2]}").rpartition("@")[2])


def keyed(what: str, text: str) -> bytes:
    """A keyed hash of any text that could tell who somebody is, 16 bytes; `what` keeps hashes of other things apart."""
    return _key(what, text)


def _key(what: str, text: str) -> bytes:
    """BLAKE2b with a key (RFC 7693): without the key nobody finds an address by trying all of them."""
    key = _secret(settings.HASH_SECRET)
    return hashlib.blake2b(text.encode(), key=key, digest_size=KEY_BYTES, person=what.encode()).digest()


@lru_cache(maxsize=4)
def _secret(secret: str) -> bytes:
    return hashlib.sha256(f"addresses.{secret}".encode()).digest()
