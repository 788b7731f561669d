"""A word before something goes: what the clock deletes although its sender still waits for an answer.

Deleting in silence would leave them waiting for ever. So the clock deletes what it has told somebody about, and the
mail is built while the row is still there.
"""

from collections.abc import Mapping

from core.addresses import mailbox_key
from mail.claiming import ASKED_FOR_NONE
from mail.models import OutgoingEmail
from mail.queue import queue


def told(*, kind: str, key: str, whom: Mapping[int, str]) -> list[int]:
    """Which of the rows in `whom` (id and address) may go now; to the others' owners a mail of `kind` is queued, once.

    A row may go when its mail was taken by a mail server or refused for ever, when its owner asked for no mail, or when
    there is no address to write to. `key` is where the mail's context holds the row's id.
    """
    mails = OutgoingEmail.objects.filter(
        recipient_key__in={mailbox_key(address) for address in whom.values() if address}, kind=kind
    )
    known = {(row.context.get(key), _fate(row)) for row in mails.only("context", "state", "outcome")}
    for pk, address in whom.items():
        if address and not {(pk, "waits"), (pk, "over")} & known:
            queue(kind=kind, recipient=address, context={key: pk})
    return [pk for pk, address in whom.items() if not address or (pk, "over") in known]


def _fate(mail: OutgoingEmail) -> str:
    """A mail that was not sent because its row had been decided about says nothing to a row that waits again."""
    if mail.state == OutgoingEmail.State.QUEUED:
        return "waits"
    return "over" if mail.state != OutgoingEmail.State.SKIPPED or mail.outcome == ASKED_FOR_NONE else "unsaid"
