"""The loop that sends requests: claim a few, make and send each outside any transaction, write down what came back.

Nothing counts as sent before its answer was read. Dying between the two sends the request once more, with the same
`uuid`; who receives it can tell by that.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import connection, transaction

from core.mistakes import MISTAKES
from mail.leases import DATABASE_AWAY, Verdict, back_off
from mail.outbound import claiming, door, guard, kinds
from mail.outbound.models import OutgoingRequest

logger = logging.getLogger(__name__)

BATCH = 20  # each takes at most door.SECONDS: together they end well within the lease
IDLE_SECONDS = 1.0
AWAY_SECONDS = 5.0
MISTAKE_TRIES = 5
LONGEST_WAIT = timedelta(hours=24)  # that a Retry-After can ask for
PASSING = {408, 425, 429}
State = OutgoingRequest.State


def send_what_is_due(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send until nothing is due; returns how many tries that were. Raises DATABASE_AWAY (mail/leases.py)."""
    total = 0
    while not is_stopping() and (tried := turn(is_stopping)):
        total += tried
    return total


def turn(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim one batch and send it; returns how many were tried. Raises DATABASE_AWAY."""
    rows = claiming.claim(BATCH)
    for number, row in enumerate(rows):
        if is_stopping() or (number and claiming.is_off()):
            claiming.leases.release(rows[number:])
            return number
        _handle(row)
    return len(rows)


def _handle(row: OutgoingRequest) -> None:
    began = time.monotonic()
    answer, verdict = _try(row)
    row.took_ms = round((time.monotonic() - began) * 1000)
    row.status = answer.status if answer else None
    logger.info("%s %s: %s, try %s, %s ms", row.kind, row.host, row.status or "no answer", row.attempts, row.took_ms)
    try:
        if instead := _act(row, answer, verdict):
            _write_down(row, None, instead)
    except MISTAKES as error:
        _write_down(row, None, _mistaken(row, error), tell=False)


def _act(row: OutgoingRequest, answer: kinds.Answer | None, verdict: Verdict) -> Verdict | None:
    """Write it down; what it comes to instead when the kind can make nothing of the answer, else None."""
    try:
        _write_down(row, answer, verdict)
    except kinds.Unusable as error:
        return _later(row, str(error))
    except MISTAKES as error:
        return _mistaken(row, error)
    return None


def _try(row: OutgoingRequest) -> tuple[kinds.Answer | None, Verdict]:
    """Make the request and send it; what came back, and what that means for the row."""
    try:
        request = kinds.find(row.kind).build(row)
        if isinstance(request, kinds.Skip):
            return None, Verdict(State.SKIPPED, request.reason)
        row.host = guard.host_of(request.url)
        answer = door.send(request)
        return answer, judge(row, answer)
    except guard.Refused as error:
        return None, Verdict(State.FAILED, str(error))
    except door.NoAnswer as error:
        return None, _later(row, str(error))
    except MISTAKES as error:
        return None, _mistaken(row, error)


def judge(row: OutgoingRequest, answer: kinds.Answer) -> Verdict:
    """What an answer means: taken, later, or never. Its own words are not kept: they may repeat what we sent."""
    if answer.is_good:
        return Verdict(State.SENT)
    final = kinds.find(row.kind).final
    said = f"It answered {answer.status}."
    if 300 <= answer.status < 400:
        said = f"It answered {answer.status}: redirects are not followed. Write the address where it leads to."
    is_final = answer.status in final if final is not None else answer.status not in PASSING and answer.status < 500
    if is_final:
        return Verdict(State.FAILED, said)
    return _later(row, said, retry_after(answer.headers.get("retry-after", "")))


def retry_after(text: str) -> timedelta:
    """How long a host asks us to wait, in seconds or until a date (RFC 9110, 10.2.3); LONGEST_WAIT at most."""
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        asked = until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)
    except (ValueError, OverflowError):
        return timedelta(0)
    return min(max(asked, timedelta(0)), LONGEST_WAIT)


def _later(row: OutgoingRequest, outcome: str, asked: timedelta = timedelta(0)) -> Verdict:
    return Verdict(State.QUEUED, outcome, max(back_off(row.attempts), asked))


def _mistaken(row: OutgoingRequest, error: BaseException) -> Verdict:
    """Nothing of the error's own words is kept: they may be about somebody."""
    logger.exception("request %s of kind %s cannot be made (try %s)", row.pk, row.kind, row.attempts)
    outcome = f"A mistake of ours ({type(error).__name__}); the worker's log says more."
    if row.attempts >= MISTAKE_TRIES:
        return Verdict(State.FAILED, outcome)
    return _later(row, outcome)


@transaction.atomic
def _write_down(row: OutgoingRequest, answer: kinds.Answer | None, verdict: Verdict, *, tell: bool = True) -> None:
    """Write down what became of a try, and let its kind act on it, together or not at all."""
    state = _finish(row, verdict)
    if not state:
        return
    OutgoingRequest.objects.filter(pk=row.pk).update(host=row.host, status=row.status, took_ms=row.took_ms)
    if state == State.QUEUED:
        claiming.let_followers_wait(row)
    elif tell:
        _tell(row, state, answer)


def _finish(row: OutgoingRequest, verdict: Verdict) -> str:
    if verdict.state != State.QUEUED:
        return claiming.leases.finish(row, verdict)
    kind = kinds.known(row.kind)
    give_up, tries = (kind.give_up, kind.tries) if kind else (kinds.GIVE_UP, MISTAKE_TRIES)
    return claiming.leases.try_again(row, verdict, give_up=give_up, at_least=tries)


def _tell(row: OutgoingRequest, state: str, answer: kinds.Answer | None) -> None:
    kind = kinds.known(row.kind)
    if kind and kind.answered and answer and state == State.SENT:
        kind.answered(row, answer)
    elif kind and kind.failed and state == State.FAILED:
        kind.failed(row)


class Sender:
    """Sends from a thread of its own while the worker sends mail, with its own connection to the database."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def see_to_it(self) -> None:
        """Start the thread; again, should it have died of something nobody thought of."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="requests to other hosts", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Let it end after the request it is sending now."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(2 * door.SECONDS)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._stopping.wait(self._rest())
        finally:
            connection.close()

    def _rest(self) -> float:
        """Send what is due; how long to wait then."""
        try:
            send_what_is_due(self._stopping.is_set)
        except DATABASE_AWAY as error:
            connection.close()
            logger.warning("the database does not answer, requests to other hosts wait: %s", error)
            return AWAY_SECONDS
        return IDLE_SECONDS
