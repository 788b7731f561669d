"""Driving wrk, and reading what it says."""

import json
import resource
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bench.site import BenchError, Server, cpu_seconds, machine_seconds, processes

LUA = Path(__file__).resolve().parent / "lua"
CONNECTIONS = 32


@dataclass(frozen=True)
class Shot:
    """One run of wrk: answers per second, milliseconds, how many of each status, and CPU (1.0 is one core)."""

    rps: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    more: dict = field(default_factory=dict)

    def answers(self, *wanted: int) -> int:
        """How many answers had one of these statuses."""
        return sum(self.statuses.get(status, 0) for status in wanted)


def check_wrk() -> None:
    """Raises BenchError when wrk is not installed."""
    if shutil.which("wrk") is None:
        raise BenchError(
            "The benchmark needs wrk. Install it (Debian, Ubuntu: apt install wrk), then run make bench again."
        )


def fire(
    server: Server,
    script: str,
    *arguments: object,
    seconds: float,
    database_pid: int,
    connections: int = CONNECTIONS,
    threads: int = 1,
) -> Shot:
    """Run wrk with `lua/<script>.lua` and its arguments against a server.

    Raises BenchError for anything that is not an answer: refused connections, time-outs, cut-off answers.
    """
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "15s"]
    command += ["-s", str(LUA / f"{script}.lua"), server.origin, "--", *map(str, arguments)]
    before = _cpu(server, database_pid)
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=LUA)
    out, error = wrk.communicate()
    used = {name: value - before[name] for name, value in _cpu(server, database_pid).items()}
    line = next((line for line in out.splitlines() if line.startswith("{")), None)
    if wrk.returncode != 0 or line is None:
        raise BenchError(f"wrk failed: {error.strip() or out.strip()}")
    return read(line, used)


def read(line: str, cpu_used: dict[str, float] | None = None) -> Shot:
    """What our scripts print at the end: one line of JSON. Raises BenchError when connections failed."""
    said = json.loads(line)
    if broken := {name: number for name, number in said["errors"].items() if number}:
        raise BenchError(f"wrk saw broken connections: {broken}")
    seconds = said["seconds"]
    statuses = {int(status): number for status, number in said["statuses"].items()}
    return Shot(
        rps=sum(statuses.values()) / seconds,
        p50_ms=said["p50_ms"],
        p99_ms=said["p99_ms"],
        statuses=statuses,
        seconds=seconds,
        cpu={name: round(value / seconds, 2) for name, value in (cpu_used or {}).items()},
        more=said.get("more", {}),
    )


def _cpu(server: Server, database_pid: int) -> dict[str, float]:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrk = children.ru_utime + children.ru_stime
    web, database = cpu_seconds(processes([server.pid])), cpu_seconds(processes([database_pid]))
    return {"wrk": wrk, "web": web, "database": database, "others": machine_seconds() - wrk - web - database}
