"""Programs kept running side by side, and ended together."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

STOP_SECONDS = 6
RESTARTS_PER_MINUTE = 5
# As docs/operating.md gives it; what each option is for stands there.
WEB_OPTIONS = (
    "--blocking-threads 4 --backlog 1024 --backpressure 4096 --respawn-failed-workers --workers-kill-timeout 15 --no-ws"
)


class GivenUpError(Exception):
    """A program ends again and again; the text holds the end of its log."""


def web_server(port: int, workers: int) -> list[str]:
    """The command that serves the site on a port of this machine, in so many processes."""
    address = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    return [sys.executable, "-m", "granian", *address, *WEB_OPTIONS.split(), "undersigned.wsgi:application"]


class Program:
    """One program in a process group of its own, so that its children end with it.

    Ctrl-C in the terminal does not reach it: whoever started it ends it, in order.
    """

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.command = [*_ends_with_parent(), *command]
        self.environment = environment
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts: list[float] = []

    def start(self) -> None:
        """Start it; what it prints goes to its log, which begins anew with the first start."""
        with self.log.open("ab" if self.restarts else "wb") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """Its process. Raises RuntimeError before it was started."""
        if self.process is None:
            raise RuntimeError(f"The {self.name} has not been started.")
        return self.process.pid

    def wait(self) -> None:
        """Return when it has ended; at once when it never began."""
        if self.process is not None:
            self.process.wait()

    def tend(self) -> None:
        """Start it again when it has died. Raises GivenUpError when that happens all the time."""
        if self.is_alive():
            return
        self.signal(signal.SIGKILL)
        now = time.monotonic()
        self.restarts = [when for when in self.restarts if now - when < 60] + [now]
        if len(self.restarts) > RESTARTS_PER_MINUTE:
            raise GivenUpError(f"The {self.name} ends again and again. The end of {self.log}:\n{self.log_tail()}")
        print(f"The {self.name} ended unasked and is started again; {os.path.relpath(self.log)} says why.", flush=True)
        self.start()

    def signal(self, number: int) -> None:
        """Send a signal to the program and all its children."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that it printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def stop(programs: Iterable[Program]) -> None:
    """End all of them: asked first, then, after STOP_SECONDS, made to."""
    running = [program for program in programs if program.process is not None]
    for program in running:
        program.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(program.is_alive() for program in running) and time.monotonic() < deadline:
        time.sleep(0.03)
    for program in running:
        program.signal(signal.SIGKILL)
        program.wait()


def _ends_with_parent() -> list[str]:
    """Have the kernel end it when this process dies, even by kill -9."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
