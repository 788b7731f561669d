"""What a restored backup has forgotten about whole mailboxes (core/tombstones.py)."""

from core import tombstones
from submissions import erasing

tombstones.replays(tombstones.EVERYTHING)(erasing.erase_again)
