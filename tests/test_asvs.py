"""The table of docs/asvs.md is whole, and its evidence exists."""

import re
from collections import Counter

from local.environment import ROOT
from tests.test_promises import names_in

PAGE = (ROOT / "docs" / "asvs.md").read_text()
ROWS = re.findall(r"^\| ([\d.]+) \| ([123]) \| (.+?) \| (yes|part|open) \| (.*) \|$", PAGE, re.MULTILINE)
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; those of level 3 come after them.
ASKED = """
    1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1
    5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1
    8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3
    12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3
    16.5:3 17.1:1 17.2:4 17.3:2
"""


def asked() -> set[str]:
    """Every requirement of levels 1 and 2; in each section they come before those of level 3."""
    sections = (entry.split(":") for entry in ASKED.split())
    return {f"{section}.{number}" for section, count in sections for number in range(1, int(count) + 1)}


def not_applying() -> list[str]:
    part = PAGE.partition("## What does not apply")[2]
    return [number for line in re.findall(r"^- ([\d., ]+):", part, re.MULTILINE) for number in line.split(", ")]


def test_no_requirement_is_left_out_or_told_twice():
    ours = [number for number, level, *_ in ROWS if level in "12"]
    assert len(asked()) == 253
    assert sorted(ours + not_applying()) == sorted(asked())
    assert Counter(number for number, *_ in ROWS).most_common(1)[0][1] == 1


def test_all_evidence_exists():
    named = {evidence for *_, text in ROWS for evidence in re.findall(r"`([\w./:-]+)`", text)}
    files = {evidence.partition("::")[0] for evidence in named}
    tests = [evidence.split("::") for evidence in named if "::" in evidence]
    assert len(tests) > 60
    assert sorted(file for file in files if not (ROOT / file).is_file()) == []
    assert sorted(test for file, test in tests if test not in names_in(file)) == []


def test_each_state_has_what_it_needs():
    """What is so has evidence; what isn't, or only in part, says what is missing."""
    bare = [number for number, _, _, state, text in ROWS if state != "open" and not text.startswith("`")]
    silent = [number for number, _, _, state, text in ROWS if state == "open" and len(text) < 20]
    partly = [number for number, _, _, state, text in ROWS if state == "part" and len(re.sub("`.*?`", "", text)) < 15]
    assert (bare, silent, partly) == ([], [], [])


def test_the_counts_are_right():
    counts = re.findall(r"^\| ([123]) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    found = Counter((level, state) for _, level, _, state, _ in ROWS)
    assert counts == [(level, *(str(found[level, state]) for state in ("yes", "part", "open"))) for level in "123"]
