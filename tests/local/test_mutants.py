"""The kept list of ways to break the code: each still fits it, and how one is read, tried and judged."""

import re
from pathlib import Path

import pytest

from local import mutants
from local.mutants import Hunk, Mutant, MutantError

TEXT = """\
A code may be tried a sixth time,
which is one too many.

red: tests/submissions/test_codes.py::test_there_are_five_tries
red: tests/submissions/test_codes.py
file: submissions/codes.py
 before = 1
-TRIES = 5
+TRIES = 6
@@
-after = 1
file: other.py
-one
+two
"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that writes one break where they are kept, and gives its path."""
    monkeypatch.setattr(mutants, "FOLDER", tmp_path)

    def write(text: str, name: str = "codes/sixth-try") -> Path:
        path = tmp_path / f"{name}.patch"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_a_break_is_a_sentence_tests_and_a_patch(written):
    """The whole of what its file says."""
    assert mutants.read(written(TEXT)) == Mutant(
        "codes/sixth-try",
        "A code may be tried a sixth time, which is one too many.",
        ("tests/submissions/test_codes.py::test_there_are_five_tries", "tests/submissions/test_codes.py"),
        (
            Hunk("submissions/codes.py", "before = 1\nTRIES = 5\n", "before = 1\nTRIES = 6\n"),
            Hunk("submissions/codes.py", "after = 1\n", ""),
            Hunk("other.py", "one\n", "two\n"),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("too many.", "too many"),
        TEXT.replace("red: ", "read: "),
        TEXT.replace("+TRIES = 6", "+TRIES = 5"),
        TEXT.replace("-TRIES", "?TRIES"),
        TEXT.split("file: ", maxsplit=1)[0],
    ],
    ids=["no sentence", "no test", "no change", "nonsense", "no patch"],
)
def test_what_is_no_break_is_refused(written, text):
    """Each part is needed."""
    with pytest.raises(MutantError):
        mutants.read(written(text))


def test_each_of_the_kept_list_still_fits_the_code_and_names_tests_that_are_there():
    """What can't be applied any more is found at once, and not when its turn comes."""
    missing = []
    for mutant in mutants.everyone():
        mutants.broken(mutant)
        for test in mutant.tests:
            path, _, name = test.partition("::")
            file = mutants.ROOT / path
            if not file.is_file() or (name and f"def {name}(" not in file.read_text()):
                missing.append(f"{mutant.name}: {test}")
    assert missing == []


def test_what_the_page_says_of_them_is_so():
    """Each break that docs/mutants.md names is kept, and in its tables by the test that stands there."""
    kept = {mutant.name: {test.rpartition("::")[2] for test in mutant.tests} for mutant in mutants.everyone()}
    page = (mutants.ROOT / "docs" / "mutants.md").read_text()
    assert set(re.findall(r"`([a-z]+/[a-z0-9-]+)`", page)) - kept.keys() == set()
    rows = [re.findall(r"`([^`]+)`", line) for line in page.splitlines() if line.startswith("| `")]
    wrong = [(name, test) for *names, test in rows for name in names if test not in kept[name]]
    assert (len(rows) > 0, wrong) == (True, [])


@pytest.mark.parametrize(("lines", "times"), [("TRIES = 55\n", 0), ("TRIES = 5\nX_TRIES = 5\nTRIES = 5\n", 2)])
def test_lines_that_are_not_found_just_once_are_refused(tmp_path, lines, times):
    """A break that might hit another place proves nothing."""
    (tmp_path / "codes.py").write_text(lines)
    with pytest.raises(MutantError, match=f"found {times} times"):
        mutants.broken(Mutant("x", "X.", ("t",), (Hunk("codes.py", "TRIES = 5\n", "TRIES = 6\n"),)), tmp_path)


def test_both_places_of_one_file_are_broken(tmp_path):
    """The second place is looked for in what the first has made."""
    (tmp_path / "a.py").write_text("one\nkept\ntwo\n")
    mutant = Mutant("x", "X.", ("t",), (Hunk("a.py", "one\n", "1\n"), Hunk("a.py", "two\n", "2\n")))
    assert mutants.broken(mutant, tmp_path) == {tmp_path / "a.py": "1\nkept\n2\n"}


def test_the_parts_together_are_all_of_them():
    """Three turns of CI try each once."""
    everybody = [Mutant(str(number), "X.", ("t",), ()) for number in range(8)]
    parts = [mutants.share(everybody, f"{turn}/3") for turn in (1, 2, 3)]
    assert sorted(one.name for part in parts for one in part) == [one.name for one in everybody]
    assert [len(part) for part in parts] == [3, 3, 2]
    for nonsense in ("0/3", "4/3", "x", ""):
        with pytest.raises(ValueError, match=r"."):
            mutants.share(everybody, nonsense)


def test_a_case_or_a_class_of_a_test_that_failed_is_that_test(tmp_path):
    """What junit writes is read as pytest names it; an error in a set-up is no failure."""
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.a.test_b" name="test_c[one]"><failure/></testcase>'
        '<testcase classname="tests.a.test_b" name="test_d"/>'
        '<testcase classname="tests.a.test_b" name="test_e"><error/></testcase></testsuite></testsuites>'
    )
    [red] = mutants._red(report)
    assert [
        mutants._is_of(red, f"tests/a/test_b.py{name}") for name in ("::test_c", "", "::test_d", "::test", "::test_e")
    ] == [
        True,
        True,
        False,
        False,
        False,
    ]
