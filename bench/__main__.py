"""`make bench`: the whole run in about a quarter of an hour, or QUICK=1 in two minutes. ROWS=… loads another number,
ONLY="posts worst_day" leaves parts out.

Floors and site are measured in turn, and so are the database with ten million signatures and the one with a thousand,
so whatever else the machine does disturbs both.
"""

import html
import json
import os
import re
import sys
import time
from collections.abc import Callable
from urllib.parse import urljoin

from bench import crowd, desk, post_office, report, rows, scenarios
from bench.load import Shot, check_wrk
from bench.report import Figure, judged
from bench.scenarios import ROUNDS, Place, Wrk
from bench.site import FOLDER, BenchError, Site
from local.postgres import ClusterError
from local.world import DemoError

FEW = 1_000
PARTS = ["pages", "posts", "staff", "worst_day", "mail"]


class Run:
    """One run of the benchmark: its sites, and the figures as they come."""

    def __init__(self, quick: bool, many: int) -> None:
        self.quick, self.many, self.begun = quick, many, time.monotonic()
        self.seconds = 1.0 if quick else 4.0
        self.site = Site()
        self.figures: dict[str, Figure] = {}
        self.flat: dict[str, float] = {}
        self.memory: dict[str, float] = {}

    def say(self, text: str) -> None:
        """What is being done, with the seconds since the beginning."""
        print(f"{time.monotonic() - self.begun:6.0f} s  {text}", flush=True)

    def keep(self, name: str, found: Figure) -> None:
        """Keep a figure, and show it."""
        self.figures[name] = found
        parts = {"/s": found.rps, "ratio": found.ratio, "flat": self.flat.get(name), "p99": found.p99_ms, **found.more}
        told = ", ".join(f"{key} {value}" for key, value in parts.items() if value is not None)
        self.say(f"  {name}: {told}")

    def prepare(self) -> None:
        """Two databases, and on them the site, the site that keeps nothing, and the floors."""
        self.say("starting PostgreSQL and writing the demo's world")
        self.site.start()
        self.world = json.loads(self.site.run("demo", "-m", "bench.prepare"))
        for name, number in (("small", FEW), ("large", self.many)):
            rows.make(self.site, name, self.world, number, self.say)
        ids = {f"BENCH_{name.upper()}": str(self.world[name]) for name in ("statement", "version", "consent")}
        settings = "DJANGO_SETTINGS_MODULE"
        floors = self.site.serve("floors", "large", **{settings: "bench.floor_settings"}, **ids)
        self.small, self.large = (Place(name, self.site.serve(name, name)) for name in ("small", "large"))
        self.cold = Place("large", self.site.serve("cold", "large", **{settings: "bench.cold_settings"}))
        self.wrk = Wrk(self.site, self.world, self.seconds, floors)
        self.say("warming up")
        for place in (self.small, self.large):
            self.wrk.get("warm", place, self.wrk.page)
            self.wrk.post("warm", place, f"{self.wrk.page}sign/", scenarios.NAME, self.world["tables"]["signature"])
        self.wrk.bare_write("warm", self.large)
        self.wrk.shots.clear()

    def compare(
        self, name: str, own: Callable[[Place], Shot], floor: Callable[[], Shot] | None, least: float | None
    ) -> None:
        """Site with many rows, its floor, site with few rows; and again."""
        self.say(name)
        large, floors, small = [], [], []
        for _ in range(ROUNDS):
            large.append(own(self.large))
            if floor:
                floors.append(floor())
            small.append(own(self.small))
        found = report.figure(large, floors or None)
        self.flat[name] = report.flatness(large, small)
        self.keep(name, judged(found, least={"ratio": least}) if least else found)

    def pages(self) -> None:
        """What anonymous visitors read."""
        wrk, page, slugs = self.wrk, self.wrk.page, self.world["slugs"]
        self.compare("page", lambda at: wrk.get("page", at, page), lambda: wrk.bare("page", self.large, page), 0.85)
        self.counting(page)
        self.making(page)
        far = {self.large: 20 if self.quick else 1000, self.small: 3}
        names = {at: deep_link(at, f"{page}signatures/", pages) for at, pages in far.items()}
        wrk.names = names[self.large]
        self.compare("names", lambda at: wrk.get("names", at, f"{page}signatures/"), None, None)
        self.compare("names_deep", lambda at: wrk.get("names_deep", at, names[at]), None, None)
        thread = f"/statements/{slugs[1]}/comments/"
        self.compare("thread", lambda at: wrk.get("thread", at, thread), None, None)

    def counting(self, page: str) -> None:
        """count.json while signatures are being confirmed."""
        path = f"{page}count.json"
        self.say("count")
        large: list[Shot] = []
        floors: list[Shot] = []
        small: list[Shot] = []
        for _ in range(ROUNDS):
            for place, shots in ((self.large, large), (self.small, small)):
                with scenarios.confirming(self.wrk, place, self.world["statements"][:1]):
                    shots.append(self.wrk.get("count", place, path, packed=False))
                    if place is self.large:
                        floors.append(self.wrk.bare("count", place, path, packed=False))
        self.keep("count", judged(report.figure(large, floors), least={"ratio": 0.85}))
        self.flat["count"] = report.flatness(large, small)

    def making(self, page: str) -> None:
        """The statement's page when nothing is kept."""
        self.say("page_cold")
        more = {"connections": 8, "seconds": max(3, self.seconds)}
        shots = [self.wrk.fire("page_cold", self.cold.server, "get", page, "gzip", **more) for _ in range(ROUNDS)]
        found = report.figure(shots)
        found.more["per_core"] = round((found.rps or 0) / max(0.01, found.cpu["web"] + found.cpu["database"]), 1)
        found.queries = self.queries()["page_cold"]
        self.keep("page_cold", judged(found, least={"per_core": 150}, most={"queries": 12}))

    def queries(self) -> dict[str, int]:
        """Queries of one request of each kind in a process that keeps nothing."""
        page = self.wrk.page
        form = {"name": "Amina Yusuf", "email": f"q{time.time_ns()}@example.org"}
        asked = {
            "page_cold": ["GET", page, {}],
            "count": ["GET", f"{page}count.json", {}],
            "names": ["GET", f"{page}signatures/", {}],
            "thread": ["GET", f"/statements/{self.world['slugs'][1]}/comments/", {}],
            "sign": ["POST", f"{page}sign/", form],
        }
        if "comment" in self.world["tables"]:
            asked["comment"] = ["POST", f"{self.wrk.thread}comments/", {**form, "body": "I said so."}]
        return json.loads(self.site.run("large", "-m", "bench.queries", given=json.dumps(asked)))

    def posts(self) -> None:
        """What visitors write."""
        wrk, page, hot = self.wrk, self.wrk.page, self.world["statements"][:1]

        def floor(name: str) -> Callable[[], Shot]:
            return lambda: wrk.bare_write(name, self.large)

        tables = self.world["tables"]
        sign = (f"{page}sign/", scenarios.NAME, tables["signature"])
        self.compare("sign", lambda at: wrk.post("sign", at, *sign), floor("sign"), 0.8)
        confirm_floor = lambda: wrk.bare_confirm("confirm", self.large)  # noqa: E731
        self.compare("confirm", lambda at: wrk.confirm("confirm", at, hot), confirm_floor, 0.8)
        if "comment" in tables:
            comment = (f"{wrk.thread}comments/", scenarios.COMMENT, tables["comment"])
            self.compare("comment", lambda at: wrk.post("comment", at, *comment), floor("comment"), 0.5)
        if "endorsement" in tables:
            endorse = (f"{page}endorse/form/", scenarios.endorsement(), tables["endorsement"])
            self.compare("endorse", lambda at: wrk.post("endorse", at, *endorse), floor("endorse"), 0.5)
        self.spread()

    def spread(self) -> None:
        """All on one statement against the same over 32."""
        self.say("confirm_hot, confirm_spread")
        everywhere = self.world["statements"]
        hot, spread = [], []
        for _ in range(ROUNDS):
            hot.append(self.wrk.confirm("confirm_hot", self.large, everywhere[:1]))
            spread.append(self.wrk.confirm("confirm_spread", self.large, everywhere))
        self.keep("confirm_spread", report.figure(spread))
        found = report.figure(hot)
        found.more["to_spread"] = report.flatness(hot, spread)
        self.keep("confirm_hot", judged(found, least={"to_spread": 0.9}))

    def staff(self) -> None:
        """What moderators and campaigners wait for."""
        self.say("admin")
        self.keep("admin", judged(desk.lists(self.site, self.large), most={"p50_ms": 300, "queries": 15}))
        self.say("export")
        slug = self.world["slugs"][1]
        found, grown = desk.export(
            self.site, self.large, slug, f"/admin/petitions/statement/{self.world['statements'][1]}/export/"
        )
        self.memory |= grown
        self.keep("export", judged(found, least={"rows_per_second": 100_000}, most={"first_byte_ms": 300}))

    def worst_day(self) -> None:
        """Storm and overload."""
        self.say("storm")
        found, memory = crowd.storm(self.wrk, self.large, 6 if self.quick else 60)
        self.keep("storm", judged(found, most={"p99_ms": 250, "errors": 0}))
        self.memory |= memory
        self.say("overload")
        found = crowd.overload(self.wrk, self.large, 5 if self.quick else 15)
        self.keep("overload", judged(found, least={"goodput": 0.8, "in_order": True}, most={"p99_ms": 200}))

    def mail(self) -> None:
        """One worker and two, against a mail server that says yes."""
        self.say("mail")
        many, rounds = (1000, 1) if self.quick else (4000, ROUNDS)
        found = post_office.mail(self.site, "large", self.world, many, rounds)
        self.keep("mail", judged(found, least={"rps": 400, "two_to_one": 1.7}))

    def tell(self) -> None:
        """The table, the file, and what to make of them."""
        counted = self.queries()
        for name, found in self.figures.items():
            found.queries = found.queries if found.queries is not None else counted.get(name)
        doubts = report.disturbances(self.wrk.shots)
        report.write(FOLDER / "results.json", self.figures, self.flat, self.memory, doubts)
        print(f"\n{report.table(self.figures, self.flat)}\n\nmemory, MB: {self.memory}")
        print(
            f"{self.many:,} signatures against {FEW:,}; {time.monotonic() - self.begun:.0f} s; var/bench/results.json"
        )
        if doubts:
            print("\nThe machine was too busy or too uneven to trust these figures:", *doubts, sep="\n  ")


def deep_link(place: Place, path: str, pages: int) -> str:
    """The address of page number `pages` of a list, found as a reader would: by its links."""
    for _ in range(pages - 1):
        body = place.server.get(path)[1].decode()
        link = re.search(r'<a\b[^>]*\brel="next"[^>]*>', body)
        address = re.search(r'href="([^"]+)"', link.group()) if link else None
        if address is None:
            raise BenchError(f"{path} has no next page")
        path = urljoin(path, html.unescape(address.group(1)))
    return path


def main() -> int:
    """Run it. Returns the exit status: 1 when the run is void."""
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    many = int(os.environ.get("ROWS") or (100_000 if quick else 10_000_000))
    wanted = os.environ.get("ONLY", "").split() or PARTS
    run = Run(quick, many)
    try:
        check_wrk()
        run.prepare()
        for part in PARTS:
            if part in wanted:
                getattr(run, part)()
        run.tell()
    except (BenchError, ClusterError, DemoError) as error:
        print(f"\nThis run is void. {error}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    finally:
        run.site.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
