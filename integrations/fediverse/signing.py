"""Signing what we send, and reading what proves who sent something.

As Mastodon does: HTTP Signatures (draft-cavage-http-signatures-12) with rsa-sha256 and a digest of the body. What is
signed in the newer way is read as well (RFC 9421, 2 and 3.2; RFC 9530). Nothing is fetched here.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from mail.outbound import guard

TYPE = "application/activity+json"
BITS = 2048
WINDOW = timedelta(hours=12)  # as wide as Mastodon's: clocks differ, and what could not be delivered comes later
LONGEST = 4096  # characters of a header that is looked at

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|(\d+))(?:,|$)')
_INPUT = re.compile(r'([a-z*][a-z0-9_.*-]*)=(\(((?:"[@a-z-]+" ?)*)\)((?:;[a-z]+=(?:"[^"]*"|\d+))*))\s*(?:,|$)')


class Unproved(Exception):
    """It is not signed as it must be; the text says how."""


@dataclass(frozen=True)
class Proof:
    """What a key has to have signed."""

    key_id: str
    base: str
    signature: str


def make_keys() -> tuple[str, str]:
    """A new pair: private and public, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def headers(method: str, url: str, body: bytes, *, key_id: str, private_key: str) -> dict[str, str]:
    """The headers with which a request is sent, signed now."""
    told = {"host": guard.host_of(url), "date": format_datetime(datetime.now(UTC), usegmt=True)}
    if body:
        told |= {"digest": f"SHA-256={_sha256(body)}", "content-type": TYPE}
    lines = [f"(request-target): {method.lower()} {guard.path_of(url)}"]
    lines += [f"{name}: {text}" for name, text in told.items()]
    key = serialization.load_pem_private_key(private_key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - we made it
    signed = b64encode(key.sign("\n".join(lines).encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    names = " ".join(["(request-target)", *told])
    del told["host"]  # the door writes it
    told["signature"] = f'keyId="{key_id}",algorithm="rsa-sha256",headers="{names}",signature="{signed}"'
    return {name.title(): text for name, text in told.items()}


def _sha256(body: bytes) -> str:
    return b64encode(hashlib.sha256(body).digest()).decode()


def read(path: str, found: Mapping[str, str], body: bytes) -> Proof:
    """What proves a POST to `path`; header names in lower case. Raises Unproved."""
    if any(len(found.get(name, "")) > LONGEST for name in ("signature", "signature-input", "digest", "content-digest")):
        raise Unproved("Its signature is too long.")
    if found.get("signature-input"):
        return _read_new(path, found, body)
    if found.get("signature"):
        return _read_old(path, found, body)
    raise Unproved("It is not signed.")


def _read_old(path: str, found: Mapping[str, str], body: bytes) -> Proof:
    said = {name: text or number for name, text, number in _PARAMETER.findall(found["signature"])}
    names = said.get("headers", "").split()
    if not {"(request-target)", "host", "digest"} <= set(names) or not {"date", "(created)"} & set(names):
        raise Unproved("Sign (request-target), host, date and digest.")
    if said.get("algorithm", "hs2019") not in {"rsa-sha256", "hs2019"}:
        raise Unproved("Sign with rsa-sha256.")
    _judge_digest(found.get("digest", ""), f"SHA-256={_sha256(body)}")
    _judge_host(found.get("host", ""))
    if "date" in names:
        _judge_time(_date(found.get("date", "")))
    if "(created)" in names:
        _judge_time(_moment(said.get("created", "")))
    own = {
        "(request-target)": f"post {path}",
        "(created)": said.get("created", ""),
        "(expires)": said.get("expires", ""),
    }
    base = "\n".join(f"{name}: {own[name] if name in own else found.get(name, '')}" for name in names)
    return _proof(said.get("keyId", ""), base, said.get("signature", ""))


def _read_new(path: str, found: Mapping[str, str], body: bytes) -> Proof:
    inputs = _INPUT.fullmatch(found["signature-input"].strip())
    if inputs is None:
        raise Unproved("Its Signature-Input has more in it than one plain signature.")
    label, whole, listed, parameters = inputs.groups()
    names = re.findall(r'"([^"]+)"', listed)
    said = {name: text or number for name, text, number in re.findall(r';([a-z]+)=(?:"([^"]*)"|(\d+))', parameters)}
    is_where_known = "@target-uri" in names or {"@authority", "@path"} <= set(names)
    if not is_where_known or not {"@method", "content-digest"} <= set(names):
        raise Unproved("Sign @method, @target-uri and content-digest.")
    if said.get("alg", "rsa-v1_5-sha256") != "rsa-v1_5-sha256":
        raise Unproved("Sign with rsa-v1_5-sha256.")
    _judge_digest(found.get("content-digest", ""), f"sha-256=:{_sha256(body)}:")
    _judge_time(_moment(said.get("created", "")))
    own = {
        "@method": "POST",
        "@target-uri": settings.ORIGIN + path,
        "@authority": _our_host(),
        "@path": path.partition("?")[0],
    }
    if any(name.startswith("@") and name not in own for name in names):
        raise Unproved("It signs something that we don't know.")
    lines = [f'"{name}": {own[name] if name in own else found.get(name, "")}' for name in names]
    signature = re.fullmatch(re.escape(label) + r"=:([A-Za-z0-9+/=]+):", found.get("signature", "").strip())
    if signature is None:
        raise Unproved("Its Signature does not go with its Signature-Input.")
    return _proof(said.get("keyid", ""), "\n".join([*lines, f'"@signature-params": {whole}']), signature[1])


def _proof(key_id: str, base: str, signature: str) -> Proof:
    if not key_id or not signature:
        raise Unproved("It does not say with which key it is signed.")
    return Proof(key_id, base, signature)


def _judge_digest(said: str, wanted: str) -> None:
    """One of the digests that it says must be ours; the name of the way may be written in any letters."""
    pairs = [one.strip().partition("=") for one in said.split(",")]
    name, _, text = wanted.partition("=")
    if (name.lower(), text) not in [(one.lower(), rest) for one, _, rest in pairs]:
        raise Unproved("Its digest is not that of its body.")


def _our_host() -> str:
    return urlsplit(settings.ORIGIN).netloc


def _judge_host(said: str) -> None:
    if said.lower() != _our_host():
        raise Unproved("It was signed for another host.")


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None


def _moment(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text), UTC) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _judge_time(at: datetime | None) -> None:
    if at is None or at.tzinfo is None or abs(datetime.now(UTC) - at) > WINDOW:
        raise Unproved("It was signed too long ago, or does not say when.")


def is_signed(proof: Proof, public_key: str) -> bool:
    """Whether that key signed it; only RSA of at least BITS is believed."""
    try:
        key = serialization.load_pem_public_key(public_key.encode())
        if not isinstance(key, rsa.RSAPublicKey) or not BITS <= key.key_size <= 4 * BITS:
            return False
        key.verify(b64decode(proof.signature, validate=True), proof.base.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True
