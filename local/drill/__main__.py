"""`make drill`: kill one thing after the other while people sign, then print which promises were kept.

Three minutes by default; MINUTES=40 makes the 50,000 submissions and far more than the 30 kills of SAFETY 2.1.
"""

import itertools
import os
import sys
import time

from local import world
from local.drill.ledgers import Ledgers, promises
from local.drill.people import DOMAIN, People
from local.drill.site import DATABASE, VICTIMS, Site
from local.postgres import ClusterError

KILL_EVERY = 4.0  # seconds
DRAIN_SECONDS = 90
_ROWS = f"SELECT email, state FROM petitions_signature WHERE email LIKE '%@{DOMAIN}'"
_CLAIMED = "SELECT count(*) FROM mail_outgoingemail WHERE claimed_until > now()"
# What a killed worker had claimed is free again after five minutes. The drill lets them pass at once.
_PASS_TIME = "UPDATE mail_outgoingemail SET claimed_until = now() WHERE claimed_until > now()"


def main() -> int:
    """Run the drill. Returns 1 when a promise was broken."""
    seconds = 60 * float(os.environ.get("MINUTES") or 3)
    world.LOGS.mkdir(parents=True, exist_ok=True)
    site = Site(world.free_port())
    try:
        site.start()
        found, kills = _drill(site, seconds)
    finally:
        site.end()
    return _report(found, kills)


def _drill(site: Site, seconds: float) -> tuple[Ledgers, dict[str, int]]:
    people = People(site)
    people.start()
    try:
        kills = _kill(site, people, time.monotonic() + seconds)
        people.stop_signing()
        _drain(site, people)
    finally:
        people.end()
    found = people.found
    found.rows = dict(site.sql(_ROWS))
    found.agrees, found.claimed = site.agrees(), site.sql(_CLAIMED)[0][0]
    return found, kills


def _kill(site: Site, people: People, until: float) -> dict[str, int]:
    kills = dict.fromkeys(VICTIMS, 0)
    for victim in itertools.cycle(VICTIMS):
        time.sleep(KILL_EVERY)
        if time.monotonic() > until:
            return kills
        site.kill(victim)
        kills[victim] += 1
        if victim == DATABASE:
            people.found.back.append(_seconds_until_acknowledged(people))
    return kills


def _seconds_until_acknowledged(people: People) -> float:
    begin = time.monotonic()
    while people.acknowledged_at < begin and time.monotonic() - begin < 60:
        time.sleep(0.02)
    return time.monotonic() - begin


def _drain(site: Site, people: People) -> None:
    """Wait until every mail is out and every link is pressed."""
    site.sql(_PASS_TIME)
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline and (people.unread() or site.sql(_CLAIMED)[0][0]):
        time.sleep(0.2)


def _report(found: Ledgers, kills: dict[str, int]) -> int:
    counted = ", ".join(f"{victim} {number}" for victim, number in kills.items())
    print(f"\n{sum(kills.values())} kills ({counted})\n")
    table = promises(found)
    print("\n".join(map(str, table)), flush=True)
    return int(any(promise.broken for promise in table))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (world.DemoError, ClusterError) as error:
        sys.exit(f"\n{error}\n")
