"""One kept connection to the mail server or provider, and what its answers mean."""

import contextlib
import re
import smtplib
import time

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from mail import provider
from mail.leases import Verdict, back_off
from mail.models import OutgoingEmail

# A 5xx to the recipient or to the content is for ever (RFC 5321 4.2.1). A 5xx to anything else, such as to our own
# sender address or password, is ours to mend: the mail waits for that.
PERMANENT = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    AnymailRecipientsRefused,
    AnymailInvalidAddress,
)
TEMPORARY = (smtplib.SMTPException, OSError, AnymailError)
FAILURES = (*PERMANENT, *TEMPORARY)
GOING_AWAY = 421  # RFC 5321 4.2.3: the server closes the connection
IDLE_SECONDS = 10  # then the connection is given back; servers dislike silent ones


class ServerAway(Exception):
    """There is no connection to the mail server at all; that is no fault of the mail that was to be sent."""


class Carrier:
    """Carries messages to wherever EMAIL_BACKEND leads, over one connection for as long as it lasts."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None
        self._used_at = 0.0

    def carry(self, email: EmailMultiAlternatives) -> None:
        """Hand one mail over. Raises ServerAway, or one of FAILURES when the server would not take it.

        A kept connection may have ended unnoticed; then a fresh one is tried at once.
        """
        backend, is_fresh = self._connect()
        try:
            self._hand_over(backend, email)
        except FAILURES as error:
            if isinstance(error, AnymailAPIError) and provider.is_away(error):
                raise ServerAway(words_of(error)) from error
            if is_fresh or not is_gone(error):
                raise
            backend, _ = self._connect()
            self._hand_over(backend, email)

    def _hand_over(self, backend: BaseEmailBackend, email: EmailMultiAlternatives) -> None:
        try:
            backend.send_messages([email])
        except FAILURES as error:
            if code_of(error) in {0, GOING_AWAY}:
                self.close()
            raise
        self._used_at = time.monotonic()

    def _connect(self) -> tuple[BaseEmailBackend, bool]:
        """The connection, and whether it is a fresh one."""
        if self._backend is not None:
            return self._backend, False
        backend = get_connection()
        try:
            backend.open()
        except FAILURES as error:
            _leave(backend)
            raise ServerAway(words_of(error)) from error
        self._backend = backend
        return backend, True

    def close(self) -> None:
        """End the connection politely."""
        backend, self._backend = self._backend, None
        if backend is not None:
            _leave(backend)

    def rest(self) -> None:
        """Called while there is nothing to do: a connection that has been silent for a while is ended."""
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()


def _leave(backend: BaseEmailBackend) -> None:
    with contextlib.suppress(*FAILURES):
        backend.close()


def is_gone(error: BaseException) -> bool:
    """Whether the server ended the connection rather than refused the mail."""
    return isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError) or code_of(error) == GOING_AWAY


def code_of(error: BaseException) -> int:
    """The three digits of the server's answer, 0 when it gave none; those of an API are HTTP's."""
    if isinstance(error, AnymailAPIError):
        return error.status_code or 0
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def words_of(error: BaseException) -> str:
    """The server's answer as text, with its code."""
    if isinstance(error, AnymailAPIError):
        return provider.words_of(error)
    code = code_of(error)
    words: str | bytes = str(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        words = next(iter(error.recipients.values()))[1]
    elif isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
    words = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {words}" if code else f"{type(error).__name__}: {words}"


def verdict_on(error: BaseException, row: OutgoingEmail) -> Verdict:
    """What an error of FAILURES means for the row: never again, or later."""
    outcome = re.sub(re.escape(row.recipient), "the recipient", words_of(error), flags=re.IGNORECASE)
    if is_permanent(error, row.recipient):
        return Verdict(OutgoingEmail.State.FAILED, outcome)
    delay = back_off(row.attempts)
    if isinstance(error, AnymailAPIError):
        delay = max(delay, provider.retry_after(error))
    return Verdict(OutgoingEmail.State.QUEUED, outcome, delay)


def is_permanent(error: BaseException, recipient: str) -> bool:
    """Whether trying again is pointless."""
    if isinstance(error, AnymailAPIError):
        return provider.refuses(error, recipient)
    return isinstance(error, PERMANENT) and (code_of(error) == 0 or code_of(error) >= 500)
