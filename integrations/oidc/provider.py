"""Asking the provider, through the guard of the one door, and proving what it says.

Sources: OpenID Connect Core 1.0 (3.1.2, 3.1.3.7, 5.3, 5.5), Discovery 1.0, RFC 7636 (PKCE),
RFC 9700 (security of OAuth 2.0).
"""

import hashlib
import json
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.conf import settings
from django.urls import reverse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.speed import memory
from mail.outbound import claiming, door, guard, kinds
from mail.outbound.kinds import Request

# What may sign: of public keys only, so that nobody who knows our secret, or no key at all, can.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
CALLED = ("name", "preferred_username", "email")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1
KEPT_SECONDS = 600
LEEWAY = 60


class NotProved(Exception):
    """The provider can't be asked, or what it says can't be trusted; the words are for whoever wants to log in."""


@dataclass(frozen=True)
class Going:
    """What we remember of somebody while they are at the provider."""

    state: str
    nonce: str
    verifier: str
    next: str = ""

    @property
    def as_data(self) -> dict[str, str]:
        """For the cookie."""
        return asdict(self)


@kinds.named_by_operator
def host() -> str:
    """The provider's own host needs no row on the list: whoever runs the site named it."""
    return settings.OIDC_ISSUER


def is_set_up() -> bool:
    """Whether anybody can log in so."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def _ask(request: Request) -> Any:
    """What an address answers, as JSON. Raises NotProved."""
    if claiming.is_off():
        raise NotProved("Requests to other hosts are switched off, so nobody can log in this way.")
    try:
        answer = door.send(request)
        said = json.loads(answer.body) if answer.is_good else None
    except (guard.Refused, door.NoAnswer) as error:
        raise NotProved(str(error)) from error
    except ValueError as error:
        raise NotProved("The provider's answer is no JSON. Is OIDC_ISSUER its address?") from error
    if not isinstance(said, dict):
        raise NotProved(f"The provider answered {answer.status}. Whoever runs this site sees to it.")
    return said


def facts() -> dict[str, Any]:
    """Where the provider answers what; at most KEPT_SECONDS old. Raises NotProved."""
    return memory.remember("oidc.facts", KEPT_SECONDS, _facts)


def _facts() -> dict[str, Any]:
    issuer = settings.OIDC_ISSUER
    said = _ask(Request(f"{issuer.rstrip('/')}/.well-known/openid-configuration", method="GET"))
    if said.get("issuer") != issuer:
        raise NotProved(f"The provider calls itself {str(said.get('issuer'))[:200]}: OIDC_ISSUER must say the same.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(said.get(name), str):
            raise NotProved(f"The provider does not say its {name}.")
    return said


def _keys() -> dict[str, Any]:
    return memory.remember("oidc.keys", KEPT_SECONDS, lambda: _ask(Request(facts()["jwks_uri"], method="GET")))


def back() -> str:
    """Where the provider sends people back to."""
    return settings.ORIGIN + reverse("admin:oidc_back")


def set_out(following: str) -> tuple[str, Going]:
    """The address at the provider to go to, and what to remember meanwhile. Raises NotProved."""
    going = Going(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), following)
    challenge = urlsafe_b64encode(hashlib.sha256(going.verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": back(),
        "scope": settings.OIDC_SCOPES,
        "state": going.state,
        "nonce": going.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **_claims_asked(),
    }
    where = facts()["authorization_endpoint"]
    return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", going


def _claims_asked() -> dict[str, str]:
    """Have the ID token say how they proved who they are (Core, 5.5): some providers say so only when asked."""
    name, _, wanted = settings.OIDC_SECOND_FACTOR.partition("=")
    if not wanted or facts().get("claims_parameter_supported") is not True:
        return {}
    return {"claims": json.dumps({"id_token": {name: {"values": wanted.split(",")}}})}


def claims(code: str, going: Going) -> dict[str, Any]:
    """What the provider says of whoever came back with `code`. Raises NotProved."""
    told = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back(), "code_verifier": going.verifier
    }  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    # The way that a client has which was registered without a word about it (Core, 9; RFC 6749, 2.3.1).
    ways = facts().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" not in ways and "client_secret_post" in ways:
        told |= {"client_id": settings.OIDC_CLIENT_ID, "client_secret": settings.OIDC_CLIENT_SECRET}
    else:
        pair = f"{quote_plus(settings.OIDC_CLIENT_ID)}:{quote_plus(settings.OIDC_CLIENT_SECRET)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    said = _ask(Request(facts()["token_endpoint"], body=urlencode(told).encode(), headers=headers))
    found = proved(str(said.get("id_token", "")), going.nonce)
    return {**_told_besides(found, said.get("access_token")), **found}


def _told_besides(found: dict[str, Any], access_token: Any) -> dict[str, Any]:
    """What the provider tells only of whom it is asked about (Core, 5.3), where the ID token lacks it: groups, if they
    give roles, and what the account calls itself. How it was proved is never taken from there. Raises NotProved."""
    where = facts().get("userinfo_endpoint")
    wanted = [name for name in CALLED if not any(one in found for one in CALLED)]
    if settings.OIDC_ROLES and settings.OIDC_GROUPS_CLAIM not in found:
        wanted.append(settings.OIDC_GROUPS_CLAIM)
    if not wanted or not isinstance(where, str) or not _TOKEN.fullmatch(str(access_token or "")):
        return {}
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    said = _ask(Request(where, method="GET", headers=headers))
    if said.get("sub") != found["sub"]:
        raise NotProved("The provider tells us of somebody else than who logged in. Try again.")
    return {name: said[name] for name in wanted if name in said}


def proved(token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token (Core, 3.1.3.7). Raises NotProved."""
    wanted = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.OIDC_ISSUER},
        sub={"essential": True},
        aud={"essential": True, "value": settings.OIDC_CLIENT_ID},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        found = _decoded(token)
        wanted.validate(found)
    except (JoseError, ValueError, TypeError) as error:
        raise NotProved(f"What the provider says can't be trusted ({type(error).__name__}). Try again.") from error
    if found.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
        raise NotProved("What the provider says is for another site.")
    if not isinstance(found["sub"], str) or not 0 < len(found["sub"]) <= 255:
        raise NotProved("The provider does not say whose account it is.")
    return found


def _decoded(token: str) -> dict[str, Any]:
    """With the keys that are remembered; with new ones, should it be signed by one that is not among them."""
    try:
        return _read(token)
    except (JoseError, ValueError):
        memory.put("oidc.keys", _ask(Request(facts()["jwks_uri"], method="GET")), KEPT_SECONDS)
        return _read(token)


def _read(token: str) -> dict[str, Any]:
    keys: Any = _keys()
    return jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims


def way_out() -> str:
    """Where one logs out at the provider; "" where it has no such page. Raises NotProved."""
    where = facts().get("end_session_endpoint")
    if not isinstance(where, str):
        return ""
    asked = {"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": settings.ORIGIN + reverse("admin:login")}
    return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"
