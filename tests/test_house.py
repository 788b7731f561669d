"""The fences of the house (CONTRIBUTING.md): each of these was once a defect somewhere, and is cheaper to forbid."""

import ast
import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.admin.sites import all_sites
from django.core.management import call_command

from local.environment import ROOT, setting_names
from mail import kinds

APPS = ["api", "comments", "core", "exchange", "integrations", "mail", "organisations", "petitions", "publishers"]
APPS += ["seeds", "submissions", "undersigned"]
CODE = [*APPS, "bench", "local", "tests"]
LONGEST = 340
LONGEST_TESTS = 420  # a table of cases is not read from its first line to its last
# Fields that are cleaned whenever they are written (core/richtext.py), and what is made from them.
RICH_TEXT = {"preface", "body", "outcome", "text", "difference"}
# Files that may vouch for HTML they made themselves, each after escaping what people typed.
MAY_MARK_SAFE = {"petitions/admin/statements.py", "core/difference.py"}
MAY_MARK_SAFE |= {"petitions/admin/events.py"}  # the text of news that is kept as it was mailed
MAY_MARK_SAFE |= {"petitions/travel/previews.py"}  # our own mail, cleaned of all but words and links
MAY_MARK_SAFE |= {"comments/text.py"}  # what it wrote itself around escaped words
MAY_MARK_SAFE |= {"core/components.py"}  # what Jinja2 has drawn
MAY_MARK_SAFE |= {"core/period.py"}  # a time in its element, with what is in it escaped
MAY_MARK_SAFE |= {"petitions/travel/structured_data.py"}  # JSON, with what could end its element escaped
MAY_MARK_SAFE |= {"core/countries.py"}  # its own escaped options, with one of them marked as chosen
FORBIDDEN_MODULES = {"utils", "util", "helpers", "services", "constants", "common", "misc", "signals"}


def files(folders: list[str], *patterns: str) -> Iterator[Path]:
    for folder in folders:
        for pattern in patterns:
            yield from sorted(path for path in (ROOT / folder).rglob(pattern) if "node_modules" not in path.parts)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def offenders(paths: Iterator[Path], pattern: str) -> list[str]:
    """`file:line` of each match, for a message that can be clicked."""
    return [
        f"{name(path)}:{number} {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_hand():
    found = [path.stem for path in files(APPS, "migrations/*.py") if path.stem != "__init__"]
    assert [stem for stem in found if not re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", stem) or "_auto_" in stem] == []


def test_imports_point_one_way():
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_setting_is_in_the_example_and_the_other_way_round():
    source = (ROOT / "undersigned" / "settings.py").read_text()
    read = set(re.findall(r'environment\.\w+\(\s*"([A-Z0-9_]+)"', source))
    assert read == {name for name in setting_names() if not name.startswith("ANYMAIL_")}  # which a backend reads


def test_every_setting_is_explained_to_who_operates_it():
    explained = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "docs" / "operating.md").read_text()))
    prefixes = tuple(re.findall(r"`([A-Z]+_)…`", (ROOT / "docs" / "operating.md").read_text()))
    assert [name for name in setting_names() if name not in explained and not name.startswith(prefixes)] == []


def mail_templates() -> dict[str, set[str]]:
    """The parts of each mail; what others include begins with an underscore, and `base` is what they extend."""
    parts: dict[str, set[str]] = {}
    for path in (ROOT / "templates" / "emails").glob("[a-z]*.*"):
        stem, _, part = path.name.partition(".")
        parts.setdefault(stem, set()).add(part)
    parts.pop("base", None)
    return parts


# Kinds of mail that are one mail, whatever they are about.
SHARING = ("_confirm", "_reminder", "_own_link")


def test_every_mail_has_its_three_parts():
    kinds.reaches_anybody("")  # has the apps register theirs
    own = [name for name in kinds._kinds if not name.endswith(SHARING)]
    wanted = {stem: {"subject.txt", "txt", "html"} for stem in [*own, *mail_templates()]}
    assert len(wanted) >= 5
    assert mail_templates() == wanted


def test_every_mail_template_is_sent_by_somebody():
    said = "".join(path.read_text() for path in files(APPS, "emails.py"))
    assert [stem for stem in mail_templates() if f'"{stem}"' not in said] == []


def test_every_admin_action_names_a_permission():
    actions = {
        f"{type(model_admin).__name__}.{action}": getattr(function, "allowed_permissions", ())
        for site in all_sites
        for model_admin in site._registry.values()
        for function, action, _ in model_admin._get_base_actions()
    }
    assert actions
    assert [action for action, permissions in actions.items() if not permissions] == []


def test_html_is_vouched_for_only_where_it_was_cleaned():
    kinds_of_page = ["*.html", "*.jinja", "*.txt"]
    found = offenders(files(["templates", *APPS], *kinds_of_page), r"\|\s*safe\b|autoescape (off|false)")
    fields = "|".join(RICH_TEXT)
    assert [line for line in found if not re.search(rf"\b({fields})\s*\|\s*safe\b", line)] == []


def test_code_vouches_for_html_only_where_it_made_it():
    found = offenders(files(APPS, "*.py"), r"\bmark_safe\(|SafeString\(|Markup\(\w")
    assert {line.split(":")[0] for line in found} <= MAY_MARK_SAFE


