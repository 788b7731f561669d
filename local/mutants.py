"""Break the code in a kept list of ways, one at a time, and demand that a test notices each: `make mutants`.

Each file under tests/mutants/ is one break: a sentence that says which promise it breaks, the tests that must go red,
and a small patch (`read` gives the form). A break that no test notices fails the run; so does one whose lines are no
longer found, one that keeps the program from starting, and one that names a test that does not exist. The tests run in
a copy of the checkout, so the checkout itself is never broken.

Source: DeMillo, Lipton, Sayward, "Hints on Test Data Selection", Computer 11/4 (1978).
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from xml.etree.ElementTree import ParseError
from xml.etree.ElementTree import parse as parse_xml

from local.environment import ROOT
from local.forks import Kitchen
from local.postgres import Cluster
from local.pytest_postgres import STAYS

FOLDER = ROOT / "tests" / "mutants"
# Seconds after which a run has failed: some breaks make a test wait for what never comes.
PATIENCE = 180
# What decides what a migrated database holds: tables, triggers, roles.
DECIDES = re.compile(r"/(?:models|migrations|schema|desk|founding)\b")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis")


class MutantError(Exception):
    """A break that can't be tried; the text says why."""


@dataclass(frozen=True)
class Hunk:
    """Lines of one file that become others."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One break: its name (the file's path below tests/mutants/), what it breaks, who must notice, and the patch."""

    name: str
    sentence: str
    tests: tuple[str, ...]
    hunks: tuple[Hunk, ...]

    @property
    def changes_the_database(self) -> bool:
        """Whether migrating would leave another database, so that the one of the others is of no use."""
        return any(DECIDES.search(hunk.path) for hunk in self.hunks)


def read(path: Path) -> Mutant:
    """One break from its file.

    First a sentence, then a line `red: tests/…::test_…` for each test (or file of tests) that must fail, then for each
    file that is changed a line `file: …` and the lines: those that go begin with `-`, those that come with `+`, those
    that stay with a space; a line `@@` parts one place from the next. The first character is not part of the line.

    Raises MutantError.
    """
    name = str(path.relative_to(FOLDER).with_suffix(""))
    head, *files = re.split(r"^file: ", path.read_text(), flags=re.MULTILINE)
    tests = tuple(re.findall(r"^red: (\S+)$", head, re.MULTILINE))
    sentence = " ".join(re.sub(r"^red: .*$", "", head, flags=re.MULTILINE).split())
    hunks = tuple(_hunk(*place) for file in files for place in _places(file))
    if not (sentence.endswith(".") and tests and hunks):
        raise MutantError(f"{name}: a sentence, at least one `red:` and a patch are needed")
    if strange := [hunk.path for hunk in hunks if not hunk.old or hunk.old == hunk.new]:
        raise MutantError(f"{name}: nothing is changed in {', '.join(strange)}")
    return Mutant(name, sentence, tests, hunks)


def _places(file: str) -> Iterator[tuple[str, list[str]]]:
    """The path of a file with the lines of each of its places."""
    path, _, lines = file.partition("\n")
    for place in re.split(r"^@@.*\n", lines, flags=re.MULTILINE):
        yield path.strip(), [line for line in place.splitlines(keepends=True) if line.strip()]


def _hunk(path: str, lines: list[str]) -> Hunk:
    if strange := {line[0] for line in lines} - set(" -+"):
        raise MutantError(f"{path}: no line of a patch begins with {', '.join(strange)}")
    old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
    return Hunk(path, old, new)


def everyone() -> list[Mutant]:
    """All breaks, in the order of their names. Raises MutantError."""
    return [read(path) for path in sorted(FOLDER.rglob("*.patch"))]


def broken(mutant: Mutant, root: Path = ROOT) -> dict[Path, str]:
    """The files below `root` that a break changes, each with its broken text.

    Raises MutantError unless each place is found exactly once.
    """
    texts: dict[Path, str] = {}
    for hunk in mutant.hunks:
        path = root / hunk.path
        if not path.is_file():
            raise MutantError(f"there is no {hunk.path}")
        text = texts.get(path) or path.read_text()
        found = f"\n{text}".count(f"\n{hunk.old}")
        if found != 1:
            raise MutantError(f"its lines are found {found} times in {hunk.path}, not once:\n{hunk.old}")
        texts[path] = f"\n{text}".replace(f"\n{hunk.old}", f"\n{hunk.new}")[1:]
    return texts


