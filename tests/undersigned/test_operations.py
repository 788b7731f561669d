"""`undersigned install` and `undersigned upgrade`: few questions, clear refusals, nothing half done."""

import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from dotenv import dotenv_values

from local.environment import ROOT, sealed

pytestmark = pytest.mark.whole

ANSWERS = {
    "ORIGIN": "https://petitions.example.org",
    "SITE_NAME": "Eastside Campaign",
    "CONTACT_EMAIL": "post@example.org",
    "EMAIL_URL": "smtp://user:pass%23word@mail.example.org:587/?tls=starttls",
    "ADMINISTRATOR": "anna@example.org",
}


def operate(home: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program in the folder of a site, as if no setting were known yet."""
    environment = {name: value for name, value in os.environ.items() if name not in sealed()}
    environment |= {"UNDERSIGNED_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "undersigned", *arguments]
    return subprocess.run(command, cwd=home, env=environment, input=typed, capture_output=True, text=True, check=False)


def answers(home: Path, **changes: str) -> str:
    file = home / "answers"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in {**ANSWERS, **changes}.items() if value))
    return str(file)


def test_every_fault_of_the_answers_is_told_at_once_and_nothing_is_done(tmp_path):
    file = answers(tmp_path, ORIGIN="http://x.example", EMAIL_URL="mail.example.org", ADMINISTRATOR="", SITE_NAME='a"b')
    done = operate(tmp_path, "install", "--answers", file)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "undersigned install: nothing was done, because of these answers:"
    words = [
        "ORIGIN must begin with https://",
        "without quotes",
        "EMAIL_URL must look like",
        "ADMINISTRATOR is missing",
    ]
    assert [word for word in words if word not in done.stderr] == []
    assert (sorted(path.name for path in tmp_path.iterdir()), "Traceback" in done.stderr) == (["answers"], False)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("SITENAME=x", "SITENAME, which is not asked for"), (None, "there is no such file")],
)
def test_a_file_of_answers_that_cannot_be_meant_is_refused(tmp_path, line, sentence):
    file = answers(tmp_path)
    if line:
        Path(file).write_text(f"{Path(file).read_text()}{line}\n")
    else:
        Path(file).unlink()
    done = operate(tmp_path, "install", "--answers", file)
    assert (done.returncode, sentence in done.stderr) == (1, True)


def test_a_question_is_asked_again_until_its_answer_is_good(tmp_path):
    done = operate(tmp_path, "install", typed="petitions.example.org\nhttps://petitions.example.org\n")
    assert done.returncode == 1
    assert "write scheme and host only" in done.stdout
    assert (done.stdout.count("1/8"), done.stdout.count("2/8")) == (2, 1)
    assert done.stderr.strip().endswith("stopped. Nothing is half done: run it again.")


@pytest.fixture
def nothing_there():
    """No role and no database of that name, before or after."""

    def clear() -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS undersigned WITH (FORCE)")
            connection.execute("DROP ROLE IF EXISTS undersigned")

    clear()
    yield
    clear()


def test_a_site_is_set_up_and_a_second_time_goes_on_from_there(tmp_path, nothing_there):
    file = answers(tmp_path)
    done = operate(tmp_path, "install", "--answers", file, "--admin", os.environ["DATABASE_URL"], "--no-mail")
    assert done.returncode == 0, done.stdout + done.stderr
    (link,) = [line.strip() for line in done.stdout.splitlines() if "/admin/welcome/" in line]
    assert link.startswith("https://petitions.example.org/admin/welcome/")
    kept = dotenv_values(tmp_path / ".env")
    assert ((tmp_path / ".env").stat().st_mode & 0o777, kept["TRUSTED_PROXIES"]) == (0o600, "1")
    assert kept["EMAIL_URL"] == ANSWERS["EMAIL_URL"]
    assert len(kept["SECRET_KEY"]) > 50 < len(kept["SECRET_KEY"] + kept["HASH_SECRET"])
    made = urlsplit(kept["DATABASE_URL"])
    assert (made.username, made.path, "host" in parse_qs(made.query)) == ("undersigned", "/undersigned", True)
    with psycopg.connect(kept["DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT username, is_superuser, password LIKE '!%' FROM auth_user").fetchall()
    assert rows == [("anna@example.org", True, True)]

    again = operate(tmp_path, "install", "--answers", file, "--no-mail")
    assert again.returncode == 0, again.stdout + again.stderr
    assert dotenv_values(tmp_path / ".env") == kept


PROGRAM = """#!/bin/sh
echo "{version} $*" >>"$UNDERSIGNED_HOME/said"
case "$*" in *{fails}*) echo "no good" >&2; exit 1;; esac
"""


class Health(http.server.BaseHTTPRequestHandler):
    """A web server that answers."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def home(tmp_path):
    """A site with one version that runs and one that is ready, and a systemctl that only says what it was told."""
    for version in ("one", "two"):
        (tmp_path / "releases" / version / "bin").mkdir(parents=True)
        program(tmp_path, version)
    (tmp_path / ".venv").symlink_to("releases/one")
    (tmp_path / "backups").mkdir()
    (tmp_path / "systemctl").write_text('#!/bin/sh\necho "systemctl $*" >>"$UNDERSIGNED_HOME/said"\n')
    (tmp_path / "systemctl").chmod(0o755)
    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        (tmp_path / "port").write_text(str(server.server_address[1]))
        yield tmp_path
        server.shutdown()


