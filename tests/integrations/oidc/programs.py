"""Providers that others wrote, as programs on this machine, and a browser that goes through their pages."""

import fcntl
import json
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from local.environment import ROOT
from local.world import free_port

CLIENT, SECRET = "undersigned", "s3cret:x/+ %"
BACK, OUT = "http://testserver/admin/oidc/back/", "http://testserver/admin/login/"
NODE = ROOT / "tests/integrations/oidc/node"
KEPT = ROOT / "var/tests/oidc-provider"
NEWEST_NODE_NEEDED = 20


def needs_node() -> str:
    """Why `oidc-provider` can't be had here; "" if it can."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return "no Node.js with npm on this machine: install both to log in with oidc-provider"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(said.strip().lstrip("v").partition(".")[0])
    return "" if major >= NEWEST_NODE_NEEDED else f"oidc-provider needs Node.js {NEWEST_NODE_NEEDED}, here is {said}"


def install() -> str:
    """Bring server.mjs and what it needs, once for all who run tests here; why that can't be done, or ""."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, mark = (NODE / "package-lock.json").read_text(), KEPT / "installed.json"
        shutil.copy(NODE / "server.mjs", KEPT)
        if not mark.exists() or mark.read_text() != wanted:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(NODE / name, KEPT)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            ended = subprocess.run(command, check=False, cwd=KEPT, capture_output=True, text=True)
            if ended.returncode:
                return f"oidc-provider can't be installed by npm: {ended.stderr.strip()[-300:]}"
            mark.write_text(wanted)
    return ""


@contextmanager
def running(command: list[str], ready: str, **more: Any) -> Iterator[None]:
    """A program from when it says that it is `ready` until the end of the block."""
    made = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    try:
        said = []
        assert made.stdout is not None
        for line in made.stdout:
            said.append(line)
            if ready in line:
                break
        else:
            pytest.fail("".join(said))
        yield
    finally:
        made.kill()
        made.communicate()


class Browser:
    """It follows redirects within one site, keeps its cookies, and stops where it is led elsewhere."""

    def __init__(self, site: str) -> None:
        self.site = site
        handlers = [urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({}), _Stay()]
        self._opener = urllib.request.build_opener(*handlers)

    def go(self, url: str, form: dict[str, str] | None = None, **added: str) -> tuple[str, str]:
        """Where it ends up, and what it reads there. `added` goes along to pages where one says who one is."""
        for _ in range(12):
            if added and "/interaction/" in url:
                url = f"{url}?{urlencode(added)}"
            body = urlencode(form).encode() if form is not None else None
            try:
                with self._opener.open(url, body, timeout=30) as answer:
                    return url, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    if "Location" not in error.headers:
                        return url, f"{error.code} {error.read().decode()}"
                    url, form = urljoin(url, error.headers["Location"]), None
            if not url.startswith(self.site):
                return url, ""
        raise AssertionError("it leads in a circle")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def brought_back(url: str) -> dict[str, str]:
    """What stands in the address that a provider leads back to."""
    assert url.startswith(BACK), url
    return {name: texts[0] for name, texts in parse_qs(urlsplit(url).query).items()}


class Strict:
    """`oidc-provider` from npm: certified, and strict about what a client was registered with."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.people = {
            "ada-1": {"name": "Ada", "preferred_username": "ada", "email": "carol@example.org", "groups": ["mods"]}
        }

    @contextmanager
    def runs(
        self,
        *,
        proved: dict[str, Any] | None = None,
        algorithm: str = "RS256",
        options: dict[str, Any] | None = None,
        **client: Any,
    ) -> Iterator["Strict"]:
        """It answers; `client` is registered with it besides."""
        known = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [BACK], **client}
        known |= {"post_logout_redirect_uris": [OUT], "scope": "openid profile email groups"}
        told = {"issuer": self.issuer, "port": self.port, "client": known, "people": self.people}
        told |= {"proved": proved or {}, "algorithm": algorithm, "options": options or {}}
        command = ["node", "server.mjs", json.dumps(told)]
        with running(command, "listening", cwd=KEPT):
            yield self

    def log_in(self, where: str, as_whom: str = "ada-1") -> dict[str, str]:
        """What the browser of somebody who logs in there brings back."""
        return brought_back(Browser(self.issuer).go(where, login=as_whom)[0])

    def log_out(self, where: str) -> str:
        """Where somebody ends up who goes through its page."""
        browser = Browser(self.issuer)
        _, page = browser.go(where)
        action = re.search(r'<form method="post" action="([^"]+)"', page)
        proof = re.search(r'name="xsrf" value="([^"]+)"', page)
        assert action, page
        assert proof, page
        return browser.go(action[1], {"xsrf": proof[1], "logout": "yes"})[0]


class Mock:
    """`oidc-provider-mock` from PyPI."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.people = {"ada-1": {"name": "Ada", "email": "carol@example.org", "groups": ["mods"]}}

    @contextmanager
    def runs(self, **_: Any) -> Iterator["Mock"]:
        """It answers, and takes any client."""
        people = [json.dumps({"sub": sub, **claims}) for sub, claims in self.people.items()]
        told = [word for one in people for word in ("--user-claims", one)]
        command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(self.port), "-n", *told]
        with running(command, "Uvicorn running"):
            yield self

    def log_in(self, where: str, as_whom: str = "ada-1") -> dict[str, str]:
        """What the browser of somebody who logs in there brings back."""
        return brought_back(Browser(self.issuer).go(where, {"sub": as_whom})[0])

    def log_out(self, where: str) -> str:
        """Where somebody ends up who presses the button of its page."""
        browser = Browser(self.issuer)
        browser.go(where)
        return browser.go(f"{self.issuer}/oauth2/end_session/confirm", {"redirect_uri": OUT})[0]
