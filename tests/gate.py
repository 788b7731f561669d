"""What stands between the site and its database in tests that take the database away: a gate that can be shut."""

import contextlib
import socket
import threading
from pathlib import Path

NAME = ".s.PGSQL.5432"


class Gate:
    """Leads from a socket in `folder` to the server's socket `behind`, as long as it is open."""

    def __init__(self, folder: Path, behind: str) -> None:
        self.path, self._behind = str(folder / NAME), behind
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def open(self) -> None:
        """Let through who comes from now on."""
        Path(self.path).unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(50)
        threading.Thread(target=self._let_in, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Cut off who is inside, and refuse who comes, as a server does that was stopped."""
        with self._lock:
            ends = [self._listener, *self._ends]
            self._listener, self._ends = None, []
        for end in filter(None, ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _let_in(self, listener: socket.socket) -> None:
        while True:
            try:
                one = listener.accept()[0]
            except OSError:
                return
            other = socket.socket(socket.AF_UNIX)
            other.connect(self._behind)
            with self._lock:
                self._ends += [one, other]
            for source, target in ((one, other), (other, one)):
                threading.Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
