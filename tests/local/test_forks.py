"""Runs of pytest in forks of one process: each sees the files as they are then, and one without end is ended."""

import os
from pathlib import Path

import pytest

from local.forks import Kitchen

pytestmark = pytest.mark.whole

GOOD = "def test_it():\n    assert True\n"


@pytest.fixture
def kitchen():
    """One such process, as `make mutants` has one for each copy of the checkout."""
    root = Path(__file__).parents[2]
    made = Kitchen(root)
    yield made
    made.end()


def test_each_run_sees_the_files_as_they_are_and_one_without_end_is_ended(kitchen, tmp_path):
    """What one run changed in its environment is not there in the next."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    file, said = tmp_path / "test_it.py", tmp_path / "said.txt"
    order = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        f"--rootdir={tmp_path}",
        "-c",
        f"{tmp_path}/pytest.ini",
    ]
    found: list[int | None] = []
    for text, seconds in [
        (GOOD, 60),
        (GOOD.replace("True", "False"), 60),
        ("import time\n" + GOOD.replace("assert True", "time.sleep(600)"), 2),
        ("import os\n" + GOOD.replace("True", "os.environ['TRIED'] == '4'"), 60),
    ]:
        file.write_text(text)
        moment = file.stat().st_mtime + len(found) + 1  # bytecode is told by whole seconds and the size
        os.utime(file, (moment, moment))
        found.append(kitchen.run([*order, str(file)], {"TRIED": str(len(found) + 1)}, said, seconds))
    assert found == [0, 1, None, 0]
    assert "1 passed" in said.read_text()
