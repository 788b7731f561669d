"""How the demo notices that it should stop. tests/journeys runs the whole of it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from local import demo
from local.environment import ROOT

pytestmark = pytest.mark.whole

SECONDS = 30  # a busy machine is no fault of the demo
KEEPER = """
import os, sys
from local import demo
parent = os.getppid()
try:
    demo._stop_when_asked()
    print(os.getpid(), flush=True)
    demo._keep([], None, parent)
except demo.Stopped:
    sys.exit(7)
"""


@pytest.fixture
def keeper_file(tmp_path):
    path = tmp_path / "keeper.py"
    path.write_text(KEEPER)
    return path


@pytest.fixture
def start():
    """Starts a command that every signal reaches, also under nohup; whatever happens, none outlives the test."""
    started = []

    def start(command, folder=ROOT):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        heard = ["env", "--default-signal=HUP,INT,TERM", *command]
        made = subprocess.Popen(
            heard, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(made)
        return made

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
        process.stdout.close()


def is_gone(pid, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_when_asked(start, keeper_file, number):
    keeper = start([sys.executable, str(keeper_file)])
    keeper.stdout.readline()
    keeper.send_signal(number)
    assert keeper.wait(SECONDS) == 7


def test_it_stops_when_whoever_started_it_is_killed(start, keeper_file):
    parent = start(["sh", "-c", f"{sys.executable} {keeper_file}; true"])
    keeper = int(parent.stdout.readline())
    parent.kill()
    parent.wait(SECONDS)
    assert is_gone(keeper)


def test_it_stops_when_make_alone_is_interrupted(start, keeper_file, tmp_path):
    (tmp_path / "Makefile").write_text(f"demo:\n\t@exec {sys.executable} {keeper_file}\n")
    # Under `make test` this make is a nested one, which would tell first where it is.
    make = start([shutil.which("make"), "--no-print-directory", "demo"], tmp_path)
    keeper = int(make.stdout.readline())
    time.sleep(0.7)
    assert not is_gone(keeper, 0.1)
    make.send_signal(signal.SIGINT)
    assert is_gone(keeper)
    make.wait(SECONDS)


def test_a_parent_that_is_no_make_is_left_alone():
    assert not demo._is_make_giving_up(os.getpid())


def test_words_instead_of_a_traceback(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "http")
    assert demo.main([]) == 1
    assert capsys.readouterr().err == (
        "\nPORT is 'http': write a number from 1 to 65535, like make demo PORT=8001.\n\n"
    )
