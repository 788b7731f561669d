"""Telling systemd that a process is ready, alive or ending: one datagram to the socket that it names (sd_notify(3))."""

import os
import socket
import threading
from collections.abc import Callable


def tell(state: str) -> None:
    """Say `state`, such as `READY=1`; nothing where no supervisor listens. Raises OSError when its socket is gone."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as said:
        said.connect("\0" + path[1:] if path.startswith("@") else path)
        said.sendall(state.encode())


def watch(is_well: Callable[[], bool]) -> None:
    """Say that this process is ready, and then again and again that it lives, for as long as `is_well()`.

    Where systemd asks for a sign of life (WatchdogSec=) it ends and restarts what has given none for that long.
    """
    if not os.environ.get("NOTIFY_SOCKET"):
        return
    tell("READY=1")
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    if microseconds:
        threading.Thread(target=_go_on, args=(is_well, microseconds / 4e6), name="watchdog", daemon=True).start()


def _go_on(is_well: Callable[[], bool], seconds: float) -> None:
    pause = threading.Event()
    while not pause.wait(seconds):
        if is_well():
            tell("WATCHDOG=1")
