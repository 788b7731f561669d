"""What is measured: PostgreSQL as it ships, and the site's production entry point with production settings."""

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg

from local import world
from local.environment import ROOT, sealed
from local.postgres import Cluster
from local.processes import Program, stop, web_server

FOLDER = ROOT / "var" / "bench"
WORKERS = 2
READY_SECONDS = 40
SECRET = secrets.token_urlsafe(64)
# How a database of two cores and some gigabytes is set up; what decides durability stays as PostgreSQL ships it.
SIZED = {
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "maintenance_work_mem": "768MB",
}


class BenchError(Exception):
    """The benchmark cannot be run, or its figures cannot be trusted; the text says why."""


class Site:
    """A database server, and on it any number of sites and floors, each a program of its own with its own port."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.cluster = Cluster(FOLDER / "postgres", settings=SIZED)
        self.programs: list[Program] = []
        self.smtp_port = free_port()
        self._linker: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start PostgreSQL with the demo's world in a database called `demo`."""
        self.cluster.start()
        self.sql("postgres", "DROP DATABASE IF EXISTS demo", "CREATE DATABASE demo")
        world.prepare({**os.environ, **self._settings("demo", 8000), "DEMO": "1"})

    def end(self) -> None:
        """Stop everything that was started here, in order."""
        if self._linker:
            self._linker.kill()
            self._linker.wait()
        stop(self.programs)
        self.cluster.stop()

    def sql(self, database: str, *statements: str) -> list[tuple]:
        """Run statements one by one on a database; returns the rows of the last one, if it has any."""
        with psycopg.connect(self.cluster.url(database), autocommit=True) as connection:
            rows: list[tuple] = []
            for statement in statements:
                cursor = connection.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
            return rows

    def serve(self, name: str, database: str, **more: str) -> "Server":
        """Start the web server on a database, with `more` in its environment. Returns when it answers."""
        port = free_port()
        settings = self._settings(database, port) | more
        program = self._start(name, web_server(port, WORKERS), settings)
        server = Server(f"http://127.0.0.1:{port}", program)
        _wait_for(server.answers, program)
        return server

    def python(self, name: str, database: str, *arguments: str, **more: str) -> Program:
        """Start a Python program that speaks to a database, such as `manage.py worker`."""
        return self._start(name, [sys.executable, *arguments], self._settings(database, 8000) | more)

    def run(self, database: str, *arguments: str, given: str = "") -> str:
        """Run a Python program on a database to its end; returns what it printed. Raises BenchError."""
        environment = {**os.environ, **self._settings(database, 8000), "BENCH_FOLDER": str(FOLDER)}
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=ROOT,
            input=given,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise BenchError(f"{' '.join(arguments)} failed:\n{done.stderr.strip()[-2000:]}")
        return done.stdout

    def links(self, ids: list[int]) -> list[str]:
        """The path of each signature's confirmation link, from a program that knows the site's secret."""
        if self._linker is None:
            settings = {**os.environ, **self._settings("demo", 8000)}
            self._linker = subprocess.Popen(
                [sys.executable, "-m", "bench.links"],
                env=settings, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 16,
            )  # fmt: skip
        asked, said = self._linker.stdin, self._linker.stdout
        if asked is None or said is None:
            raise BenchError("the program that makes links has no pipes")
        found: list[str] = []
        for begin in range(0, len(ids), 200):  # more would fill the pipes, and both would wait
            some = ids[begin : begin + 200]
            asked.write("".join(f"{number}\n" for number in some))
            asked.flush()
            found += [said.readline() for _ in some]
        return found

    def database_pid(self) -> int:
        """The process number of PostgreSQL's first process."""
        return int((self.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def _start(self, name: str, command: list[str], settings: dict[str, str]) -> Program:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings, "BENCH_FOLDER": str(FOLDER)}
        program = Program(name, command, environment, FOLDER / f"{name}.log")
        program.start()
        self.programs.append(program)
        return program

    def _settings(self, database: str, port: int) -> dict[str, str]:
        return sealed(
            DATABASE_URL=self.cluster.url(database),
            SECRET_KEY=SECRET,
            ORIGIN=f"http://127.0.0.1:{port}",
            SITE_NAME="Eastside Campaign",
            CONTACT_EMAIL="post@example.org",
            EMAIL_URL=f"smtp://127.0.0.1:{self.smtp_port}",
            TRUSTED_PROXIES="1",  # the visitors of the benchmark say when they asked, as a proxy does
            SECOND_FACTOR="0",  # the benchmark logs in to the admin with a password
        )


class Server:
    """One web server: where it listens, and its processes."""

    def __init__(self, origin: str, program: Program) -> None:
        self.origin, self.program = origin, program

    @property
    def pid(self) -> int:
        """The process that the workers belong to."""
        return self.program.pid

    def answers(self) -> bool:
        """Whether it takes requests."""
        return self.status("/") > 0

    def get(self, path: str, **headers: str) -> tuple[int, bytes, float]:
        """Status, body as sent, and seconds of one GET."""
        request = urllib.request.Request(
            self.origin + path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        begun = time.perf_counter()
        try:
            with _opener.open(request, timeout=60) as response:
                return response.status, response.read(), time.perf_counter() - begun
        except urllib.error.HTTPError as error:
            return error.code, error.read(), time.perf_counter() - begun

    def status(self, path: str) -> int:
        """The status of one GET; 0 when nobody answers."""
        try:
            return self.get(path)[0]
        except OSError:
            return 0


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(ready: Callable[[], bool], program: Program) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if not program.is_alive() or time.monotonic() > deadline:
            raise BenchError(f"The {program.name} did not start. The end of {program.log}:\n{program.log_tail()}")
        time.sleep(0.05)


def processes(pids: Iterable[int]) -> set[int]:
    """These processes and all their children, grandchildren and so on."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (found := _stat(int(entry.name))):
            parents[int(entry.name)] = int(found[1])
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU that these processes, and their children that have ended, have used so far."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = filter(None, map(_stat, pids))
    return sum(sum(map(int, fields[11:15])) for fields in found) / ticks


def machine_seconds() -> float:
    """CPU that all programs of this machine have used so far, and the kernel for them."""
    busy = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq = map(int, busy[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def memory_mb(pids: Iterable[int]) -> float:
    """Resident memory of the largest of these processes, in megabytes (10^6 bytes)."""
    most = 0
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        if found := re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE):
            most = max(most, int(found.group(1)))
    return round(most * 1024 / 1e6, 1)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on (proc(5)); None for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
