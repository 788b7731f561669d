"""What the README promises: each promise names the test that holds it."""

import ast
import re

from local.environment import ROOT


def promises() -> list[str]:
    """The list under "What it promises"."""
    part = (ROOT / "README.md").read_text().partition("## What it promises")[2].partition("\n## ")[0]
    return re.findall(r"^- .*", part, re.MULTILINE)


def names_in(path: str) -> set[str]:
    """The names of all functions in a file of tests."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_promise_has_a_test():
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`$", promise) for promise in promises()]
    assert len(named) > 5
    assert [promise for promise, found in zip(promises(), named, strict=True) if len(found) != 1] == []
    assert [test for ((path, test),) in named if test not in names_in(path)] == []
