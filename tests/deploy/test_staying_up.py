"""What people notice when a web server is restarted, or the database goes away: as little as is promised."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.environment import ROOT
from petitions.models import SignatureSubmission
from tests.deploy.conftest import until_up
from tests.deploy.visitor import Refused
from tests.factories import StatementFactory

AT_ONCE = 0.3  # seconds; what is promised while the database is away
BACK_WITHIN = 5  # seconds


@pytest.fixture(scope="module", autouse=True)
def baths(unblocked, site):
    """The statement that everybody signs."""
    return StatementFactory(slug="baths")


class Crowd:
    """People who sign through a proxy, one after the other, while something is done to what is behind it."""

    def __init__(self, edge, name: str) -> None:
        self._edge, self._name = edge, name
        self.refused: list[str] = []
        self.thanked: list[str] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        time.sleep(0.5)
        self._done.set()
        self._thread.join()

    def _go_on(self) -> None:
        number = 0
        while not self._done.is_set():
            number += 1
            address = f"{self._name}-{number}@example.org"
            try:
                page = self._edge.visitor.ask("GET", f"/statements/baths/share/?n={number}").status
                form = {"name": "Bo", "email": address}
                post = self._edge.visitor.ask("POST", "/statements/baths/sign/", form=form).status
            except Refused as error:
                self.refused.append(repr(error))
                continue
            (self.thanked if (page, post) == (200, 303) else self.refused).append(f"{address} {page} {post}")


def restart(web, port: int) -> None:
    """As `systemctl restart`, whose signal goes to the main process first."""
    os.kill(web.pid, signal.SIGTERM)
    web.wait()
    web.restarts.append(time.monotonic())  # so that its log goes on
    web.start()
    until_up(port)


class Systemctl:
    """Restarts a web server when a file asks for it, as systemd would when it is told."""

    def __init__(self, site, folder: Path) -> None:
        self.asked, self.program = folder / "asked", folder / "restart-"
        self._webs = dict(zip(map(str, site.ports), site.webs, strict=True))
        self.restarted: list[str] = []
        for port in self._webs:
            told = f"#!/bin/sh\necho {port} >{self.asked}.new && mv {self.asked}.new {self.asked}\n"
            program = Path(f"{self.program}{port}")
            program.write_text(f"{told}while [ -e {self.asked} ]; do sleep 0.1; done\n")
            program.chmod(0o755)

    def see_to(self, script: subprocess.Popen) -> None:
        """Do what is asked for until the script has ended."""
        while script.poll() is None:
            if self.asked.exists():
                port = self.asked.read_text().strip()
                restart(self._webs[port], int(port))
                self.restarted.append(port)
                self.asked.unlink()
            time.sleep(0.05)


def test_the_script_restarts_both_without_a_refused_request(nginx, site):
    systemctl = Systemctl(site, nginx.folder)
    (nginx.folder / "reload").write_text(f"#!/bin/sh\nkill -HUP $(cat {nginx.folder}/nginx.pid)\n")
    (nginx.folder / "reload").chmod(0o755)
    told = {
        "CONF": f"{nginx.folder}/undersigned.conf",
        "RELOAD": f"{nginx.folder}/reload",
        "RESTART": str(systemctl.program),
        "PORTS": " ".join(map(str, site.ports)),
        "DRAIN": "2",
    }
    before = (nginx.folder / "undersigned.conf").read_text()
    with Crowd(nginx, "crowd") as crowd:
        script = subprocess.Popen(["sh", ROOT / "deploy" / "restart.sh"], env={**os.environ, **told})
        systemctl.see_to(script)
    assert (script.returncode, systemctl.restarted) == (0, list(map(str, site.ports)))
    assert (nginx.folder / "undersigned.conf").read_text() == before
    assert (crowd.refused, len(crowd.thanked) > 5) == ([], True)
    asked = [email for email in SignatureSubmission.objects.values_list("email", flat=True) if "crowd-" in email]
    assert len(asked) == len(crowd.thanked)


def timed(ask: Callable):
    began = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - began


def test_while_the_database_is_away_kept_pages_go_on_and_posts_keep_what_was_typed(site):
    visitor = site.direct()
    tls = {"X-Forwarded-Proto": "https"}

    def page(path: str = "/statements/baths/"):
        return visitor.ask("GET", path, tls)

    def post(email: str):
        form = {"name": "Zuleikha", "email": email, "affiliation": "Mill Lane"}
        return visitor.ask("POST", "/statements/baths/sign/", tls, form)

    assert page().status == 200
    site.gate.shut()
    try:
        seen = [timed(lambda: post("z@example.org")) for _ in range(3)]
        seen += [timed(page) for _ in range(3)]
        others = [visitor.ask("GET", path, tls).status for path in ("/statements/", "/nowhere/", "/readyz")]
        health = visitor.ask("GET", "/healthz").status
        time.sleep(5)  # the pool's own patience grows with each try
        later = timed(lambda: post("z@example.org"))
    finally:
        site.gate.open()
        began = time.monotonic()
    while post("back@example.org").status != 303:
        assert time.monotonic() - began < BACK_WITHIN
        time.sleep(0.05)
    posts, pages = [*seen[:3], later], seen[3:]
    assert {(answer.status, answer.headers["retry-after"]) for answer, _ in posts} == {(503, "10")}
    assert [all(word in answer.text for word in ("Zuleikha", "z@example.org", "Mill Lane")) for answer, _ in posts] == [
        True
    ] * 4
    assert {answer.status for answer, _ in pages} == {200}
    assert (others, health) == ([503, 503, 503], 200)
    # The first of each process may come while it finds out; all others know.
    slow = [seconds for _, seconds in [*seen, later] if seconds > AT_ONCE]
    assert slow == []
    assert not SignatureSubmission.objects.filter(email="z@example.org").exists()