def test_scripts_write_text_and_never_html():
    written = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert offenders(files(["static"], "*.js"), written) == []


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether it catches what it cannot name and lets nobody know."""
    caught = ast.walk(handler.type) if handler.type else [ast.Name("BaseException")]
    named = {node.id for node in caught if isinstance(node, ast.Name)}
    raises = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    return bool({"Exception", "BaseException"} & named) and not raises


def test_no_error_is_swallowed():
    found = [
        f"{name(path)}:{node.lineno}"
        for path in files(CODE, "*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and swallows(node) and "races" not in path.parts
    ]
    assert found == []  # those who race return or collect what was raised, and say so


# What else opens a connection: the mail server is Django's and anymail's, name servers are dnspython's.
MAY_CONNECT = {"mail/outbound/door.py", "mail/outbound/guard.py", "mail/worker.py"}  # the last asks for its own name
# These ask this very site: by ORIGIN when somebody wants to know, for its certificate, and after an upgrade.
MAY_CONNECT |= {"core/probe.py", "core/watching.py", "undersigned/operations/upgrade.py"}
MAY_CONNECT |= {"mail/mailbox.py"}  # the mailbox that the operator named, over TLS, by Python's imaplib
MAY_CONNECT |= {"core/supervisor.py"}  # tells systemd, by a socket of this machine
LIBRARIES = r"socket|ssl|http\.client|urllib\.request|urllib3|requests|httpx|aiohttp|ftplib|imaplib|smtplib"
OPENS = rf"^\s*(import|from) ({LIBRARIES})\b"
MAY_NAME_ERRORS = {"mail/carrier.py", "mail/provider.py", "mail/smtp.py"}  # of smtplib, requests and urllib3


def test_there_is_one_door_to_other_hosts():
    """And the worker's loop goes through it, and staff's log-in: no other view has somebody wait for a request.

    A command may, for whoever runs it (exchange/readers/action_network.py)."""
    apps = [app for app in APPS if app != "seeds"]
    found = {line.split(":")[0] for line in offenders(files(apps, "*.py"), OPENS)}
    assert found == MAY_CONNECT | MAY_NAME_ERRORS
    using = offenders(files(APPS, "*.py"), r"\bdoor\.send\(|import .*\bdoor\b")
    assert {line.split(":")[0] for line in using} == {
        "mail/outbound/sending.py", "integrations/oidc/provider.py", "exchange/readers/action_network.py",
    }  # fmt: skip


def test_warnings_are_errors():
    with pytest.raises(UserWarning, match="a deprecation nobody reads"):
        warnings.warn("a deprecation nobody reads", stacklevel=1)
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert options["filterwarnings"][0] == "error"


def test_locks_name_no_host():
    locks = [*files(["requirements"], "*.txt", "*.in"), *files(["assets", "tests"], "*lock*.json")]
    assert len(locks) >= 5
    assert offenders(iter(locks), "://") == []


def test_every_pin_has_a_hash():
    for lock in files(["requirements"], "*.txt"):
        entries = re.split(r"\n(?=[a-z0-9])", lock.read_text().strip())
        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == [], lock


def test_no_file_knows_the_machine_it_was_written_on():
    everything = files([*CODE, "templates", "docs", "requirements", ".ci"], "*.py", "*.html", "*.md", "*.txt", "run")
    assert offenders(everything, r"(^|[\s\"'`(=])/(home|root|work|Users)/") == []


def _most(path: str) -> int:
    return LONGEST_TESTS if path.startswith("tests/") else LONGEST


def test_no_file_is_too_long_to_read():
    lengths = {
        name(path): path.read_text().count("\n")
        for path in files([*CODE, "templates"], "*.py", "*.html", "*.jinja", "*.js")
        if "migrations" not in path.parts
    }
    assert {path: lines for path, lines in lengths.items() if lines > _most(path)} == {}


def test_no_drawer_for_what_has_no_name():
    assert [name(path) for path in files(APPS, "*.py") if path.stem in FORBIDDEN_MODULES] == []


def test_nothing_is_put_off():
    notes = "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"])
    assert offenders(files([*CODE, "templates"], "*.py", "*.html", "*.jinja", "*.js"), rf"\b({notes})\b") == []


def test_no_test_is_asleep():
    """Only journeys, the WordPress plugin and log-ins with npm's provider may, without browser, PHP or Node.js."""
    tests = (path for path in files(["tests"], "*.py") if path.name not in {"conftest.py", "test_house.py"})
    assert offenders(tests, r"\bxfail\b|mark\.skip|pytest\.skip|skipif") == []


# What mypy is strict about (pyproject.toml), so that no code goes unchecked because it says nothing.
STRICT = ["check_untyped_defs", "disallow_incomplete_defs", "disallow_untyped_defs", "no_implicit_optional"]
STRICT += ["strict_equality", "warn_redundant_casts", "warn_unused_ignores"]


def test_types_are_checked_strictly_and_with_the_linters():
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert [line for line in lint[1].splitlines() if "mypy" in line] == ["\t@$(BIN)/mypy --no-error-summary ."]
    assert {name: settings[name] for name in STRICT} == dict.fromkeys(STRICT, True)
    assert settings["exclude"] == ["^tests/", "^var/", r"^\.venv/", "/migrations/"]
    assert [set(override) for override in settings["overrides"]] == [{"module", "ignore_missing_imports"}]


def test_every_exception_from_a_type_names_its_kind_and_its_reason():
    mark = "type: " + "ignore"
    found = offenders(files(CODE, "*.py"), mark)
    assert found
    assert [line for line in found if not re.search(rf"# {mark}\[[a-z, -]+\]  # \w.+", line)] == []


def test_types_are_checked_without_an_environment():
    told = "from undersigned import typing_settings as it; print(it.DATABASES['default']['NAME'])"
    done = subprocess.run([sys.executable, "-c", told], env={}, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"
