"""Erasing signatures, and who comes to events, again after a restore (core/tombstones.py)."""

from core import tombstones
from core.tombstones import Stone
from petitions.actions import attending
from petitions.actions.models import Attendance
from petitions.signatures import signing
from petitions.signatures.models import Signature


@tombstones.replays(signing.KIND)
def sign_off(stone: Stone) -> int:
    """Erase what the mailbox had signed by then; what it signs again, counts."""
    found = Signature.objects.filter(mailbox_key=stone.subject, agreed_at__lte=stone.at)
    if stone.scope is not None:
        found = found.filter(statement=stone.scope)
    if stone.which:
        found = found.filter(mailbox_position=int(stone.which))
    ids = list(found.values_list("pk", flat=True))
    for pk in ids:
        signing.erase(signature_id=pk)
    return len(ids)


@tombstones.replays(attending.KIND)
def stay_away(stone: Stone) -> int:
    """Erase that the mailbox comes, as it had said by then, to the event that the tombstone names."""
    found = Attendance.objects.filter(mailbox_key=stone.subject, agreed_at__lte=stone.at)
    ids = [row.pk for row in found.select_related("event") if stone.which in {"", row.event.uid.hex}]
    for pk in ids:
        attending.erase(attendance_id=pk, why=stone.why)
    return len(ids)