def program(home: Path, version: str, fails: str = "never") -> None:
    file = home / "releases" / version / "bin" / "undersigned"
    file.write_text(PROGRAM.format(version=version, fails=fails))
    file.chmod(0o755)


def upgrade(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    unit = f"web@{(home / 'port').read_text()}"
    systemctl = ["--systemctl", str(home / "systemctl"), "--units", unit, "worker"]
    return operate(home, "upgrade", *arguments, *systemctl)


def said(home: Path) -> list[str]:
    return [line.replace((home / "port").read_text(), "8001") for line in (home / "said").read_text().splitlines()]


def test_an_upgrade_is_a_backup_new_tables_the_switch_and_a_way_back(home):
    done = upgrade(home, "--to", "releases/two", "--backup", str(home / "backups"))
    assert done.returncode == 0, done.stderr
    assert [line.partition(" --")[0] for line in said(home)] == [
        "two check",
        f"one backup {home / 'backups'}",
        "two migrate",
        "two roles",
        "two collectstatic",
        "systemctl restart web@8001",
        "systemctl restart worker",
    ]
    assert (home / ".venv").resolve().name == "two"
    back = upgrade(home, "--back")
    assert (back.returncode, (home / ".venv").resolve().name) == (0, "one")
    assert said(home)[-2:] == ["systemctl restart web@8001", "systemctl restart worker"]


@pytest.mark.parametrize(("version", "fails"), [("two", "check"), ("one", "backup"), ("two", "migrate")])
def test_what_fails_before_the_switch_leaves_the_old_version_alone(home, version, fails):
    program(home, version, fails)
    done = upgrade(home, "--to", "releases/two", "--backup", str(home / "backups"))
    assert (done.returncode, "no good" in done.stderr, "the old version runs on" in done.stderr) == (1, True, True)
    assert ((home / ".venv").resolve().name, any("systemctl" in line for line in said(home))) == ("one", False)


def test_a_restart_that_fails_leads_back(home):
    (home / "systemctl").write_text(
        '#!/bin/sh\n[ "$(readlink "$UNDERSIGNED_HOME/.venv")" != releases/two ] || { echo "no start" >&2; exit 1; }\n'
    )
    done = upgrade(home, "--to", "releases/two", "--backup", str(home / "backups"))
    assert (done.returncode, "no start" in done.stderr, "The old version runs again" in done.stderr) == (1, True, True)
    assert (home / ".venv").resolve().name == "one"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--to", "releases/two"], "Say where the backup goes"),
        (["--to", "releases/three", "--backup", "backups"], "holds no version"),
        (["--to", "releases/one", "--backup", "backups"], "is the version that runs"),
        (["--back"], "There is no version before this one"),
        (["x.whl", "--backup", "backups"], "Name the wheel"),
    ],
)
def test_what_cannot_be_done_is_told(home, arguments, sentence):
    done = upgrade(home, *arguments)
    assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (1, True, False)


@pytest.mark.parametrize("name", ["install", "upgrade"])
def test_help_needs_no_settings(tmp_path, name):
    done = operate(tmp_path, name, "--help")
    assert (done.returncode, done.stdout.startswith(f"usage: undersigned {name}")) == (0, True)
