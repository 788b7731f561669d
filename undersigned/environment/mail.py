"""How mail leaves: EMAIL_URL for a mail server, EMAIL_BACKEND and ANYMAIL_… for a provider's API."""

import ipaddress
import json
import os
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from undersigned.environment import urls
from undersigned.environment.reading import FALSE, PROVIDER, TRUE, number, text
from undersigned.environment.web import canonical_host

LIKE = "smtp://user:password@host:587/?tls=starttls"
PORTS = {"none": 25, "starttls": 587, "implicit": 465}


def mailbox(name: str, default: str | None = None, named: bool = False) -> str:
    """A mailbox such as `post@example.org`, and with `named` also `Eastside <post@example.org>`.

    Raises ImproperlyConfigured for anything else.
    """
    value = text(name, default)
    try:
        ((before, address),) = getaddresses([value])
        local, _, domain = address.rpartition("@")
        validate_email(f"{local}@{canonical_host(domain)}")
    except (ValidationError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a mailbox such as post@example.org.") from error
    if not named and (before or address != value):
        raise ImproperlyConfigured(f"{name} is {value!r}: write the mailbox alone, such as {address}.")
    return value


def email(url: str, ca_file: str = "") -> dict[str, object]:
    """Django's EMAIL_* settings for `smtp://user:password@host:587/?tls=starttls|implicit|none`, or `smtps://`.

    A password goes in the clear only to this machine, or where `tls=none` says so. `ca_file` holds the certificates to
    trust instead of the system's. Raises ImproperlyConfigured.
    """
    found = urls.split("EMAIL_URL", url, LIKE, ["tls"])
    if found.scheme not in {"smtp", "smtps"} or not found.host or found.path.strip("/"):
        raise ImproperlyConfigured(f"EMAIL_URL must look like {LIKE}.")
    tls = _tls(found)
    if ca_file and tls == "none":
        raise ImproperlyConfigured("EMAIL_CA_FILE is set, but EMAIL_URL has no TLS: write tls=starttls or implicit.")
    if ca_file and not Path(ca_file).is_file():
        raise ImproperlyConfigured(f"EMAIL_CA_FILE names {ca_file}, which is no file.")
    return {
        "EMAIL_HOST": found.host,
        "EMAIL_PORT": found.port or PORTS[tls],
        "EMAIL_HOST_USER": found.user,
        "EMAIL_HOST_PASSWORD": found.password,
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_CA_FILE": ca_file,
    }


LIKE_RETURNS = "imaps://user:password@host/INBOX"


@dataclass(frozen=True)
class Returns:
    """The mailbox for returned mail."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    is_encrypted: bool


def returns(url: str) -> Returns | None:
    """Of `imaps://user:password@host:993/INBOX`; `imap://` only to this machine. None when there is none.

    Raises ImproperlyConfigured.
    """
    if not url:
        return None
    found = urls.split("RETURNS_URL", url, LIKE_RETURNS, [])
    if found.scheme not in {"imap", "imaps"} or not found.host or not found.user:
        raise ImproperlyConfigured(f"RETURNS_URL must look like {LIKE_RETURNS}.")
    if found.scheme == "imap" and not _is_here(found.host):
        raise ImproperlyConfigured("RETURNS_URL sends a password in the clear: write imaps://.")
    is_encrypted = found.scheme == "imaps"
    port = found.port or (993 if is_encrypted else 143)
    return Returns(found.host, port, found.user, found.password, found.path.strip("/") or "INBOX", is_encrypted)


def _tls(found: urls.Service) -> str:
    said = found.options.get("tls", "").lower()
    if said not in {"", *PORTS}:
        raise ImproperlyConfigured(f"EMAIL_URL says tls={said}: write starttls, implicit or none.")
    if found.scheme == "smtps":
        if said not in {"", "implicit"}:
            raise ImproperlyConfigured(f"EMAIL_URL is smtps:// and says tls={said}: write smtp:// with tls={said}.")
        return "implicit"
    if not said and found.password and not _is_here(found.host):
        raise ImproperlyConfigured(
            "EMAIL_URL sends a password in the clear: write tls=starttls (587) or tls=implicit (465). "
            "tls=none says that you want it so."
        )
    return said or "none"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Provider(dict[str, Any]):
    """django-anymail's settings, which record the names asked for: a name that is never asked for is a typing error."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)


def provider(seconds: int) -> Provider:
    """Every ANYMAIL_… of the environment, without that prefix; `…_FILE` names a file that holds it.

    `seconds` is how long an API may take, unless ANYMAIL_REQUESTS_TIMEOUT says so. Words that mean yes or no, and JSON
    in braces, become what they mean.
    """
    names = {name.removesuffix("_FILE") for name, value in os.environ.items() if value and name.startswith(PROVIDER)}
    found = {name.removeprefix(PROVIDER): _meant(name, text(name)) for name in sorted(names)}
    return Provider({**found, "REQUESTS_TIMEOUT": number(f"{PROVIDER}REQUESTS_TIMEOUT", seconds, least=1)})


def _meant(name: str, value: str) -> Any:
    if value.lower() in (TRUE | FALSE) - {"0", "1"}:
        return value.lower() in TRUE
    if not value.startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} begins with a brace, but is not JSON.") from error
