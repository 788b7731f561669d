"""Asking: one accepted POST becomes one row and one mail, in one round trip, and changes nothing else.

A new address, a repeated one and one that has agreed already cost the same and look the same.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from core import addresses, mailboxes, sealed
from core.sealed import Sealed
from core.speed import prepared
from core.text.fields import Tidied
from mail import outbox
from mail.models import OutgoingEmail
from submissions import work
from submissions.kinds import Kind, named

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without what looks like a digit or like another letter
DIGITS = "23456789"


@dataclass(frozen=True)
class Asked:
    """Result of ask(): ids of the new submission and its queued mail. Says nothing about earlier submissions."""

    submission_id: int
    mail_id: int
    reference: str


COMMON = (
    "reference", "digest", "email", "address_key", "mailbox_key", "domain_key", "consent_id",
    "language", "via", "channel", "ip_key", "signals",
)  # fmt: skip


def ask(kind_name: str, *, email: str, typed: dict[str, Any], **about: Any) -> Asked | None:
    """Store a submission and queue its confirmation mail; nothing counts before its mailbox agrees.

    `typed` are the kind's own columns; `about` are `consent_id`, `language`, `via`, `channel`, `ip_key`, `signals` and
    whatever else the kind's `place` asks for. None when it can't be asked there now, by the database's clock.
    """
    kind = named(kind_name)
    signals = about.get("signals", "").split()
    email, typed = mailboxes.tidied(email), _tidied(kind, typed)
    address_key = addresses.address_key(email)
    digest = digest_of(kind, address_key, typed, about)
    values = {
        "consent_id": None, "language": "en", "via": "", "channel": "web", "ip_key": "",
        **about,
        **_sealed(kind, typed),
        "reference": reference_of(digest),
        "digest": digest,
        "email": sealed.seal(email, sealed.what_of(kind.model, "email")),  # once, for both rows
        "address_key": address_key,
        "mailbox_key": addresses.mailbox_key(email),
        "domain_key": addresses.domain_key(email),
        "signals": codes_of({*signals} - {work.SWITCH}),
        "unworked": work.SWITCH in signals,
    }  # fmt: skip
    rows = prepared.run(_ask(kind, tuple(typed)), values)
    if not rows:
        return None
    submission_id, mail_id = rows[0]
    return Asked(submission_id, mail_id, values["reference"])


def _tidied(kind: Kind, typed: dict[str, Any]) -> dict[str, Any]:
    """The typed values, tidied as their columns would: SQL bypasses the fields."""
    tidy = _tidiers(kind)
    return {name: tidy[name](value) if name in tidy else value for name, value in typed.items()}


@lru_cache(maxsize=8)
def _tidiers(kind: Kind) -> dict[str, Callable[[str], str]]:
    return {field.attname: field.kind.tidy for field in kind.model._meta.concrete_fields if isinstance(field, Tidied)}


def _sealed(kind: Kind, typed: dict[str, Any]) -> dict[str, Any]:
    """What rests encrypted, as it rests; after the digest was made of it."""
    return typed | {name: seal(typed[name]) for name, seal in _sealers(kind).items() if name in typed}


@lru_cache(maxsize=8)
def _sealers(kind: Kind) -> dict[str, Callable[[str], bytes]]:
    return {field.attname: field.sealed for field in kind.model._meta.concrete_fields if isinstance(field, Sealed)}


# Whether work is asked for is judged here, so that it costs no round trip and no memory that grows old.
_SIGNALS = f"btrim(%(signals)s::text || CASE WHEN %(unworked)s::boolean AND {work.IS_ON} THEN ' work' ELSE '' END)"


@lru_cache(maxsize=32)
def _ask(kind: Kind, typed: tuple[str, ...]) -> str:
    columns = (*COMMON, *typed)
    values = {name: f"%({name})s" for name in columns} | {"signals": _SIGNALS}
    return f"""
WITH place AS ({kind.place}), submitted AS (
    INSERT INTO {kind.table} ({", ".join((*kind.placed, *columns))})
    SELECT {", ".join((*kind.placed, *values.values()))} FROM place
    RETURNING id
), mail AS (
    INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
    SELECT '{kind.mail}', %(email)s, %(mailbox_key)s, %(address_key)s, {OutgoingEmail.Lane.CONFIRM.value},
        jsonb_build_object('submission', id) FROM submitted
    RETURNING id
)
SELECT submitted.id, mail.id FROM submitted, mail
"""


NOT_TYPED = {"ip_key", "signals", "consent_id"}


def digest_of(kind: Kind, address_key: bytes, typed: dict[str, Any], about: dict[str, Any]) -> bytes:
    """A keyed hash of who typed what and where: equal for two presses of one button, and for nothing else."""
    aside = NOT_TYPED.union(kind.not_digested)
    said = [(name, value) for name, value in sorted({**typed, **about}.items()) if name not in aside]
    text = repr((kind.number, address_key, said)).encode()
    key = hashlib.sha256(f"digest.{settings.HASH_SECRET}".encode()).digest()
    return hashlib.blake2b(text, key=key, digest_size=16).digest()


def reference_of(digest: bytes) -> str:
    """A letter, a digit and a letter or digit, such as `K7M`, that mail and waiting page both show."""
    number = int.from_bytes(digest[:4], "big")
    number, last = divmod(number, len(LETTERS + DIGITS))
    first, middle = divmod(number, len(DIGITS))
    return LETTERS[first % len(LETTERS)] + DIGITS[middle] + (LETTERS + DIGITS)[last]


def ask_again(kind: Kind, submission_id: int, email: str) -> int:
    """Queue the mail once more, as its reader asked; the limits decide when it goes out. Returns the mail's id."""
    row = outbox.queue(
        kind=kind.mail,
        recipient=email,
        lane=OutgoingEmail.Lane.CONFIRM,
        context={"submission": submission_id, "again": True},
    )
    return row.pk


def codes_of(flags: Iterable[str]) -> str:
    """The signals of a form's traps, as the column `signals` stores them."""
    return " ".join(sorted(flags))
