"""The manual gives the very files of deploy/, and says of each command how it is known to work."""

import ast
import os
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from local.environment import ROOT
from local.postgres import binaries

DEPLOY = ROOT / "deploy"
DOCS = ROOT / "docs"
MANUAL = DOCS / "operating.md"
PAGES = [*sorted((DOCS / "sysadmin").glob("*.md")), MANUAL]
GIVEN = re.compile(r"^`deploy/([^`\n]+)`\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What shows when the alarms ring, and what is built from the others.
NOT_GIVEN = {"prometheus/alerts.test.yml"}
BLOCK = re.compile(
    r"^(?P<above>[^\n]*)\n(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
COMMANDS = {"sh", "bash", "console", ""}
MARK = re.compile(r"\s*<!-- (?:(?P<run>run)|tested: (?P<file>[\w./]+)::(?P<test>\w+)|example: [^\n]+) -->")


def given() -> dict[str, str]:
    return dict(GIVEN.findall(MANUAL.read_text()))


def blocks(page: Path) -> list[re.Match[str]]:
    """Every command block of a page but the files that it gives."""
    found = BLOCK.finditer("\n" + page.read_text())
    return [block for block in found if block["kind"] in COMMANDS and block["text"] not in given().values()]


def test_the_manual_gives_every_file_as_it_is():
    files = {str(path.relative_to(DEPLOY)): path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}
    assert given() == {name: text for name, text in files.items() if name not in NOT_GIVEN}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_block_says_how_it_is_known_to_work(page):
    assert [block["text"] for block in blocks(page) if not MARK.fullmatch(block["above"])] == []


def test_the_tests_they_name_exist_and_speak_of_the_same():
    marks = [(block, MARK.fullmatch(block["above"])) for page in PAGES for block in blocks(page)]
    named = [(block["text"], mark["file"], mark["test"]) for block, mark in marks if mark and mark["file"]]
    assert len(named) >= 8
    for text, file, test in named:
        source = (ROOT / file).read_text()
        tests = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
        commands = re.findall(r"(?:undersigned|promtool|pip|manage\.py) ([a-z_]+)", text)
        assert (test in tests, [word for word in commands if word not in source]) == (True, []), text


@pytest.fixture
def typed(settings, tmp_path, monkeypatch, transactional_db):
    """Types the commands that are marked `run`, in a site's folder with a key; DATE stands for that of the backup."""
    settings.HOME, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.ERASURES_ROOT = tmp_path / "erasures"
    (tmp_path / "backups").mkdir()
    monkeypatch.setenv("PATH", f"{binaries()}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> str:
        program, *words = shlex.split(
            line.replace("/var/backups/undersigned", str(tmp_path / "backups")), comments=True
        )
        assert program == "undersigned", line
        made = sorted((tmp_path / "backups").glob("*.age"))
        words = [str(made[-1]) if "undersigned-DATE" in word else word for word in words]
        out = StringIO()
        call_command(*words, stdout=out)
        if recipient := re.search(r"^BACKUP_RECIPIENT=(\S+)$", out.getvalue(), re.MULTILINE):
            settings.BACKUP_RECIPIENT = recipient[1]
        return line

    return run


def test_what_is_marked_so_runs_as_it_is_written(typed):
    """In the order in which people need them: a backup is made before it is looked at."""
    order = ["backup.md", "restore.md", "upgrade.md"]
    chosen = sorted(PAGES, key=lambda page: order.index(page.name) if page.name in order else len(order))
    marked = [block for page in chosen for block in blocks(page) if MARK.fullmatch(block["above"].strip())]
    texts = [block["text"] for block in marked if MARK.fullmatch(block["above"].strip())["run"]]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    assert [typed(line) for line in lines] == lines
    assert len(lines) >= 10
