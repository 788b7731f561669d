import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from mail.carrier import ServerAway
from mail.worker import BATCH, DATABASE_AWAY, Worker


@contextmanager
def _signals_to(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the work in order while it lasts."""
    before = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Command(BaseCommand):
    """`manage.py worker`"""

    help = "Sends the mail that waits, and keeps house once a minute. Run at least one; more are welcome."
    requires_system_checks = []  # they run below, with the database's

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("--once", action="store_true", help="send what is due, then end")
        parser.add_argument("--batch", type=int, default=BATCH, help="how many mails to claim at a time")

    def handle(self, *args: Any, once: bool, batch: int, **options: Any) -> None:
        """Send until SIGTERM or SIGINT, or once."""
        if not 1 <= batch <= 1000:
            raise CommandError("--batch takes a number from 1 to 1000.")
        worker = Worker(batch)
        with _signals_to(worker.stop):
            self._check(worker)
            self._send(worker, once)

    def _send(self, worker: Worker, once: bool) -> None:
        if not once:
            worker.run()
            return
        try:
            self.stdout.write(f"{worker.run_once()} sent")
        except ServerAway as error:
            raise CommandError(f"The mail server does not answer: {error}") from error

    def _check(self, worker: Worker) -> None:
        """Refuse a database that forgets (core/checks.py), once there is one to ask."""
        while not worker.stopping:
            try:
                self.check(databases=["default"])
                return
            except DATABASE_AWAY as error:
                connection.close()
                self.stderr.write(f"The database does not answer yet: {error}")
                time.sleep(1)
