"""A small IMAP server for tests (RFC 3501): one folder, and as much of the protocol as reading it takes."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass
class Letter:
    """A mail and its flags."""

    raw: bytes
    flags: set[str] = field(default_factory=set)


class MailboxServer(socketserver.ThreadingTCPServer):
    """Mails by their number, and who is let in."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: dict[int, Letter] = {}
        self.user, self.password, self.folder = "returns@example.org", 'a "quoted" word', "INBOX"
        self.sessions = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def put(self, raw: bytes) -> int:
        """A new mail, unread; returns its number."""
        number = max(self.letters, default=0) + 1
        self.letters[number] = Letter(raw)
        return number


class _Session(socketserver.StreamRequestHandler):
    server: MailboxServer
    verbs: ClassVar[dict[str, str]] = {"UID SEARCH": "search", "UID FETCH": "fetch", "UID STORE": "store"}

    def handle(self) -> None:
        self.server.sessions += 1
        self._say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            if not self._answer(tag, command):
                return

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _answer(self, tag: str, command: str) -> bool:
        verb = command.partition(" ")[0].upper()
        if verb == "UID":
            verb = self.verbs[" ".join(command.upper().split()[:2])]
        found = getattr(self, f"_{verb.lower()}", None)
        said = found(command) if found else "OK done"
        self._say(f"{tag} {said}")
        return verb != "LOGOUT"

    def _capability(self, command: str) -> str:
        self._say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def _login(self, command: str) -> str:
        password = self.server.password.replace('"', '\\"')
        is_right = command == f'LOGIN {self.server.user} "{password}"'
        return "OK in" if is_right else "NO wrong password"

    def _select(self, command: str) -> str:
        if command.partition(" ")[2].strip('"') != self.server.folder:
            return "NO no such folder"
        self._say(f"* {len(self.server.letters)} EXISTS")
        return "OK [READ-WRITE] selected"

    def _search(self, command: str) -> str:
        smaller = int(re.search(r"SMALLER (\d+)", command)[1])
        unseen = [
            number
            for number, letter in self.server.letters.items()
            if "\\Seen" not in letter.flags and len(letter.raw) < smaller
        ]
        self._say(" ".join(["* SEARCH", *map(str, unseen)]))
        return "OK done"

    def _fetch(self, command: str) -> str:
        number = int(command.split()[2])
        raw = self.server.letters[number].raw
        self.wfile.write(f"* 1 FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
        return "OK done"

    def _store(self, command: str) -> str:
        self.server.letters[int(command.split()[2])].flags |= set(re.findall(r"\\\w+", command))
        return "OK done"

    def _expunge(self, command: str) -> str:
        for number in [number for number, letter in self.server.letters.items() if "\\Deleted" in letter.flags]:
            del self.server.letters[number]
        return "OK done"

    def _logout(self, command: str) -> str:
        self._say("* BYE")
        return "OK bye"


@contextmanager
def running() -> Iterator[MailboxServer]:
    """Such a server on a free port."""
    with MailboxServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
