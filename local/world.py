"""The demo's surroundings: its folder, port, secret, database and static files."""

import fcntl
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from local.environment import ROOT, sealed
from local.postgres import Cluster

VAR = ROOT / "var"
LOGS = VAR / "log"
LOCK = VAR / "demo.lock"
DATABASE = "undersigned"


class DemoError(Exception):
    """The demo cannot run; the text says why and what to do."""


def port() -> int:
    """The port that the site is to listen on, from PORT."""
    value = os.environ.get("PORT", "8000")
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise DemoError(f"PORT is {value!r}: write a number from 1 to 65535, like make demo PORT=8001.")
    return int(value)


def check_port(number: int) -> None:
    """Raises DemoError when another program has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except PermissionError as error:
            raise DemoError(f"Port {number} is for root only. Choose one from 1024 on: make demo PORT=8001") from error
        except OSError as error:
            other = number + 1 if number < 65535 else 8000
            raise DemoError(
                f"Port {number} is taken by another program. Choose another: make demo PORT={other}"
            ) from error


@contextmanager
def only_one(number: int) -> Iterator[None]:
    """Hold the demo's lock. Raises DemoError while another process holds it.

    The kernel lets go of it when the process ends, however it ends, so a killed demo never stands in the way.
    """
    try:
        LOGS.mkdir(parents=True, exist_ok=True)
        lock = LOCK.open("a+")
    except PermissionError as error:
        raise DemoError("var/ belongs to another user: run the command as that user, or remove the folder.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(_already_running()) from error
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "port": number}))
        lock.flush()
        yield


def _already_running() -> str:
    try:
        other = json.loads(LOCK.read_text())
    except ValueError:
        return "The demo is being started by somebody else at this moment."
    return (
        f"The demo is already running: http://127.0.0.1:{other['port']}/ (process {other['pid']}). "
        f"Stop it with Ctrl-C in its terminal, or: kill {other['pid']}"
    )


def running_port() -> int | None:
    """The port of the demo that is running in this folder, if one is."""
    if not LOCK.exists():
        return None
    with LOCK.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return json.load(lock)["port"]
    return None


def cluster(start: bool = True) -> Cluster | None:
    """The demo's PostgreSQL with its database in it; None when DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL"):
        return None
    server = Cluster(VAR / "postgres")
    if start:
        server.start()
        _make_database(server)
    return server


def _make_database(server: Cluster) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def environment(number: int, server: Cluster | None) -> dict[str, str]:
    """The environment of everything the demo starts."""
    smtp_port = str(free_port())
    settings = sealed(
        DATABASE_URL=server.url(DATABASE) if server else os.environ["DATABASE_URL"],
        DEMO="1",
        ORIGIN=f"http://127.0.0.1:{number}",
        SECRET_KEY=_secret(),
        EMAIL_URL=f"smtp://127.0.0.1:{smtp_port}",
        OUTBOUND_PRIVATE_HOSTS=os.environ.get("OUTBOUND_PRIVATE_HOSTS", ""),  # whoever tries a webhook has a receiver
        **{name: said for name, said in os.environ.items() if name.startswith("OIDC_")},  # or a log-in elsewhere
    )
    return {**os.environ, **settings, "DEMO_SMTP_PORT": smtp_port, "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _secret() -> str:
    """The demo's SECRET_KEY, made once, so that links in mails outlive a restart."""
    file = VAR / "demo.env"
    if not file.exists():
        made = f"SECRET_KEY={secrets.token_urlsafe(64)}\n"
        unfinished = VAR / "demo.env.unfinished"
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(made)
        unfinished.rename(file)
    return file.read_text().strip().removeprefix("SECRET_KEY=")


def prepare(environment: dict[str, str]) -> None:
    """Bring tables, demo world and static files up to date. Raises DemoError with what the failed step printed."""
    steps = {"the tables and the demo world": _begin(environment, "-m", "local.prepare")}
    if not _static_is_fresh():
        print("Preparing the database, the demo world and the static files; later starts take seconds.", flush=True)
        steps["the static files"] = _begin(environment, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    try:
        for what, process in steps.items():
            _finish(process, what)
    finally:
        for process in steps.values():
            process.kill()
    _static_stamp().write_text(_static_fingerprint())


def _begin(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _finish(process: subprocess.Popen[str], what: str) -> None:
    printed, _ = process.communicate()
    if process.returncode != 0:
        raise DemoError(f"Preparing {what} failed:\n{printed.strip()}")


def _static_stamp() -> Path:
    return VAR / "static.stamp"


def _static_is_fresh() -> bool:
    stamp = _static_stamp()
    return (VAR / "static").is_dir() and stamp.exists() and stamp.read_text() == _static_fingerprint()


def _static_fingerprint() -> str:
    """Changes when a static file of ours, a package or the settings change: compressing takes ten seconds."""
    files = [ROOT / "requirements" / "base.txt", ROOT / "undersigned" / "settings.py"]
    files += sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
