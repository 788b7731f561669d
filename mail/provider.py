"""Translating answers of a mail provider's API (django-anymail) into those of a mail server."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from anymail.exceptions import AnymailAPIError
from requests import ConnectionError as NotConnected
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, SSLError

# RFC 9110, 15.5.2 and 15.5.4: they don't take our key, whatever the mail; as SMTP's 535 before any mail is begun.
NOT_LET_IN = {401, 403}
# RFC 9110, 15.5.1 and 15.5.21: something in the mail, or in our settings, is not as they want it.
NOT_UNDERSTOOD = {400, 422}
TOO_LARGE = 413
LONGEST = timedelta(hours=4)  # whatever they say: people wait
NOT_BEGUN = (ConnectTimeoutError, NewConnectionError, ProxyError, SSLError)


def is_away(error: AnymailAPIError) -> bool:
    """Whether no mail at all can be handed over now: no connection came about, or our key is not taken."""
    if error.status_code:
        return error.status_code in NOT_LET_IN
    cause = error.__cause__
    reason = getattr(cause.args[0], "reason", None) if isinstance(cause, NotConnected) and cause.args else None
    return isinstance(reason, NOT_BEGUN)


def refuses(error: AnymailAPIError, recipient: str) -> bool:
    """Whether they will never take this mail: it is too large, or they say that its recipient is at fault.

    Anything else that they don't understand may be a setting of ours, which must not cost everybody their mail.
    """
    if error.status_code == TOO_LARGE:
        return True
    return error.status_code in NOT_UNDERSTOOD and recipient.lower() in said(error).lower()


def words_of(error: AnymailAPIError) -> str:
    """Their answer in one line, with its status; never what we sent."""
    if not error.status_code:
        cause = error.__cause__ or error
        return f"{type(cause).__name__}: {' '.join(str(error.args[0] if error.args else '').split())}"
    return f"{error.status_code} {said(error)}"


def said(error: AnymailAPIError) -> str:
    """The provider's error message: the sentence within their JSON, or else the whole body."""
    if error.response is None:
        return ""
    try:
        content = error.response.json()
    except ValueError:
        content = error.response.text
    if isinstance(content, dict):
        content = next(
            (content[name] for name in ("message", "Message", "error", "detail") if content.get(name)), content
        )
    return " ".join(str(content or error.response.reason).split())


def retry_after(error: AnymailAPIError) -> timedelta:
    """How long they ask us to wait, in seconds or until a date (RFC 9110, 10.2.3), at most LONGEST."""
    return min(_asked_for(error), LONGEST)


def _asked_for(error: AnymailAPIError) -> timedelta:
    value = "" if error.response is None else error.response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return timedelta(seconds=int(value[:9]))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - datetime.now(UTC), timedelta(0))
