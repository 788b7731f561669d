"""`make demo` from a fresh checkout: up, alone, stopped without a trace, and up again with its data."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.environment import ROOT

pytestmark = pytest.mark.journey
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis")
OWN = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT"}


@pytest.fixture
def checkout(folder: Path) -> Path:
    """The project as somebody else gets it, but for the packages, which take long to install."""
    copy = folder / "undersigned"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def make_demo(checkout: Path, port: int) -> Iterator[Callable[[], subprocess.Popen]]:
    """`make demo` in that checkout, as often as it is called; whatever happens, none outlives the test."""
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    started = []

    def start() -> subprocess.Popen:
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        command = ["env", "--default-signal=HUP,INT,TERM", "make", "demo", f"PORT={port}"]  # also under nohup
        demo = subprocess.Popen(command, cwd=checkout, env=environment, start_new_session=True, **output)
        started.append(demo)
        return demo

    yield start
    for demo in started:
        if demo.poll() is None:
            interrupt(demo)
        demo.stdout.close()


def welcome(demo: subprocess.Popen) -> str:
    """What it prints until the site is up, or until it gives up."""
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C stops everything."):
            break
    return "".join(lines)


def interrupt(demo: subprocess.Popen) -> str:
    """Press Ctrl-C in its terminal."""
    os.killpg(demo.pid, signal.SIGINT)
    said, _ = demo.communicate(timeout=30)
    return said


def get(url: str) -> str:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as answer:
        return answer.read().decode()


def ready(port: int) -> str:
    """What /readyz says once the worker has given a sign of life."""
    for _ in range(100):
        try:
            return get(f"http://127.0.0.1:{port}/readyz")
        except urllib.error.HTTPError:
            time.sleep(0.1)
    return get(f"http://127.0.0.1:{port}/readyz")


def processes_in(folder: Path) -> list[str]:
    """The command lines of what runs in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(folder):
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except (OSError, ValueError):
            continue
    return found


def heading(url: str) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", get(url), re.DOTALL)[1]


def test_it_comes_up_stands_alone_and_leaves_nothing_running(make_demo, checkout, port):
    demo = make_demo()
    said = welcome(demo)
    addresses = re.findall(rf"http://127\.0\.0\.1:{port}/\S*", said)
    assert len(addresses) == 4, said
    assert [address for address in addresses if "<title>" not in get(address)] == []
    assert "admin, campaigner, moderator, auditor; the password of each is undersigned-demo" in said
    assert '"status": "ok"' in ready(port)
    assert len(processes_in(checkout)) >= 5

    second = make_demo()
    told, _ = second.communicate(timeout=30)
    assert second.returncode != 0
    assert f"The demo is already running: http://127.0.0.1:{port}/ (process " in told

    before = heading(addresses[1])
    assert "The data stays in var/" in interrupt(demo)
    assert processes_in(checkout) == []

    again = make_demo()
    assert "Preparing" not in welcome(again)
    assert heading(addresses[1]) == before
    interrupt(again)
    assert processes_in(checkout) == []
