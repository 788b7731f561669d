"""A server played as Mastodon is one, over TLS: it proves who asks before it answers, and signs what it sends.

Its way of signing and proving is written here once more, by the specifications, and shares no code with ours.
"""

import hashlib
import json
import re
import socket
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.integrations.newsletters.programs import read
from tests.mail.outbound.hosts import Host, good

JSON = "application/activity+json"


@dataclass
class Account:
    """Somebody who has an account there."""

    url: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def key_id(self) -> str:
        return f"{self.url}#main-key"

    def described(self, shared: str) -> dict[str, Any]:
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {
            "id": self.url,
            "type": "Person",
            "inbox": f"{self.url}/inbox",
            "endpoints": {"sharedInbox": shared},
            "publicKey": {"id": self.key_id, "owner": self.url, "publicKeyPem": pem.decode()},
            **self.more,
        }

    def sign(self, words: str) -> str:
        return b64encode(self.key.sign(words.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


class Instance:
    """`accounts` by name; one that is None is gone. `delivered` is what its common inbox took and proved."""

    def __init__(self, own: Host, client: Any, name: str = "social.example") -> None:
        self.own, self.client, self.name = own, client, name
        self.origin = f"https://{name}:{own.port}"
        self.accounts: dict[str, Account | None] = {}
        self.delivered: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.known: dict[str, str] = {}
        self.fault = b""
        own.answer = self._answer

    def account(self, name: str) -> Account:
        made = Account(f"{self.origin}/users/{name}")
        self.accounts[name] = made
        return made

    def _answer(self, own: socket.socket) -> None:
        asked = read(self.own.heard[-1])
        method = self.own.heard[-1].partition(b" ")[0].decode()
        self.asked.append(f"{method} {asked.path}")
        if self.fault:
            own.sendall(self.fault)
        elif not self._is_proved(method, asked):
            own.sendall(good(status="401 Not signed"))
        elif method == "POST":
            self.delivered.append(json.loads(asked.body))
            own.sendall(good(status="202 Accepted"))
        else:
            account = self.accounts[asked.path.rpartition("/")[2]]
            told = json.dumps(account.described(f"{self.origin}/inbox")).encode() if account else b""
            own.sendall(good(told) if account else good(status="410 Gone"))

    def _is_proved(self, method: str, asked: Any) -> bool:
        said = dict(re.findall(r'(\w+)="([^"]*)"', asked.headers["signature"]))
        names = said["headers"].split()
        wanted = {"(request-target)", "host", "date", *(["digest"] if method == "POST" else [])}
        if not wanted <= set(names):
            return False
        digest = b64encode(hashlib.sha256(asked.body).digest()).decode()
        if method == "POST" and asked.headers["digest"] != f"SHA-256={digest}":
            return False
        told = {"(request-target)": f"{method.lower()} {asked.path}", **asked.headers}
        base = "\n".join(f"{one}: {told[one]}" for one in names)
        key = serialization.load_pem_public_key(self.known[said["keyId"]].encode())
        try:
            key.verify(b64decode(said["signature"]), base.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def get_to_know(self, handle: str) -> dict[str, Any]:
        """Find an account of ours as somebody types it, and remember its key."""
        found = self.client.get("/.well-known/webfinger", {"resource": f"acct:{handle}"}).json()
        (where,) = [link["href"] for link in found["links"] if link["rel"] == "self"]
        account = self.client.get(where.removeprefix("http://testserver"), headers={"accept": JSON}).json()
        self.known[account["publicKey"]["id"]] = account["publicKey"]["publicKeyPem"]
        return account

    def send(self, activity: dict[str, Any] | bytes, by: Account, *, to: str, how: str = "old", **spoiled: Any) -> Any:
        """Post it to an inbox of ours; what stands in `spoiled` is told otherwise than it was signed."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        make = old_way if how == "old" else new_way
        headers = {**make(by, to, body, spoiled.pop("age", timedelta(0))), **spoiled}
        return self.client.post(to, spoiled.pop("body", body), content_type=JSON, headers=headers)

    def follow(self, by: Account, whom: str, number: int = 1) -> dict[str, Any]:
        """As Mastodon writes it (docs.joinmastodon.org, ActivityPub)."""
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{self.origin}/{number}-5e1b-4b6a",
            "type": "Follow",
            "actor": by.url,
            "object": whom,
        }

    def undo(self, by: Account, whom: str) -> dict[str, Any]:
        """The same."""
        wish = self.follow(by, whom)
        del wish["@context"]
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{by.url}#follows/1/undo",
            "type": "Undo",
            "actor": by.url,
            "object": wish,
        }

    def gone(self, by: Account) -> dict[str, Any]:
        """An account that was deleted, as Mastodon tells everybody."""
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{by.url}#delete",
            "type": "Delete",
            "actor": by.url,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "object": by.url,
        }


def old_way(by: Account, to: str, body: bytes, age: timedelta) -> dict[str, str]:
    """draft-cavage-http-signatures-12, as Mastodon signs."""
    digest = f"SHA-256={b64encode(hashlib.sha256(body).digest()).decode()}"
    date = format_datetime(datetime.now(UTC) - age, usegmt=True)
    base = f"(request-target): post {to}\nhost: testserver\ndate: {date}\ndigest: {digest}\ncontent-type: {JSON}"
    names = "(request-target) host date digest content-type"
    signature = f'keyId="{by.key_id}",algorithm="rsa-sha256",headers="{names}",signature="{by.sign(base)}"'
    return {"host": "testserver", "date": date, "digest": digest, "signature": signature}


def new_way(by: Account, to: str, body: bytes, age: timedelta) -> dict[str, str]:
    """RFC 9421 and RFC 9530, as Mastodon 4.5 signs."""
    digest = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
    created = int((datetime.now(UTC) - age).timestamp())
    inner = f'("@method" "@target-uri" "content-digest");created={created};keyid="{by.key_id}"'
    told = f'"@method": POST\n"@target-uri": http://testserver{to}\n"content-digest": {digest}'
    base = f'{told}\n"@signature-params": {inner}'
    return {
        "host": "testserver",
        "content-digest": digest,
        "signature-input": f"sig1={inner}",
        "signature": f"sig1=:{by.sign(base)}:",
    }
