"""What a restored backup has forgotten about signatures (core/tombstones.py)."""

from core import tombstones
from core.tombstones import Stone
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
