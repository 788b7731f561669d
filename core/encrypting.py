"""A file on its way out, encrypted for somebody who is not here (age, age-encryption.org/v1), piece by piece."""

import io
import threading
from collections.abc import Iterator
from queue import Full, Queue

import pyrage
from django.db import connections

AHEAD = 16  # pieces that wait for a slow reader
LOOK = 1.0  # seconds, after which whoever waits looks whether the other is still there


def encrypted(pieces: Iterator[bytes], recipient: str) -> Iterator[bytes]:
    """`pieces` as one age file for the public key `recipient` (`age1…`). Raises what making the pieces raises.

    One thread reads and encrypts, as age wants to; whoever stops reading ends it, and closes the pieces.
    """
    whom = pyrage.x25519.Recipient.from_str(recipient)
    out: Queue[bytes | None] = Queue(AHEAD)
    gone, failed = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            pyrage.encrypt_io(io.BufferedReader(_Source(pieces, failed)), _Drain(out, gone), [whom])
        except (OSError, pyrage.EncryptError) as error:
            failed.append(error)
        finally:
            pieces.close()  # type: ignore[attr-defined]  # they are a generator
            connections.close_all()  # this thread's own: the pool would wait for them for ever
            _put(out, gone, None)

    thread = threading.Thread(target=work, name="encrypting", daemon=True)
    thread.start()
    try:
        while (piece := out.get()) is not None:
            yield piece
        if failed:
            raise failed[0]
    finally:
        gone.set()
        thread.join()


class _Source(io.RawIOBase):
    """The pieces as a file. What goes wrong while one is made is kept: age would only say that it could not read."""

    def __init__(self, pieces: Iterator[bytes], failed: list[BaseException]) -> None:
        self._pieces, self._failed, self._rest = pieces, failed, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]  # any buffer would do
        while not self._rest:
            try:
                self._rest = next(self._pieces)
            except StopIteration:
                return 0
            except Exception as error:  # whatever it is, the reader of the file is told
                self._failed.append(error)
                raise OSError from error
        size = min(len(into), len(self._rest))
        into[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


class _Drain(io.RawIOBase):
    """Where age writes; full while nobody reads, broken once nobody will."""

    def __init__(self, out: "Queue[bytes | None]", gone: threading.Event) -> None:
        self._out, self._gone = out, gone

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # age gives bytes
        if not _put(self._out, self._gone, bytes(data)):
            raise BrokenPipeError
        return len(data)


def _put(out: "Queue[bytes | None]", gone: threading.Event, piece: bytes | None) -> bool:
    while not gone.is_set():
        try:
            out.put(piece, timeout=LOOK)
        except Full:
            continue
        return True
    return False
