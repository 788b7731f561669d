"""Reading reports about mail of ours: delivery status notifications (RFC 3464) and complaints (RFC 5965).

They come from any server in the world, so whatever is not as it should be makes a report that says nothing.
"""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage, Message
from uuid import UUID

from mail.models import Fate
from mail.returns import status_in

_OURS = re.compile(r"<?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@", re.I)
_ROW = re.compile(r"[1-9][0-9]{0,17}")
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out"})


@dataclass(frozen=True)
class Report:
    """What became of the mail with this uuid, and the number of its row where the report says it."""

    uuid: UUID
    row: int | None
    fate: str
    status: str


def read(raw: bytes) -> Report | None:
    """The report in a mail, or None: it is none, tells of a delay or of success, or of no mail that could be ours."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if message.get_content_type() != "multipart/report":
        return None
    parts = list(message.walk())
    named = _named(parts)
    if named is None:
        return None
    kind = str(message.get_param("report-type") or "").lower()
    if kind == "feedback-report":
        return Report(*named, Fate.COMPLAINED, "") if _complains(parts) else None
    failed = next((status for action, status in _recipients(parts) if action == "failed"), None)
    return None if failed is None else Report(*named, Fate.BOUNCED, failed)


def _named(parts: Sequence[Message]) -> tuple[UUID, int | None] | None:
    """What the mail that is sent back, whole or its headers only (RFC 6522), says of itself (mail/rendering.py)."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            returned = part.get_payload(0)
            headers = returned if isinstance(returned, Message) else Message()
        elif kind in {"text/rfc822-headers", "message/rfc822-headers"} and isinstance(part, EmailMessage):
            headers = email.message_from_string(_text(part))
        else:
            continue
        if found := _OURS.search(str(headers.get("Message-ID", ""))):
            row = str(headers.get("X-Outbox-Id", "")).strip()
            return UUID(found[1]), int(row) if _ROW.fullmatch(row) else None
    return None


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(part.get_payload())


def _complains(parts: Sequence[Message]) -> bool:
    blocks = [
        block for part in parts if part.get_content_type() == "message/feedback-report" for block in _blocks(part)
    ]
    return any(str(block.get("Feedback-Type", "")).strip().lower() in COMPLAINTS for block in blocks)


def _recipients(parts: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """Action and status of each recipient."""
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _blocks(part):
            if action := str(block.get("Action", "")).strip().lower():
                said = str(block.get("Status", "")), str(block.get("Diagnostic-Code", ""))
                yield action, next(filter(None, map(status_in, said)), "")


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in such a part; Python makes messages of those of a delivery status, not of the others."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return [email.message_from_string(block) for block in re.split(r"\r?\n\r?\n", str(payload)) if block.strip()]
