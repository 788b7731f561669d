"""The `undersigned` program, by way of manage.py, which is the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from local.environment import ROOT, sealed
from undersigned import __version__, environment

pytestmark = pytest.mark.whole

COMMANDS = ["migrate", "worker", "check", "recount", "doctor", "verify_audit", "personal"]


def manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with these settings and no others."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **sealed(**settings)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("question", ["--version", "version"])
def test_it_tells_its_version_without_any_settings(question):
    done = manage(question)
    assert (done.returncode, done.stdout.partition(" (")[0], done.stderr) == (0, f"undersigned {__version__}", "")


@pytest.mark.parametrize("command", ["check", "migrate", "worker", "no-such-command"])
def test_a_missing_setting_is_one_sentence(command):
    done = manage(command)
    sentence = "manage.py: Set SECRET_KEY in the environment or in .env (see .env.example).\n"
    # Of a command it does not know, Django first says that settings may be at fault.
    assert (done.returncode, done.stderr.splitlines(keepends=True)[-1]) == (1, sentence)
    assert "Traceback" not in done.stderr


def test_who_asks_for_the_traceback_gets_it():
    assert "Traceback (most recent call last)" in manage("check", "--traceback").stderr


def test_help_lists_the_commands_of_the_apps():
    settings = {"SECRET_KEY": "x" * 50, "DEMO": "1", "DATABASE_URL": os.environ["DATABASE_URL"]}
    listed = manage("help", "--commands", **settings).stdout.split()
    assert [command for command in COMMANDS if command not in listed] == []


def test_a_site_lives_where_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNDERSIGNED_HOME", str(tmp_path))
    assert environment.home(default=ROOT) == tmp_path
    monkeypatch.setenv("UNDERSIGNED_HOME", "")
    assert environment.home(default=ROOT) == ROOT


def test_a_home_that_is_no_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNDERSIGNED_HOME", str(tmp_path / "away"))
    with pytest.raises(ImproperlyConfigured, match=r"away': name a folder that exists\.$"):
        environment.home(default=ROOT)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "CONTACT_MAIL=post@example.org",
            "Set CONTACT_EMAIL in the environment or in .env (see .env.example). Line 2 of .env says CONTACT_MAIL.",
        ),
        (
            "export CONTACT_EMAIL = 'post@example.org' # ours\r\nMAIL_FORM=us@example.org",
            ".env, line 3: there is no setting MAIL_FORM. Did you mean MAIL_FROM?",
        ),
        ('CONTACT_EMAIL=post@example.org\nHASH_SECRET="a', ".env, line 3: write NAME=value"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(tmp_path: Path, line: str, sentence: str):
    settings = {"SECRET_KEY": "x" * 50, "SITE_NAME": "Eastside", "DEBUG": "1"}
    settings |= {"DATABASE_URL": os.environ["DATABASE_URL"], "UNDERSIGNED_HOME": str(tmp_path)}
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbf# Ours\r\n" + line.encode())
    given = {name: value for name, value in sealed(**settings).items() if value}
    environment = {name: value for name, value in os.environ.items() if name not in sealed()}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment | given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[: len(f"manage.py: {sentence}")]) == (1, f"manage.py: {sentence}")
    assert done.stderr.count("\n") == 1
