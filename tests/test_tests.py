"""What every test keeps to."""

import ast
import re
from collections.abc import Iterator

from local.environment import ROOT

CLOCKS = {"localdate", "localtime", "monotonic", "now", "perf_counter", "time", "today", "utcnow"}


def at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """Each call that is made when the file is read: at its top level, in classes, decorators and defaults."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for read in (*node.decorator_list, node.args):
                yield from at_import(ast.Expression(read))
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from at_import(node)


def asks_a_clock(call: ast.Call) -> bool:
    return ast.unparse(call.func).rpartition(".")[2] in CLOCKS


def test_no_test_asks_a_clock_before_it_runs():
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for call in at_import(ast.parse(path.read_text()))
        if asks_a_clock(call)
    ]
    assert found == []  # tests/moments.py says how a table of cases names times


def test_no_test_leaves_a_setting_on_a_connection_that_others_get():
    """The pool hands it on: what one test sets for its session would rule whichever comes next."""
    session = re.compile(r"""["']\s*SET (?!LOCAL |CONSTRAINTS )\w""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if session.search(line)
    ]
    # It makes the databases, on a connection of its own.
    assert [place for place in found if not place.startswith("tests/database.py")] == []


def test_a_clock_that_is_asked_at_import_is_found():
    code = """
NOW = timezone.now()
@parametrize("day", [date.today(), lambda: date.today()])
def test(day, at=time.time()):
    return timezone.now()
class Case:
    day = localdate()
"""
    assert [call.lineno for call in at_import(ast.parse(code)) if asks_a_clock(call)] == [2, 3, 4, 7]
