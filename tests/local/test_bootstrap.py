import os
import shutil
import subprocess

import pytest

from local.environment import ROOT

pytestmark = pytest.mark.whole


@pytest.fixture
def project(tmp_path):
    (tmp_path / "local").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "local" / "bootstrap.sh", tmp_path / "local")
    for tool in ("dirname", "cmp"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return tmp_path


def bootstrap(project):
    command = [shutil.which("sh"), "local/bootstrap.sh", "dev"]
    environment = {"PATH": str(project / "bin"), "HOME": os.environ["HOME"]}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def fake_python(project, body):
    fake = project / "bin" / "python3"
    fake.write_text(f"#!/bin/sh\n{body}\n")
    fake.chmod(0o755)


def test_without_python_it_says_what_to_install(project):
    done = bootstrap(project)
    assert done.returncode == 1
    assert "Undersigned needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt install python3 python3-venv)" in (
        done.stderr
    )


def test_an_old_python_does_not_do(project):
    fake_python(project, "exit 1")
    assert "Undersigned needs Python 3.11 or newer." in bootstrap(project).stderr


def test_a_python_without_venv_is_told_from_none(project):
    body = 'case "$2" in *ensurepip*) exit 1;; *sys.version_info\\[*) echo 3.11;; *print*) echo 3.11;; esac'
    fake_python(project, body)
    done = bootstrap(project)
    assert done.returncode == 1
    assert "Install what is missing: apt install python3-venv (or python3.11-venv)" in done.stderr


def test_an_installed_lock_is_not_installed_again(project):
    """A warm run does nothing: here every tool that it could install with is missing."""
    (project / "requirements").mkdir()
    (project / ".venv" / "bin").mkdir(parents=True)
    python = project / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    for path in (project / "requirements" / "dev.txt", project / ".venv" / "installed-dev.txt"):
        path.write_text("django==5.2\n")
    done = bootstrap(project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_lock_is_installed(project):
    (project / "requirements").mkdir()
    (project / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "uv"):
        tool = project / ".venv" / "bin" / name
        tool.write_text('#!/bin/sh\n[ "$1" = pip ] && echo "$@" >> asked\nexit 0\n')
        tool.chmod(0o755)
    for name, text in {"uv": "uv", "dev": "new"}.items():
        (project / "requirements" / f"{name}.txt").write_text(text)
    (project / ".venv" / "installed-uv.txt").write_text("uv")
    (project / ".venv" / "installed-dev.txt").write_text("old")
    (project / "bin" / "cp").symlink_to(shutil.which("cp"))
    assert bootstrap(project).returncode == 0
    asked = "pip install --quiet --no-config --python .venv/bin/python --require-hashes -r requirements/dev.txt\n"
    assert (project / "asked").read_text() == asked
    assert (project / ".venv" / "installed-dev.txt").read_text() == "new"
