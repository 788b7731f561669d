"""What a restored backup has forgotten about comments (core/tombstones.py)."""

from comments import posting
from comments.models import Comment
from core import tombstones
from core.tombstones import Stone


@tombstones.replays(posting.KIND)
def take_back(stone: Stone) -> int:
    """Erase what the mailbox had written by then, the same words where the tombstone names them."""
    found = Comment.objects.filter(mailbox_key=stone.subject, confirmed_at__lte=stone.at)
    if stone.scope is not None:
        found = found.filter(thread__statement=stone.scope)
    rows = [row for row in found if stone.which in {"", posting.which_of(row.words_digest)}]
    for row in rows:
        posting.erase(comment_id=row.pk, why=stone.why)
    return len(rows)
