"""What staff wait for with ten million rows: lists, searches and the export, each through the admin as they use it."""

import http.client
import http.cookiejar
import json
import re
import time
import urllib.parse
import urllib.request
from statistics import median

from bench.report import Figure
from bench.scenarios import Place
from bench.site import BenchError, Site, memory_mb, processes

NAME, PASSWORD = "bench", "bench-of-undersigned"
LIST = "/admin/petitions/signature/"


class Staff:
    """Somebody logged in to the admin."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self.post("/admin/login/", {"username": NAME, "password": PASSWORD, "next": "/admin/"}).read()

    def open(self, path: str, data: bytes | None = None) -> http.client.HTTPResponse:
        """The answer to a request, to be read by whoever asked."""
        headers = {"Origin": self.origin, "Referer": self.origin + path}
        return self._opener.open(urllib.request.Request(self.origin + path, data, headers), timeout=120)

    def get(self, path: str) -> str:
        """A page."""
        return self.open(path).read().decode()

    def post(self, path: str, form: dict[str, str]) -> http.client.HTTPResponse:
        """The answer to a form with the token that its page gave."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        if token is None:
            raise BenchError(f"{path} shows no form")
        return self.open(path, urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token.group(1)}).encode())


def lists(site: Site, place: Place) -> Figure:
    """The signatures list and two searches; milliseconds of the slowest, queries of the greediest."""
    staff = Staff(place.server.origin)
    some = "SELECT id, name FROM petitions_signature WHERE email <> '' ORDER BY id DESC OFFSET 40000 LIMIT 1"
    pk, name = site.sql(place.name, some)[0]
    email = site.run(place.name, "-m", "bench.keys", str(pk)).strip()
    asked = {"list": LIST, "address": f"{LIST}?{_query(q=email)}", "name": f"{LIST}?{_query(q=name)}"}
    took = {what: _milliseconds(staff, path) for what, path in asked.items()}
    given = json.dumps({what: ["GET", path, {}] for what, path in asked.items()})
    queries = json.loads(site.run(place.name, "-m", "bench.queries", NAME, given=given))
    return Figure(
        p50_ms=max(took.values()),
        queries=max(queries.values()),
        more={**{f"{what}_ms": value for what, value in took.items()}},
    )


def _query(**values: str) -> str:
    return urllib.parse.urlencode(values)


def _milliseconds(staff: Staff, path: str) -> float:
    staff.get(path)
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        staff.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
    return round(median(taken), 1)


def export(site: Site, place: Place, slug: str, path: str) -> tuple[Figure, dict[str, float]]:
    """The delivery export of one statement: milliseconds to the first byte, rows per second, growth of the process."""
    staff = Staff(place.server.origin)
    web = processes([place.server.pid]) - {place.server.pid}
    before, begun = memory_mb(web), time.perf_counter()
    answer = staff.post(path, {"password": PASSWORD, "reason": "benchmark", "why": "benchmark"})
    if "csv" not in answer.headers["Content-Type"]:
        raise BenchError(f"the export of {slug} gave no CSV")
    first = answer.read(1)
    waited, lines, most = time.perf_counter() - begun, 0, before
    while block := answer.read(1 << 20):
        lines += block.count(b"\n")
        most = max(most, memory_mb(web))
    seconds = time.perf_counter() - begun
    expected = site.sql(
        place.name,
        f"""SELECT sum(confirmed) FROM petitions_tally t JOIN petitions_statement s ON s.id = t.statement_id
        WHERE s.slug = '{slug}'""",
    )[0][0]
    if not first or lines - 1 != expected:
        raise BenchError(f"the export has {lines - 1} rows of {expected}")
    more = {
        "rows": lines - 1,
        "first_byte_ms": round(waited * 1000, 1),
        "rows_per_second": round((lines - 1) / seconds),
    }
    return Figure(rps=more["rows_per_second"], more=more), {"export_growth": round(most - before, 1)}
