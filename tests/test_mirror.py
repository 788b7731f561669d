"""Every module has a test of its name, or a line in covered_elsewhere.txt that says which test covers it."""

import ast
from fnmatch import fnmatch
from pathlib import Path

from local.environment import ROOT

APPS = ["bench", "local", "undersigned", *sorted(path.parent.name for path in ROOT.glob("*/apps.py"))]
LIST = ROOT / "tests" / "covered_elsewhere.txt"


def elsewhere() -> list[tuple[str, str]]:
    """Pattern and test of each line."""
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return [(pattern, test) for pattern, test in map(str.split, lines)]


def modules() -> list[Path]:
    """Every module with code in it, from the root; migrations are Django's."""
    found = [path.relative_to(ROOT) for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts and _has_code(path)]


def _has_code(path: Path) -> bool:
    if path.name != "__init__.py":
        return True
    return any(not isinstance(line, (ast.Expr, ast.Import, ast.ImportFrom)) for line in _lines(path))


def _lines(path: Path) -> list[ast.stmt]:
    return ast.parse((ROOT / path).read_text()).body


def own_test(path: Path) -> Path:
    """Where its own test would be."""
    own = path.parent if path.name == "__init__.py" else path
    return Path("tests") / own.parent / f"test_{own.stem}.py"


def test_every_module_has_a_test_of_its_name_or_a_line_that_names_one():
    patterns = [pattern for pattern, _ in elsewhere()]
    alone = [path for path in modules() if not (ROOT / own_test(path)).is_file()]
    assert [str(path) for path in alone if not any(fnmatch(str(path), pattern) for pattern in patterns)] == []


def test_no_line_is_stale():
    known = [str(path) for path in modules() if not (ROOT / own_test(path)).is_file()]
    assert [pattern for pattern, _ in elsewhere() if not any(fnmatch(path, pattern) for path in known)] == []
    assert [test for _, test in elsewhere() if not (ROOT / test).is_file()] == []
