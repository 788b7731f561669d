"""What goes over the wire to a mail server that takes several commands at once, byte by byte."""

import smtplib
import socket
import threading

import pytest

from core.mail import dialogue

CONTENT = b"A: b\r\n\r\n.c\r\n"
ENVELOPE = b"MAIL FROM:<post@example.org> SIZE=12\r\nRCPT TO:<bo@example.org>\r\nDATA\r\n"
STUFFED = b"A: b\r\n\r\n..c\r\n.\r\n"
HELLO = (b"ehlo me\r\n", b"250-mail.example\r\n250-PIPELINING\r\n250 SIZE 10000000\r\n")
ACCEPTED = [(ENVELOPE, b"250 OK\r\n250 OK\r\n354 go on\r\n"), (STUFFED, b"250 OK\r\n")]
RESET = (b"rset\r\n", b"250 OK\r\n")


class Scripted:
    """A client, and a server that follows a script of what it expects to hear, and what it says then."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        ours.settimeout(5)
        self.theirs.settimeout(5)
        self.client = smtplib.SMTP()
        self.client.sock, self.client.local_hostname = ours, "me"
        self.heard: list[bytes] = []
        self.thread = threading.Thread(target=self._play)

    def follow(self, *script: tuple[bytes, bytes]) -> None:
        self.script = [HELLO, *script]
        self.thread.start()

    def _play(self) -> None:
        for expected, said in self.script:
            self.heard.append(b"")
            while len(self.heard[-1]) < len(expected):
                self.heard[-1] += self.theirs.recv(4096)
            self.theirs.sendall(said)

    def assert_heard(self) -> None:
        self.thread.join()
        assert self.heard == [expected for expected, _ in self.script]

    def send(self) -> None:
        dialogue.send(self.client, "post@example.org", "bo@example.org", CONTENT)

    def close(self) -> None:
        self.thread.join()
        self.client.close()
        self.theirs.close()


@pytest.fixture
def server():
    server = Scripted()
    yield server
    server.close()


def test_a_mail_takes_two_journeys_and_its_dots_are_doubled(server):
    server.follow(*ACCEPTED, *ACCEPTED)
    server.send()
    server.send()
    server.assert_heard()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ([(ENVELOPE, b"530 no\r\n503 no\r\n503 no\r\n")], smtplib.SMTPSenderRefused),
        ([(ENVELOPE, b"250 OK\r\n550 no\r\n503 no\r\n")], smtplib.SMTPRecipientsRefused),
        (
            [(ENVELOPE, b"250 OK\r\n550 no\r\n354 go on\r\n"), (b".\r\n", b"554 nobody\r\n")],
            smtplib.SMTPRecipientsRefused,
        ),
        ([(ENVELOPE, b"250 OK\r\n250 OK\r\n451 no\r\n")], smtplib.SMTPDataError),
        ([ACCEPTED[0], (STUFFED, b"554 no\r\n")], smtplib.SMTPDataError),
    ],
)
def test_after_a_refusal_the_next_mail_begins_where_the_server_expects_it(server, script, error):
    server.follow(*script, RESET, *ACCEPTED)
    with pytest.raises(error, match="no"):
        server.send()
    server.send()
    server.assert_heard()


@pytest.mark.parametrize("said", [b"421 later\r\n", b"250 OK\r\n421 later\r\n", b"250 OK\r\n250 OK\r\n421 later\r\n"])
def test_a_server_that_goes_away_is_not_waited_for(server, said):
    server.follow((ENVELOPE, said))
    with pytest.raises(smtplib.SMTPException, match="later"):
        server.send()
    server.assert_heard()
    assert server.client.sock is None


@pytest.mark.parametrize("address", ["bo@example.org>\r\nRCPT TO:<al@example.org", "a b@example.org", "bó@example.org"])
def test_what_is_more_than_an_address_is_left_to_who_knows_how_to_write_it(address):
    assert dialogue.PLAIN.fullmatch(address) is None
    assert dialogue.PLAIN.fullmatch("amina+news.o'neil=x@example.org")
