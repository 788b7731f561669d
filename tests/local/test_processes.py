import os
import signal
import sys
import time

import pytest

from local.environment import ROOT
from local.processes import RESTARTS_PER_MINUTE, GivenUpError, Program, stop, web_server

pytestmark = pytest.mark.whole

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def program(tmp_path):
    started = []

    def start(code):
        made = Program("sleeper", [sys.executable, "-c", code], dict(os.environ), tmp_path / "log")
        made.start()
        started.append(made)
        return made

    yield start
    stop(started)


def first_line(program):
    deadline = time.monotonic() + 10
    while "\n" not in (text := program.log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return text.split("\n")[0]


def is_gone(pid):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_one_that_dies_is_started_again(program, capsys):
    sleeper = program(SLEEPER)
    first = sleeper.process.pid
    os.kill(first, signal.SIGKILL)
    sleeper.process.wait()
    sleeper.tend()
    assert sleeper.is_alive()
    assert sleeper.process.pid != first
    assert capsys.readouterr().out.startswith("The sleeper ended unasked and is started again;")


def test_one_that_lives_is_left_alone(program):
    sleeper = program(SLEEPER)
    before = sleeper.process.pid
    sleeper.tend()
    assert sleeper.process.pid == before


def test_one_that_always_dies_is_given_up_with_its_last_words(program):
    failing = program("raise SystemExit('no such harbour')")
    for _ in range(RESTARTS_PER_MINUTE):
        failing.process.wait()
        failing.tend()
    failing.process.wait()
    with pytest.raises(GivenUpError, match="no such harbour"):
        failing.tend()


def test_children_end_with_it(program):
    parent = program(PARENT)
    child = int(first_line(parent))
    stop([parent])
    assert not parent.is_alive()
    assert is_gone(child)


def test_children_of_one_that_was_killed_do_not_keep_its_port(program):
    parent = program(PARENT)
    child = int(first_line(parent))
    os.kill(parent.process.pid, signal.SIGKILL)
    parent.process.wait()
    parent.tend()
    assert is_gone(child)


def test_one_that_will_not_listen_is_made_to(program, monkeypatch):
    monkeypatch.setattr("local.processes.STOP_SECONDS", 0.2)
    stubborn = program(STUBBORN)
    assert first_line(stubborn) == "up"
    stop([stubborn])
    assert stubborn.process.returncode == -signal.SIGKILL


def test_demo_drill_and_benchmark_serve_the_site_as_the_manual_says():
    options = web_server(8000, workers=2)[2:]
    manual = (ROOT / "docs" / "operating.md").read_text().replace("\\\n", " ")
    unit = {"%i": "8000", "--workers 1": "--workers 2"}  # one process in each unit, whose name is its port
    for one, other in unit.items():
        manual = manual.replace(one, other)
    commands = [line.split()[1:] for line in manual.splitlines() if "/granian " in line.replace("ExecStart=", "")]
    assert commands == [options[1:], options[1:]]
