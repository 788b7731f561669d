"""The demo's post office: a mail server that delivers into a folder."""

import signal
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage

import pytest

from local.environment import ROOT

pytestmark = pytest.mark.whole


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(port, tmp_path):
    started = []

    def start_sink():
        command = [sys.executable, "-m", "local.smtp_sink", "--port", str(port), "--folder", str(tmp_path / "mail")]
        sink = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(sink)
        return sink

    yield start_sink
    for sink in started:
        sink.kill()
        sink.communicate()


def listening(sink) -> str:
    return sink.stdout.readline()


def test_what_it_takes_is_in_the_folder_when_it_says_so(start, port, tmp_path):
    sink = start()
    assert listening(sink) == f"Mail to 127.0.0.1:{port} is delivered into {tmp_path / 'mail'}\n"
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message.set_content(".\nA line with a dot before it was sent.\n")
    with smtplib.SMTP("127.0.0.1", port) as client:
        for _ in range(3):
            client.send_message(message, "post@example.org", ["amina@example.org"])
            (tmp_path / "seen").write_text("\n".join(path.name for path in sorted((tmp_path / "mail").iterdir())))
    names = (tmp_path / "seen").read_text().split()
    assert [len(name) for name in names] == [20 + 1 + 6 + 4] * 3
    for name in names:
        content = (tmp_path / "mail" / name).read_bytes()
        assert content == message.as_bytes().replace(b"\n", b"\r\n")

    sink.send_signal(signal.SIGTERM)
    assert sink.wait(timeout=5) == 0


def test_a_taken_port_is_said_in_a_sentence(start, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        sink = start()
        said, _ = sink.communicate(timeout=10)
    assert sink.returncode == 1
    assert said.startswith(f"The mail catcher cannot listen on port {port}: ")


def test_it_starts_again_at_once(start, port):
    first = start()
    listening(first)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.noop()
        first.kill()
        first.wait()
    assert listening(start()).startswith("Mail to ")
