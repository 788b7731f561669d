"""The worst day: a mix of visitors at 70 % of what the site can take, and at ten times of it."""

from bench.load import Shot, fire
from bench.report import Figure
from bench.scenarios import Place, Wrk
from bench.site import memory_mb, processes

STORM = "page=85,sign=10,confirm=5"
# Pages that are made anew each time, so that everything in this mix costs something.
CRUSH = "confirm=10,sign=25,comment=15,names=50"
ORDER = ("confirm", "sign", "comment", "names")


def _fire(wrk: Wrk, place: Place, mix: str, *, rate: float, seconds: float, connections: int, links: int) -> Shot:
    path = wrk.links(place, wrk.world["statements"], many=links)
    return fire(
        place.server, "paced", f"{rate:.0f}", mix, path, wrk.page, wrk.thread, wrk.names,
        seconds=seconds, database_pid=wrk.pid, connections=connections,
    )  # fmt: skip


def storm(wrk: Wrk, place: Place, seconds: float) -> tuple[Figure, dict[str, float]]:
    """An open loop at 70 % of the capacity of its own mix; the figure, and the memory of a web process afterwards."""
    most = _fire(wrk, place, STORM, rate=0, seconds=wrk.seconds * 2, connections=32, links=int(1500 * wrk.seconds * 2))
    rate = most.rps * 0.7
    shot = _fire(
        wrk, place, STORM, rate=rate, seconds=seconds, connections=512, links=int(rate * 0.055 * seconds) + 600
    )
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


def overload(wrk: Wrk, place: Place, seconds: float) -> Figure:
    """An open loop at ten times the capacity: what is still done, and how soon the rest is told to come back."""
    most = _fire(wrk, place, CRUSH, rate=0, seconds=wrk.seconds * 2, connections=16, links=int(400 * wrk.seconds * 2))
    rate = most.rps * 10
    # The first second, until it is clear that this is no pause of the disk, is not what is asked for here.
    _fire(wrk, place, CRUSH, rate=rate, seconds=2, connections=2000, links=int(rate * 0.24) + 2500)
    shot = _fire(
        wrk, place, CRUSH, rate=rate, seconds=seconds, connections=2000, links=int(rate * 0.12 * seconds) + 2500
    )
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