class Bench:
    """A copy of the checkout with a database of its own, where one break after the other is tried."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url, self.tried = folder, database_url, 0
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
        (folder / ".venv").symlink_to(Path(sys.prefix))
        self.kitchen = Kitchen(folder)

    def survivors(self, mutant: Mutant) -> list[str]:
        """Those of its tests that stayed green although the code was broken. Raises MutantError."""
        texts = broken(mutant, self.folder)
        whole = {path: path.read_text() for path in texts}
        try:
            self._write(texts)
            return self._green(mutant)
        finally:
            self._write(whole)

    def _write(self, texts: dict[Path, str]) -> None:
        """Each text with a time of its own: bytecode is told by whole seconds and the size."""
        self.tried += 1
        for path, text in texts.items():
            path.write_text(text)
            moment = time.time() + self.tried
            os.utime(path, (moment, moment))

    def _green(self, mutant: Mutant) -> list[str]:
        report, said = self.folder / "var" / "mutant.xml", self.folder / "var" / "mutant.txt"
        report.parent.mkdir(exist_ok=True)
        report.unlink(missing_ok=True)
        arguments = ["-q", "--no-header", "--create-db", "-p", "no:cacheprovider", f"--junitxml={report}"]
        environment = {"DATABASE_URL": self.database_url, "CI": "", "UNDERSIGNED_HOME": ""}
        environment[STAYS] = "" if mutant.changes_the_database else "undersigned_mutants"
        code = self.kitchen.run([*arguments, *mutant.tests], environment, said, PATIENCE)
        if code is None:
            raise MutantError(f"its tests did not end within {PATIENCE} s: give them a limit of their own")
        if code not in (0, 1):
            raise MutantError(f"its tests could not run (exit code {code}):\n{said.read_text()[-4000:]}")
        try:
            red = set(_red(report))
        except (OSError, ParseError) as error:
            raise MutantError(f"its tests left no report: {error}") from error
        return [test for test in mutant.tests if not any(_is_of(case, test) for case in red)]


def _red(report: Path) -> Iterator[str]:
    """The tests of a report that failed, as `tests/x/test_y.py::test_z`; a set-up that failed is no test that did."""
    for case in parse_xml(report).iter("testcase"):
        if case.find("failure") is not None:
            module, name = case.get("classname", ""), case.get("name", "")
            yield f"{module.replace('.', '/')}.py::{name}"


def _is_of(case: str, test: str) -> bool:
    """Whether a test that failed is the one that was named, one of its cases, or stands in the file that was named."""
    return case == test or case.startswith((f"{test}[", f"{test}::"))


def share(mutants: Sequence[Mutant], part: str) -> list[Mutant]:
    """The part `K/N` of all, K from 1 to N, so that N runs try each once. Raises ValueError."""
    turn, _, parts = part.partition("/")
    if not 1 <= int(turn) <= int(parts):
        raise ValueError(f"{part} is no part, such as 1/3")
    return list(mutants[int(turn) - 1 :: int(parts)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Try them, and tell. Returns 0 when each was noticed, else 1."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only those whose name begins so")
    parser.add_argument("--part", default="1/1", help="only a part of them, such as 1/3")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    try:
        everybody = everyone()
    except MutantError as error:
        sys.exit(str(error))
    chosen = share([one for one in everybody if one.name.startswith(tuple(options.names) or "")], options.part)
    if not chosen:
        sys.exit("No break has such a name.")
    started, wrong = time.monotonic(), 0
    for mutant, trouble in _tried(chosen, max(1, min(options.processes, len(chosen)))):
        wrong += bool(trouble)
        print(f"{'NOT NOTICED' if trouble else 'noticed':12}{mutant.name}: {mutant.sentence}", flush=True)
        if trouble:
            print(f"            {trouble}", flush=True)
    print(f"{len(chosen)} of {len(everybody)} breaks tried, {wrong} not noticed, {time.monotonic() - started:.0f} s")
    return int(wrong > 0)


def _tried(mutants: Sequence[Mutant], processes: int) -> Iterator[tuple[Mutant, str]]:
    """Each break with what is wrong about it, or with nothing, as they are done."""
    folder = Path(tempfile.mkdtemp(prefix="undersigned-mutants-"))
    cluster = Cluster(folder / "database")
    try:
        cluster.start()
        benches: SimpleQueue[Bench] = SimpleQueue()
        for number in range(processes):
            benches.put(Bench(folder / str(number), cluster.url(f"mutants_{number}")))

        def attempt(mutant: Mutant) -> tuple[Mutant, str]:
            bench = benches.get()
            try:
                green = bench.survivors(mutant)
            except MutantError as error:
                return mutant, str(error)
            finally:
                benches.put(bench)
            return mutant, f"still green: {', '.join(green)}" if green else ""

        with ThreadPoolExecutor(processes) as pool:
            yield from pool.map(attempt, mutants)
    finally:
        while not benches.empty():
            benches.get().kitchen.end()
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
