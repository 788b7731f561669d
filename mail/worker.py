"""The loop that sends: claim a few rows, judge and render each, send it outside any transaction, write down the answer.

Nothing is marked as sent before the mail server has said 250. Dying between the two sends the mail once more, with the
same Message-ID; that window cannot be closed (SAFETY 2.2, rule 3), only kept short: it is one mail wide. Sending in a
thread while the next mail is rendered was tried and is no faster.
"""

import contextlib
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.db.models.functions import Now

from core import chores, supervisor
from core.mistakes import MISTAKES
from mail import claiming, keeping, kinds, rendering, returns
from mail.carrier import FAILURES, Carrier, ServerAway, verdict_on
from mail.leases import DATABASE_AWAY, Verdict, back_off
from mail.models import OutgoingEmail, WorkerHeartbeat
from mail.outbound.sending import Sender, send_what_is_due

logger = logging.getLogger(__name__)

BATCH = 50
IDLE_SECONDS = 0.3
BEAT_SECONDS = 5
CHORE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 30
LONGEST_PAUSE_OF_DATABASE = 2  # to ask costs nothing while it is known to be away (core/speed/postgresql/outage.py)
MISTAKE_TRIES = 5
# No mail is begun later than this after its claim: what remains of the lease is enough for a server that is slow at
# every step (EMAIL_TIMEOUT), twice.
BEGIN_WITHIN = claiming.LEASE - timedelta(minutes=3)


