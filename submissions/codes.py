"""The six digits from the mail: typing them proves the mailbox *and* possession of this waiting page.

A code works only once a mail that contains it was accepted, five times at most, and then for the words above its box.
A million posts do not make a million guesses: wrong codes are counted for the mailbox and for the network as well.
The odds of guessing one are then at most WRONG_A_DAY in a million for a mailbox and day.
"""

import hashlib
import hmac
from enum import Enum

from django.conf import settings
from django.db import connection

from submissions.kinds import Kind
from submissions.status import Status

TRIES = 5
WRONG_A_DAY, WRONG_A_DAY_FROM_A_NETWORK = 20, 200


class Tried(Enum):
    """Result of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too many"  # wrong ones for this mailbox or network today: the link still works


def code_of(number: int, digest: bytes, secret: str = "") -> str:
    """The six digits of a submission; derived, so they rest nowhere."""
    text = b"agree.code.%d." % number + digest
    made = hmac.digest((secret or settings.SECRET_KEY).encode(), text, hashlib.sha256)
    return f"{int.from_bytes(made[:8], 'big') % 1_000_000:06d}"


def spaced(code: str) -> str:
    """As mails and people write it: `123 456`."""
    return f"{code[:3]} {code[3:]}"


def digits_of(typed: str) -> str:
    """The digits in what was typed, in whichever script; spaces and dashes do not matter."""
    return "".join(str(int(character)) for character in typed if character.isdecimal())


def attempt(kind: Kind, found: Status, typed: str, *, ip_key: str) -> Tried:
    """Use up one try. The answer tells nothing of whether a mail went out, or could.

    A right code for what is over is right all the same: agreeing says then how it stands.
    """
    budgets = {f"m{found.mailbox_key.hex()}": WRONG_A_DAY}
    if ip_key:
        budgets[f"n{ip_key}"] = WRONG_A_DAY_FROM_A_NETWORK
    # Counted before it is looked at, and given back when it was right: of a thousand at once no more get a look.
    if any(number > budgets[key] for key, number in _count(budgets, 1)):
        return Tried.TOO_MANY
    usable = _use_a_try(kind, found.id)
    if _is_right(kind.number, found.digest, digits_of(typed)) and usable:
        _count(budgets, -1)
        return Tried.RIGHT
    return Tried.WRONG


def _is_right(number: int, digest: bytes, digits: str) -> bool:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    right = [hmac.compare_digest(digits.encode(), code_of(number, digest, secret).encode()) for secret in secrets]
    return any(right)


def _use_a_try(kind: Kind, submission_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {kind.table} SET code_tries = code_tries + 1 WHERE id = %s AND code_tries < {TRIES}
            AND mailed_at IS NOT NULL""",
            [submission_id],
        )
        return cursor.rowcount == 1


def _count(budgets: dict[str, int], step: int) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO submissions_wrongcodes AS wrong (key, day, number)
            SELECT key, current_date, greatest(%s, 0) FROM unnest(%s::text[]) AS key ORDER BY key
            ON CONFLICT (key, day) DO UPDATE SET number = greatest(wrong.number + %s, 0) RETURNING key, number""",
            [step, sorted(budgets), step],
        )
        return cursor.fetchall()
