"""What a restored backup has forgotten about mail (core/tombstones.py)."""

from core import tombstones
from core.models import Tombstone
from core.tombstones import Stone
from mail.models import Suppression
from mail.suppression import KIND


@tombstones.replays(KIND)
def silence(stone: Stone) -> int:
    """Write to nobody who asked for silence, unless they lifted it later, which a later tombstone says."""
    if stone.why == Tombstone.Why.LIFTED:
        return Suppression.objects.filter(mailbox_key=stone.subject, created_at__lte=stone.at).delete()[0]
    _row, is_new = Suppression.objects.get_or_create(mailbox_key=stone.subject, defaults={"created_at": stone.at})
    return int(is_new)