class Worker:
    """One sender of mail. Any number of them may run, on any number of machines."""

    def __init__(self, batch: int = BATCH) -> None:
        self.batch = batch
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self.stopping = False
        self.sent = 0
        self._carrier = Carrier()
        self._waiting: deque[OutgoingEmail] = deque()
        self._facts: kinds.Facts = {}
        self._answered: deque[tuple[OutgoingEmail, Verdict]] = deque()
        self._beat_due = self._chores_due = 0.0
        self._sender = Sender()
        self._lease = claiming.LEASE
        self._got_on_at = time.monotonic()

    def stop(self) -> None:
        """Ask the loop to end after the mail it is sending now."""
        self.stopping = True

    def run(self) -> None:
        """Send until asked to stop; wait and go on when the database or the mail server is away.

        Requests to other hosts go out from a thread beside it: mail waits for no host that is slow.
        """
        logger.info("mail worker %s starts", self.name)
        supervisor.tell("READY=1")
        self._lease = keeping.LEASE
        keeper = keeping.Keeper(self._held)
        keeper.start()
        try:
            self._go_on()
        finally:
            supervisor.tell("STOPPING=1")
            keeper.stop()
            self._sender.end()
        self.end()
        logger.info("mail worker %s ends", self.name)

    def _go_on(self) -> None:
        pause = Pause(self._sleep)
        while not self.stopping:
            try:
                self._sender.see_to_it()
                self._beat()
                self._housekeep()
                if not self.turn():
                    self._carrier.rest()
                    self._sleep(IDLE_SECONDS)
                pause.end()
            except DATABASE_AWAY as error:
                connection.close()
                pause.wait("the database", error, LONGEST_PAUSE_OF_DATABASE)
            except ServerAway as error:
                pause.wait("the mail server", error)

    def run_once(self) -> int:
        """Send what is due, also to other hosts, then end; returns how many mails went out. Raises ServerAway."""
        try:
            while not self.stopping and self.turn():
                pass
            send_what_is_due(lambda: self.stopping)
        finally:
            self.end()
        return self.sent

    def end(self) -> None:
        """Give back what was not tried, and the connections."""
        with contextlib.suppress(*DATABASE_AWAY):
            self._settle()
            WorkerHeartbeat.objects.filter(name=self.name).delete()
        self._carrier.close()

    def turn(self) -> int:
        """Claim one batch and send it; returns how many rows were claimed.

        Raises ServerAway, or one of DATABASE_AWAY; the next turn then first settles what this one left.
        """
        self._settle()
        begin_before = time.monotonic() + BEGIN_WITHIN.total_seconds()
        claimed = claiming.claim(self.batch, self._lease)
        self._got_on_at = time.monotonic()
        self._waiting.extend(claimed.rows)
        self._facts = kinds.gather(claimed.rows)
        try:
            while self._waiting and not self.stopping and time.monotonic() < begin_before:
                self._send_next()
        except ServerAway:
            self._settle()
            raise
        self._settle()
        return claimed.looked_at

    def _send_next(self) -> None:
        row = self._waiting[0]
        self._answered.append((row, self._handle(row)))
        self._waiting.popleft()
        self._got_on_at = time.monotonic()
        self._write_down()
        self._beat()

    def _held(self) -> list[OutgoingEmail]:
        """The rows claimed and not settled; none when sending is stuck. Called from another thread."""
        if time.monotonic() - self._got_on_at > keeping.STUCK:
            return []
        return [row for row, _ in list(self._answered)] + list(self._waiting)

    def _settle(self) -> None:
        """Write down what is known, and give back the rest."""
        self._write_down()
        if self._waiting:
            claiming.release(list(self._waiting))
            self._waiting.clear()

    def _write_down(self) -> None:
        while self._answered:
            claiming.finish(*self._answered[0])
            self._answered.popleft()

    def _handle(self, row: OutgoingEmail) -> Verdict:
        """Build, render and send one claimed row. Raises ServerAway and DATABASE_AWAY; the rest is a verdict."""
        try:
            message = kinds.build(row, self._facts)
            if isinstance(message, kinds.Skip):
                return Verdict(OutgoingEmail.State.SKIPPED, message.reason)
            return self._carry(row, rendering.render(row, message))
        except MISTAKES as error:
            return _mistaken(row, error)

    def _carry(self, row: OutgoingEmail, email: EmailMultiAlternatives) -> Verdict:
        try:
            self._carrier.carry(email)
        except FAILURES as error:
            verdict = verdict_on(error, row)
            if verdict.state == OutgoingEmail.State.FAILED:
                returns.refused(row, verdict.outcome)
            return verdict
        self.sent += 1
        return Verdict(OutgoingEmail.State.SENT)

    def _beat(self) -> None:
        if time.monotonic() < self._beat_due:
            return
        supervisor.tell("WATCHDOG=1")
        beat = WorkerHeartbeat(name=self.name, beat_at=Now())
        WorkerHeartbeat.objects.bulk_create(
            [beat], update_conflicts=True, unique_fields=["name"], update_fields=["beat_at"]
        )
        self._beat_due = time.monotonic() + BEAT_SECONDS

    def _housekeep(self) -> None:
        if time.monotonic() >= self._chores_due:
            self._chores_due = time.monotonic() + CHORE_SECONDS
            chores.run_all()

    def _sleep(self, seconds: float) -> None:
        """Sleep, in steps short enough to be stopped between them."""
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, IDLE_SECONDS))


def _mistaken(row: OutgoingEmail, error: BaseException) -> Verdict:
    logger.exception("mail %s of kind %s cannot be made (try %s)", row.pk, row.kind, row.attempts)
    outcome = f"{type(error).__name__}: {error}".replace(row.recipient, "the recipient")
    if row.attempts >= MISTAKE_TRIES:
        return Verdict(OutgoingEmail.State.FAILED, outcome)
    return Verdict(OutgoingEmail.State.QUEUED, outcome, back_off(row.attempts))


class Pause:
    """Back-off while something is away: 1, 2, 4 … seconds, up to a limit; logs when it begins and ends."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._seconds = 0
        self._what = ""

    def wait(self, what: str, error: BaseException, longest: int = LONGEST_PAUSE_SECONDS) -> None:
        """Wait for `what` after `error`, at most for so many seconds."""
        supervisor.tell("WATCHDOG=1")
        if what != self._what:
            logger.warning("%s does not answer, mail waits: %s", what, error)
        self._what = what
        self._seconds = min(max(1, self._seconds * 2), longest)
        self._sleep(self._seconds)

    def end(self) -> None:
        """It answers again, or was never away."""
        if self._what:
            logger.info("%s answers again", self._what)
        self._seconds, self._what = 0, ""
