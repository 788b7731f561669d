"""The files of deploy/ are good in the eyes of the programs that they are for."""

import subprocess
from pathlib import Path

import pytest

from local.environment import ROOT
from tests.deploy.edge import SYSTEM, changed, program

DEPLOY = ROOT / "deploy"


def run(name: str, *arguments: str | Path) -> None:
    """Run a program that looks at a file; what it says is told when it is not content."""
    done = subprocess.run(
        [program(name), *map(str, arguments)], capture_output=True, text=True, check=False, env={"PATH": SYSTEM}
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def units(tmp_path) -> list[Path]:
    """The units, with a program and a user that are on this machine."""
    made = []
    for source in sorted((DEPLOY / "systemd").iterdir()):
        text = source.read_text().replace("/srv/undersigned/.venv/bin/granian", "/bin/true")
        text = text.replace("/srv/undersigned/.venv/bin/undersigned", "/bin/true")
        (tmp_path / source.name).write_text(text)
        made.append(tmp_path / source.name)
    return made


def test_systemd_knows_every_word_of_the_units(units, tmp_path):
    for name in ("undersigned-web@8001.service", "undersigned-web@8002.service"):
        (tmp_path / name).write_text((tmp_path / "undersigned-web@.service").read_text())
    named = [path for path in units if "@" not in path.name]
    done = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", *named, tmp_path / "undersigned-web@8001.service"],
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in done.stderr.splitlines() if "undersigned" in line]
    assert (own, done.returncode) == ([], 0), done.stderr


def test_prometheus_takes_its_files_and_each_alarm_rings_when_it_should(tmp_path):
    run("promtool", "check", "rules", DEPLOY / "prometheus" / "alerts.yml")
    config = changed((DEPLOY / "prometheus" / "prometheus.yml").read_text(), {"rules/": f"{DEPLOY}/prometheus/"})
    config = config.replace("undersigned.yml", "alerts.yml")
    (tmp_path / "prometheus.yml").write_text(config)
    run("promtool", "check", "config", tmp_path / "prometheus.yml")
    tests = changed(
        (DEPLOY / "prometheus" / "alerts.test.yml").read_text(), {"- alerts.yml": f"- {DEPLOY}/prometheus/alerts.yml"}
    )
    (tmp_path / "tests.yml").write_text(tests)
    run("promtool", "test", "rules", tmp_path / "tests.yml")


def test_haproxy_takes_its_file(tmp_path, certificate):
    config = changed(
        (DEPLOY / "haproxy.cfg").read_text(),
        {
            "/etc/haproxy/certificates/petitions.example.org.pem": certificate["site"],
            "bind :80": "bind 127.0.0.1:10080",
        },
    ).replace("bind :443", "bind 127.0.0.1:10443")
    (tmp_path / "haproxy.cfg").write_text(config)
    run("haproxy", "-c", "-f", tmp_path / "haproxy.cfg")


def test_logrotate_takes_its_file(tmp_path):
    config = changed((DEPLOY / "logrotate.conf").read_text(), {"/var/log/undersigned": str(tmp_path)})
    (tmp_path / "own.conf").write_text(config)
    (tmp_path / "own.conf").chmod(0o644)
    run("logrotate", "--debug", "--state", tmp_path / "state", tmp_path / "own.conf")
