"""What is measured with wrk against a floor, and how each is checked against the database afterwards."""

import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import rows
from bench.load import CONNECTIONS, LUA, Shot, fire, read
from bench.site import FOLDER, BenchError, Server, Site

ROUNDS = 3
# A guess at how many confirmations a second can use up, for the links made beforehand.
MOST_CONFIRMED = 4500
NAME = "name=Amina+Yusuf&email=@KEY@%40example.org"


@dataclass(frozen=True)
class Place:
    """One database with a site on it."""

    name: str
    server: Server


class Wrk:
    """Fires at sites and floors in turn, and remembers every shot."""

    def __init__(self, site: Site, world: dict, seconds: float, floors: Server) -> None:
        self.site, self.world, self.seconds, self.floors = site, world, seconds, floors
        self.shots: dict[str, list[Shot]] = defaultdict(list)
        self.pid = site.database_pid()
        self.page = f"/statements/{world['slug']}/"
        self.names = f"{self.page}signatures/"  # set to a later page once that is known
        self.thread = f"/statements/{world['slugs'][2]}/"

    def fire(self, name: str, server: Server, script: str, *arguments: object, **more: Any) -> Shot:
        """One shot under a name. Raises BenchError when anything but 200 and 303 was answered."""
        shot = fire(server, script, *arguments, **{"seconds": self.seconds, "database_pid": self.pid, **more})
        if wrong := set(shot.statuses) - {200, 303}:
            raise BenchError(f"{name}: answers with {sorted(wrong)}: {shot.statuses}")
        self.shots[name].append(shot)
        return shot

    def get(self, name: str, place: Place, path: str, packed: bool = True) -> Shot:
        """GET one path as fast as it is answered."""
        return self.fire(f"{name} {place.name}", place.server, "get", path, "gzip" if packed else "plain")

    def bare(self, name: str, place: Place, path: str, packed: bool = True) -> Shot:
        """The floor for a GET: ready-made bytes, as many as the page has."""
        headers = {"Accept_Encoding": "gzip"} if packed else {}
        status, body, _ = place.server.get(path, **headers)
        if status != 200:
            raise BenchError(f"{path} answers {status}")
        (FOLDER / name).write_bytes(body)
        return self.fire(f"bare {name}", self.floors, "get", f"/bare/{name}")

    def post(self, name: str, place: Place, path: str, body: str, table: str) -> Shot:
        """POST a form with a new key each; there must be a row and a mail for every 303."""
        self._begin(place)
        last = self._last(place, table)
        shot = self.fire(f"{name} {place.name}", place.server, "post", path, body)
        self._reconcile(name, place, shot, table, last)
        return shot

    def bare_write(self, name: str, place: Place) -> Shot:
        """The floor for a POST."""
        self._begin(place)
        return self.fire(f"bare_write {name}", self.floors, "post", "/write", "")

    def confirm(self, name: str, place: Place, statements: list[int]) -> Shot:
        """POST a fresh link each; every 303 is one more in the tally, and one mail."""
        self._begin(place)
        links = self.links(place, statements)
        counted = self._counted(place)
        shot = self.fire(f"{name} {place.name}", place.server, "lines", links)
        self._end(place)
        more, mails = self._counted(place) - counted, self._mails(place)
        if not (shot.answers(303) <= more <= shot.answers(303) + CONNECTIONS and more == mails):
            raise BenchError(f"{name}: {shot.answers(303)} answers, {more} more in the tally and {mails} mails")
        return shot

    def bare_confirm(self, name: str, place: Place) -> Shot:
        """The floor for a confirmation."""
        self._begin(place)
        return self.fire(f"bare_confirm {name}", self.floors, "post", "/confirm", "")

    def links(self, place: Place, statements: list[int], many: int = 0) -> str:
        """Submissions that wait, and a file with the path of each one's link."""
        ids = rows.waiting(self.site, place.name, statements, many or self._many())
        path = FOLDER / "links"
        path.write_text("".join(self.site.links(ids)))
        return str(path)

    def _begin(self, place: Place) -> None:
        self._end(place)
        rows.reset(self.site, place.name)

    def _end(self, place: Place) -> None:
        """Return when what wrk no longer waited for has been done, too."""
        mails = -1
        while mails != (mails := self._mails(place)):
            time.sleep(0.3)

    def _many(self) -> int:
        return int(MOST_CONFIRMED * self.seconds)

    def _last(self, place: Place, table: str) -> int:
        return self.site.sql(place.name, f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]

    def _mails(self, place: Place) -> int:
        return self.site.sql(place.name, "SELECT count(*) FROM mail_outgoingemail")[0][0]

    def _counted(self, place: Place) -> int:
        return self.site.sql(place.name, "SELECT sum(confirmed) FROM petitions_tally")[0][0]

    def _reconcile(self, name: str, place: Place, shot: Shot, table: str, last: int) -> None:
        self._end(place)
        made = self.site.sql(place.name, f"SELECT count(*) FROM {table} WHERE id > {last}")[0][0]
        mails = self._mails(place)
        answers = shot.answers(303)
        if not (answers <= made <= answers + CONNECTIONS and made == mails):
            raise BenchError(f"{name}: {answers} answers, {made} rows and {mails} mails do not agree")


COMMENT = f"{NAME}&body=I+said+@KEY@"


def endorsement() -> str:
    """What an organisation's form sends."""
    fixed = {
        "kind": "union_branch", "contact_name": "Amina Yusuf", "contact_role": "secretary",
        "agreed_how": "committee", "agreed_on": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    return f"{urlencode(fixed)}&organisation=Branch+@KEY@&contact_email=@KEY@%40example.org"


@contextmanager
def confirming(wrk: Wrk, place: Place, statements: list[int]) -> Iterator[None]:
    """Some fifty signatures are confirmed each second meanwhile, for two shots. Raises BenchError if they were not."""
    links = wrk.links(place, statements, many=int(60 * wrk.seconds * 3) + 400)
    quiet = FOLDER / "links-background"
    Path(links).rename(quiet)
    command = ["wrk", "-t1", "-c1", f"-d{int(wrk.seconds * 2) + 2}s", "-s", "lines.lua", place.server.origin, "--"]
    busy = subprocess.Popen([*command, str(quiet), "20"], stdout=subprocess.PIPE, text=True, cwd=LUA)
    yield
    said = busy.communicate()[0]
    answers = read(next((line for line in said.splitlines() if line.startswith("{")), '{"errors": {"wrk": 1}}'))
    if set(answers.statuses) != {303}:
        raise BenchError(f"what was to be confirmed meanwhile was answered with {answers.statuses}")
