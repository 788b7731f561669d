"""`make demo`: a live site on this machine, and nothing left of it but its data when it is stopped.

Starts PostgreSQL, the mail catcher, the mail worker and the web server, keeps them running, and ends them together
on Ctrl-C, SIGTERM, a closed terminal, or when whoever started it is gone. One that dies is started again, as systemd
would: a visitor of the demo should see what a visitor of a real site sees.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn

from local import world
from local.postgres import Cluster, ClusterError
from local.processes import GivenUpError, Program, stop, web_server
from local.world import LOGS, DemoError

READY_SECONDS = 40
STAFF = ("admin", "campaigner", "moderator", "auditor")
PASSWORD = "undersigned-demo"
STATEMENT = "keep-our-libraries-open"


class Stopped(BaseException):
    """The demo was asked to stop."""


def main(arguments: list[str]) -> int:
    """Run the demo, or one `manage` command on its data. Returns the exit status."""
    try:
        if arguments[:1] == ["manage"]:
            return manage(arguments[1:])
        _stop_when_asked()
        demo()
    except Stopped:
        print("\nStopped. The data stays in var/; `make demo` goes on with it.", flush=True)
    except (DemoError, ClusterError, GivenUpError) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    return 0


def demo() -> NoReturn:
    """Bring the site up and keep it up until asked to stop."""
    parent = os.getppid()
    port = world.port()
    with world.only_one(port):
        world.check_port(port)
        cluster = world.cluster()
        programs: list[Program] = []
        try:
            environment = world.environment(port, cluster)
            world.prepare(environment)
            programs += _programs(port, environment)
            for program in programs:
                program.start()
            _wait_for_site(port, programs)
            _welcome(port)
            _keep(programs, cluster, parent)
        finally:
            _ignore_signals()
            stop(programs)
            if cluster:
                cluster.stop()


def manage(arguments: list[str]) -> int:
    """One `manage.py` command on the demo's data, whether the demo is running or not."""
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command, such as a shell
    running = world.running_port()
    if running:
        environment = world.environment(running, world.cluster(start=False))
        return subprocess.call([sys.executable, "manage.py", *arguments], env=environment)
    port = world.port()
    with world.only_one(port):
        cluster = world.cluster()
        try:
            environment = world.environment(port, cluster)
            return subprocess.call([sys.executable, "manage.py", *arguments], env=environment)
        finally:
            if cluster:
                cluster.stop()


def _programs(port: int, environment: dict[str, str]) -> list[Program]:
    python = sys.executable
    # One process, so that a page changed in it is never answered from another one's memory.
    web = web_server(port, workers=1)
    sink = [python, "-m", "local.smtp_sink", "--port", environment["DEMO_SMTP_PORT"]]
    commands = {"mail catcher": sink, "mail worker": [python, "manage.py", "worker"], "web server": web}
    return [
        Program(name, command, environment, LOGS / f"{name.replace(' ', '-')}.log")
        for name, command in commands.items()
    ]


def _wait_for_site(port: int, programs: list[Program]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(f"http://127.0.0.1:{port}/healthz"):
        dead = next((program for program in programs if not program.is_alive()), None)
        if dead or time.monotonic() > deadline:
            failed = dead or programs[-1]
            raise DemoError(f"The {failed.name} did not start. The end of {failed.log}:\n{failed.log_tail()}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _welcome(port: int) -> None:
    origin = f"http://127.0.0.1:{port}"
    print(
        f"""
The site is up.

  The site          {origin}/
  A joint statement {origin}/statements/{STATEMENT}/
  The mail it sends {origin}/mailbox/    (also in var/mail/)
  For staff         {origin}/admin/

  Staff log-ins     {", ".join(STAFF)}; the password of each is {PASSWORD}

Ctrl-C stops everything. Logs are in {LOGS.relative_to(world.ROOT)}/.
""",
        flush=True,
    )


def _keep(programs: list[Program], cluster: Cluster | None, parent: int) -> NoReturn:
    while True:
        time.sleep(0.5)
        if os.getppid() != parent or _is_make_giving_up(parent):
            raise Stopped
        if cluster and not cluster.is_alive():
            print("PostgreSQL ended unasked and is started again.", flush=True)
            cluster.start()
        for program in programs:
            program.tend()


def _is_make_giving_up(parent: int) -> bool:
    """Whether our parent is a `make` that was interrupted on its own.

    It does not pass SIGINT on, for a terminal sends it to all; it blocks the signal and waits for us, without end.
    """
    try:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{parent}/status").read_text().splitlines())
    except OSError:
        return False
    blocked = int(status["SigBlk"], 16)
    return "make" in status["Name"] and bool(blocked & 1 << (signal.SIGINT - 1))


def _stop_when_asked() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays nohup
        signal.signal(signal.SIGHUP, _stop)


def _stop(number: int, frame: object) -> NoReturn:
    _ignore_signals()
    raise Stopped


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
