"""The worst day: a mix of visitors at 70 % of what the site can take, and at ten times of it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.load import Shot, fire
from bench.report import Figure
from bench.scenarios import Place, Wrk
from bench.site import memory_mb, processes

STORM = "page=85,sign=10,confirm=5"
# Pages that are made anew each time, so that everything in this mix costs something.
CRUSH = "confirm=10,sign=25,comment=15,names=50"
ORDER = ("confirm", "sign", "comment", "names")
BEFORE = "sign=25,comment=15,names=60"
CROWD = 2000  # connections
AHEAD = 3  # seconds; wrk takes whole ones


def _fire(wrk: Wrk, place: Place, mix: str, links: str, *, rate: float, seconds: float, connections: int) -> Shot:
    return fire(
        place.server, "paced", f"{rate:.0f}", mix, links, wrk.page, wrk.thread, wrk.names,
        seconds=seconds, database_pid=wrk.pid, connections=connections,
    )  # fmt: skip


def _links(wrk: Wrk, place: Place, many: float) -> str:
    return wrk.links(place, wrk.world["statements"], many=int(many))


def storm(wrk: Wrk, place: Place, seconds: float) -> tuple[Figure, dict[str, float]]:
    """An open loop at 70 % of the capacity of its own mix; the figure, and the memory of a web process afterwards."""
    trial = wrk.seconds * 2
    most = _fire(wrk, place, STORM, _links(wrk, place, 1500 * trial), rate=0, seconds=trial, connections=32)
    rate = most.rps * 0.7
    links = _links(wrk, place, rate * 0.055 * seconds + 600)
    shot = _fire(wrk, place, STORM, links, rate=rate, seconds=seconds, connections=512)
    wrk.shots["storm"].append(shot)
    errors = sum(shot.statuses.values()) - shot.answers(200, 303)
    found = Figure(
        rps=round(shot.rps, 1),
        p50_ms=round(shot.p50_ms, 2),
        p99_ms=round(shot.p99_ms, 2),
        cpu=shot.cpu,
        more={"capacity": round(most.rps), "offered": round(rate), "errors": errors, "late_ms": shot.more["late_ms"]},
    )
    web = memory_mb(processes([place.server.pid]) - {place.server.pid})
    return found, {"web_after_storm": web}


@contextmanager
def _crowd_before(wrk: Wrk, place: Place, links: str, rate: float) -> Iterator[None]:
    """Others are there before the crowd that is measured, and leave while it comes.

    The first moments, until the site knows that this is no pause of the disk, are not what is asked for here.
    """
    with ThreadPoolExecutor(1) as pool:
        crowd = pool.submit(_fire, wrk, place, BEFORE, links, rate=rate, seconds=AHEAD + 1, connections=CROWD)
        time.sleep(AHEAD)
        yield
        crowd.result()


def overload(wrk: Wrk, place: Place, seconds: float) -> Figure:
    """An open loop at ten times the capacity: what is still done, and how soon the rest is told to come back."""
    trial = wrk.seconds * 2
    most = _fire(wrk, place, CRUSH, _links(wrk, place, 400 * trial), rate=0, seconds=trial, connections=16)
    rate = most.rps * 10
    links = _links(wrk, place, rate * 0.12 * seconds + 2500)
    with _crowd_before(wrk, place, links, rate):
        shot = _fire(wrk, place, CRUSH, links, rate=rate, seconds=seconds, connections=CROWD)
    wrk.shots["overload"].append(shot)
    served, offered = shot.more["served"], shot.more["offered"]
    shares = {kind: round(served[kind] / max(1, offered[kind]), 2) for kind in ORDER}
    good = shot.answers(200, 303) / shot.seconds
    more = {
        "capacity": round(most.rps),
        "offered": round(rate),
        "arrived": round(sum(offered.values()) / shot.seconds),
        "goodput": round(good / most.rps, 2),
        "without_retry_after": shot.answers(599),
        "other_errors": sum(shot.statuses.values()) - shot.answers(200, 303, 503, 599),
        "in_order": [shares[kind] for kind in ORDER] == sorted((shares[kind] for kind in ORDER), reverse=True),
        **{f"{kind}_served": share for kind, share in shares.items()},
    }
    return Figure(
        rps=round(good, 1), p50_ms=round(shot.p50_ms, 2), p99_ms=round(shot.p99_ms, 2), cpu=shot.cpu, more=more
    )
