"""Keeping what a worker has claimed: short leases, lengthened for as long as it lives.

A worker that is killed must not hold its mails for long, and one whose mail server is slow must not lose them in the
middle of a conversation. So a lease is short, and a thread beside the one that sends lengthens it. Whatever that one is
stuck in, nothing is kept for longer than STUCK after it last got on.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection
from psycopg_pool import PoolTimeout

from mail import claiming
from mail.models import OutgoingEmail

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
KEEPS_EVERY = 10  # seconds
STUCK = 240  # seconds


class Keeper:
    """Lengthens the lease of the rows that `held()` names, until it is stopped."""

    def __init__(self, held: Callable[[], list[OutgoingEmail]]) -> None:
        self._held = held
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and give its connection back."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        while not self._stopped.wait(KEEPS_EVERY):
            try:
                if rows := self._held():
                    claiming.lengthen(rows, LEASE)
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                logger.info("leases could not be lengthened: %s", error)
            finally:
                connection.close()
