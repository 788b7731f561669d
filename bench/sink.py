"""A mail server that says yes, counts and forgets: as little as SMTP allows, so that the worker is what is measured.

python -m bench.sink PORT     prints, when it is told to end, how many messages it took

It shares two cores with what it measures, so it asks the kernel itself: a framework's loop costs four times as much.
"""

import select
import signal
import socket
import sys

CHUNK = 1 << 16  # bytes
HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
ANSWERS = {b"EHLO": HELLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Talk:
    """What one client has said so far (RFC 5321, with the PIPELINING of RFC 2920)."""

    def __init__(self) -> None:
        self.rest, self.in_data, self.is_over, self.messages = b"", False, False, 0

    def answer(self, data: bytes) -> bytes:
        """The answers to every line, and to every message, that `data` completes."""
        self.rest += data
        said = b""
        while not self.is_over:
            line, found, rest = self.rest.partition(b"\r\n.\r\n" if self.in_data else b"\r\n")
            if not found:
                break
            self.rest = rest
            said += self._message() if self.in_data else self._command(line[:4].upper())
        if self.in_data:
            self.rest = self.rest[-4:]  # of a message only how it ends is waited for
        return said

    def _message(self) -> bytes:
        self.in_data = False
        self.messages += 1
        return b"250 OK\r\n"

    def _command(self, verb: bytes) -> bytes:
        if verb == b"DATA":
            self.in_data, self.rest = True, b"\r\n" + self.rest  # an empty message is a dot alone
        self.is_over = verb == b"QUIT"
        return ANSWERS.get(verb, b"250 OK\r\n")


class Sink:
    """All clients, and how many messages they have brought."""

    def __init__(self, port: int) -> None:
        self.messages = 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._poll = select.epoll()
        self._poll.register(self._listener, select.EPOLLIN)
        self._clients: dict[int, tuple[socket.socket, Talk]] = {}

    def turn(self, seconds: float = -1) -> None:
        """Wait for somebody to speak, `seconds` at most unless negative, and answer who does."""
        for number, _ in self._poll.poll(seconds):
            if number == self._listener.fileno():
                self._greet(self._listener.accept()[0])
            else:
                self._serve(*self._clients[number])

    def close(self) -> None:
        """Stop listening, and hang up on whoever is left."""
        for client, _ in list(self._clients.values()):
            self._hang_up(client)
        self._poll.close()
        self._listener.close()

    def _greet(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[client.fileno()] = client, Talk()
        self._poll.register(client, select.EPOLLIN)
        client.sendall(b"220 sink ESMTP\r\n")

    def _serve(self, client: socket.socket, talk: Talk) -> None:
        try:
            data = client.recv(CHUNK)
            before = talk.messages
            if said := talk.answer(data):
                client.sendall(said)
            self.messages += talk.messages - before
        except ConnectionError:
            data = b""
        if not data or talk.is_over:
            self._hang_up(client)

    def _hang_up(self, client: socket.socket) -> None:
        del self._clients[client.fileno()]
        self._poll.unregister(client)
        client.close()


def main(port: int) -> None:
    """Serve until asked to end."""
    sink = Sink(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        while True:
            sink.turn()
    finally:
        print(sink.messages)


if __name__ == "__main__":
    main(int(sys.argv[1]))
