"""What a restored backup has forgotten about endorsements (core/tombstones.py)."""

from core import tombstones
from core.tombstones import Stone
from organisations import endorsing
from organisations.models import Endorsement


@tombstones.replays(endorsing.KIND)
def take_off(stone: Stone) -> int:
    """Erase what the mailbox had agreed to by then, of the same organisation where the tombstone names one."""
    found = Endorsement.objects.filter(mailbox_key=stone.subject, agreed_at__lte=stone.at)
    if stone.scope is not None:
        found = found.filter(statement=stone.scope)
    rows = [row for row in found if stone.which in {"", endorsing.which_of(row.name_key)}]
    for row in rows:
        endorsing.erase(endorsement_id=row.pk, why=stone.why)
    return len(rows)
