"""`undersigned upgrade`: another version beside the one that runs, a backup, new tables under the old code, then the
switch; and the way back, which is one command.
"""

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from undersigned.operations.steps import Failed, run, say

HELP = """Brings a site to another version. It is made ready beside the one that runs, in releases/; a backup is made;
the tables are brought up to date while the old code goes on (migrations are written so that it can); then the link
.venv leads to the new version, and the units restart one after the other. If one of them does not answer, the link
leads back and the old version runs again. Afterwards `undersigned upgrade --back` does the same at any time."""

UNITS = ["undersigned-web@8001", "undersigned-web@8002", "undersigned-worker"]
ANSWERS_WITHIN = 60  # seconds


def main(arguments: list[str]) -> None:
    """Upgrade, or go back. Raises SystemExit with a sentence when something is wrong."""
    parser = argparse.ArgumentParser(prog="undersigned upgrade", description=HELP)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("wheel", nargs="?", type=Path, help="undersigned-VERSION-py3-none-any.whl")
    what.add_argument("--to", type=Path, metavar="FOLDER", help="a version that was made ready before, in releases/")
    what.add_argument("--back", action="store_true", help="the version before this one")
    parser.add_argument("--lock", type=Path, metavar="FILE", help="the base.txt that belongs to the wheel")
    parser.add_argument("--backup", type=Path, metavar="FOLDER", help="where the backup goes, which is made first")
    parser.add_argument("--units", nargs="*", default=UNITS, help=f"what restarts, in this order ({' '.join(UNITS)})")
    parser.add_argument("--systemctl", default="systemctl", help="the program that restarts them")
    options = parser.parse_args(arguments)
    home = Path(os.environ.get("UNDERSIGNED_HOME") or ".").resolve()
    try:
        _Site(home, options).go()
    except Failed as error:
        sys.exit(f"undersigned upgrade: {error}")


class _Site:
    def __init__(self, home: Path, options: argparse.Namespace) -> None:
        self.home, self.options = home, options
        self.link, self.releases = home / ".venv", home / "releases"
        self.before = self.releases / "before"

    def go(self) -> None:
        """What was asked for. Raises Failed."""
        if not self.link.is_symlink():
            raise Failed(
                f"{self.link} is no link to a version: mkdir releases; mv .venv releases/first; ln -s releases/first "
                ".venv makes it one."
            )
        if self.options.back:
            self._back()
        else:
            self._forward()

    def _forward(self) -> None:
        options = self.options
        if options.backup is None or not options.backup.is_dir():
            raise Failed("Say where the backup goes, which is made first: --backup FOLDER, an existing one.")
        new = self._ready() if options.wheel else (self.home / options.to).resolve()
        old = self.link.resolve()
        if new == old or not (new / "bin" / "undersigned").exists():
            raise Failed(f"{new} is the version that runs." if new == old else f"{new} holds no version.")
        nothing = "Nothing has changed: the old version runs on."
        run("The settings, in the eyes of the new version", [self._of(new), "check"], self.home, nothing)
        run("The backup", [self._of(old), "backup", str(options.backup)], self.home, nothing)
        run(
            "The tables", [self._of(new), "migrate", "--verbosity", "0"], self.home, f"{nothing} Or restore the backup."
        )
        run("The roles", [self._of(new), "roles"], self.home, nothing)
        run(
            "Styles and scripts", [self._of(new), "collectstatic", "--no-input", "--verbosity", "0"], self.home, nothing
        )
        _lead(self.before, old)
        _lead(self.link, new)
        try:
            self._restart()
        except Failed as error:
            _lead(self.link, old)
            self._restart()
            raise Failed(f"{error}\nThe old version runs again; the tables stay as the new one has them.") from error
        say(f"{new.name} runs. The way back: undersigned upgrade --back")

    def _back(self) -> None:
        if not self.before.is_symlink():
            raise Failed("There is no version before this one.")
        old, new = self.before.resolve(), self.link.resolve()
        _lead(self.link, old)
        _lead(self.before, new)
        self._restart()
        say(f"{old.name} runs again. The way forward: undersigned upgrade --back, once more")

    def _ready(self) -> Path:
        """The version of the wheel, installed into a folder of its own."""
        wheel, lock = self.options.wheel, self.options.lock
        if lock is None or not lock.is_file() or not wheel.is_file():
            raise Failed("Name the wheel and, with --lock, the base.txt that belongs to it; both must be here.")
        version = wheel.name.split("-")[1]
        target = self.releases / version
        if not (target / "ready").exists():
            pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run("A folder for the new version", [sys.executable, "-m", "venv", "--clear", str(target)], self.home)
            run("Its packages", [*pip, "--require-hashes", "-r", str(lock.resolve())], self.home)
            run("The new version", [*pip, "--no-deps", str(wheel.resolve())], self.home)
            (target / "ready").touch()
        return target.resolve()

    def _of(self, release: Path) -> str:
        return str(release / "bin" / "undersigned")

    def _restart(self) -> None:
        """One unit after the other, each only when the one before answers. Raises Failed."""
        for unit in self.options.units:
            run(f"Restart of {unit}", [self.options.systemctl, "restart", unit], self.home)
            name, _, port = unit.partition("@")
            if port:
                _until_it_answers(name, int(port))


def _lead(link: Path, target: Path) -> None:
    """Let `link` lead to `target`; at no moment does it lead nowhere."""
    part = link.with_name(f"{link.name}.unfinished")
    part.unlink(missing_ok=True)
    part.symlink_to(os.path.relpath(target, link.parent))
    part.replace(link)


def _until_it_answers(name: str, port: int) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Failed(f"{name} on port {port} does not answer within {ANSWERS_WITHIN} seconds: journalctl -u {name}@{port}.")
