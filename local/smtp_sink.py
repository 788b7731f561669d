"""A real mail server that delivers into a folder: the demo's post office, and what tests read.

python -m local.smtp_sink --port 2525 --folder var/mail
"""

import argparse
import asyncio
import itertools
import os
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.environment import ROOT

HOST = "127.0.0.1"
_numbers = itertools.count()


class Folder:
    """Writes each message into `folder` as `<time>-<number>.eml`; whoever reads never sees half of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer 250 once the message is in the folder under its final name."""
        name = f"{time.time_ns():020}-{next(_numbers):06}"
        unfinished = self.folder / f".{name}.{os.getpid()}"
        unfinished.write_bytes(envelope.original_content or b"")
        unfinished.rename(self.folder / f"{name}.eml")
        return "250 OK"


async def serve(port: int, folder: Path) -> None:
    """Take mail on 127.0.0.1 until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    handler = Folder(folder)
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True), HOST, port)
    async with server:
        print(f"Mail to {HOST}:{port} is delivered into {folder}", flush=True)
        await stopped.wait()


def main(arguments: list[str]) -> int:
    """Run the server. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.smtp_sink", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "mail")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(serve(options.port, options.folder))
    except OSError as error:
        print(f"The mail catcher cannot listen on port {options.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
