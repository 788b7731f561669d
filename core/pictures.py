"""Pictures that strangers send: one at a time on this machine, each in a process that the kernel bounds.

A file of 62 KB can unpack to a quarter of a gigabyte, and four such at once ended a web server that was given one. So
pixels are unpacked in core/pixels.py; whoever comes while another picture is being unpacked waits a moment, and a web
process never holds a pixel of theirs. A file and its lock (flock) serve all threads and processes alike.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("pixels.py")
WAIT_SECONDS = 8
LOOK_SECONDS = 0.05
LONGEST_SECONDS = 20


class Refused(Exception):
    """No picture came of it; `why` is "size", "format", "damage", or "busy": too many others send theirs just now."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Redrawn:
    """A WebP picture without metadata, and how large it is in pixels."""

    data: bytes
    width: int
    height: int


def redraw(data: bytes, *, most_a_side: int, box: tuple[int, int], formats: tuple[str, ...]) -> Redrawn:
    """The picture in `data` (one of Pillow's `formats`, at most so many pixels a side), fitted into `box` pixels.

    Raises Refused.
    """
    command = [sys.executable, "-I", str(SCRIPT), *map(str, (most_a_side, *box)), *formats]
    with _alone():
        try:
            done = subprocess.run(command, input=data, capture_output=True, timeout=LONGEST_SECONDS, check=False)  # noqa: S603  all of it is ours
        except subprocess.TimeoutExpired as error:
            raise Refused("size") from error
    line, _, webp = done.stdout.partition(b"\n")
    if done.returncode or not line:
        raise Refused("size")  # the kernel ended it
    said = json.loads(line)
    if "refused" in said:
        raise Refused(said["refused"])
    return Redrawn(data=webp, **said)


@contextmanager
def _alone() -> Iterator[None]:
    """A lock for all processes of this user on this machine. Raises Refused when waiting takes too long."""
    path = Path(tempfile.gettempdir()) / f"undersigned-pictures-{os.getuid()}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not _locked(descriptor):
            if time.monotonic() > until:
                raise Refused("busy")
            time.sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)  # and with it the lock


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
