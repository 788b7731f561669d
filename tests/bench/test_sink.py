"""The benchmark's mail server, which must answer a real client as a real one does, and count what it took."""

import smtplib
import threading
from email.message import EmailMessage

import pytest

from bench.sink import Sink, Talk


@pytest.fixture
def sink():
    sink, ended = Sink(0), threading.Event()

    def serve():
        while not ended.is_set():
            sink.turn(0.02)

    thread = threading.Thread(target=serve)
    thread.start()
    yield sink
    ended.set()
    thread.join()
    sink.close()


def test_it_takes_and_counts_one_message_after_the_other(sink):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "post@example.org", "amina@example.org", "Confirm"
    message.set_content(".\nA line with a dot before it, and a long one: " + "x" * 200_000)
    with smtplib.SMTP("127.0.0.1", sink.port) as first, smtplib.SMTP("127.0.0.1", sink.port) as second:
        for client in (first, second, first):
            assert client.send_message(message) == {}
        assert first.noop() == (250, b"OK")
        assert first.docmd("MAIL FROM:<post@example.org>") == (250, b"OK")
    assert sink.messages == 3


CONVERSATION = b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n\r\n..\r\n.\r\nDATA\r\n.\r\nQUIT\r\n"
HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
OK = b"250 OK\r\n"
GO_ON = b"354 go on\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_it_does_not_matter_in_what_pieces_it_comes(size):
    talk = Talk()
    pieces = [CONVERSATION[begin : begin + size] for begin in range(0, len(CONVERSATION), size)]
    said = b"".join(talk.answer(piece) for piece in pieces)
    assert said == HELLO + OK + OK + GO_ON + OK + GO_ON + OK + b"221 bye\r\n"
    assert (talk.messages, talk.is_over) == (2, True)


def test_an_unfinished_message_does_not_count():
    talk = Talk()
    talk.answer(b"DATA\r\nA: b\r\n\r\n.")
    assert talk.messages == 0
