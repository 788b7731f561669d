"""A provider of log-ins played on this machine: discovery, keys, codes for tokens, signed as they should be or not."""

import hashlib
import json
import socket
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.integrations.newsletters.programs import read
from tests.mail.outbound.hosts import Host, good

CLIENT, SECRET = "undersigned", "s3cret:x"


class Provider:
    """One person is logged in there, whom `claims` describe. `more` changes the token, `facts` the discovery."""

    def __init__(self, own: Host) -> None:
        self.own = own
        self.issuer = own.url.rstrip("/")
        self.key: Any = RSAKey.generate_key(2048, {"kid": "a", "use": "sig", "alg": "RS256"})
        self.signs_with: Any = None
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {"sub": "ada-1", "preferred_username": "ada", "email": "carol@example.org"}
        self.more: dict[str, Any] = {}
        self.facts: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.access_token = "x"
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.fault = b""
        own.answer = self._answer

    def turn_keys(self) -> None:
        """As providers do now and then."""
        self.key = ECKey.generate_key("P-256", {"kid": "b", "use": "sig"})
        self.algorithm = "ES256"

    def log_in(self, where: str) -> dict[str, str]:
        """What the browser brings back from there: code and state."""
        asked = {name: texts[0] for name, texts in parse_qs(urlsplit(where).query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _answer(self, own: socket.socket) -> None:
        asked = read(self.own.heard[-1])
        self.asked.append(asked.path)
        if self.fault:
            own.sendall(self.fault)
            return
        said = {
            "/.well-known/openid-configuration": self._facts,
            "/keys": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/userinfo": lambda: self.userinfo if asked.headers.get("authorization") == "Bearer x" else None,
            "/token": lambda: self._token(asked.headers, asked.body),
        }[asked.path]()
        own.sendall(good(json.dumps(said).encode(), status="200 OK" if said else "400 Bad"))

    def _facts(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": "https://id.example.org/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": "https://id.example.org/logout",
            **self.facts,
        }

    def _token(self, headers: dict[str, str], body: bytes) -> dict[str, Any] | None:
        told = {name: texts[0] for name, texts in parse_qs(body.decode()).items()}
        asked = self.codes.pop(told["code"], None)
        proof = urlsafe_b64encode(hashlib.sha256(told["code_verifier"].encode()).digest()).decode().rstrip("=")
        is_ours = headers.get("authorization", "").startswith("Basic ") or told.get("client_secret") == SECRET
        if not (
            asked and is_ours and proof == asked["code_challenge"] and told["redirect_uri"] == asked["redirect_uri"]
        ):
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= {**self.claims, **self.more}
        signs = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": self.key.kid}
        algorithms = ["RS256", "ES256", "HS256"]
        return {"id_token": jwt.encode(header, claims, signs, algorithms=algorithms), "access_token": self.access_token}
