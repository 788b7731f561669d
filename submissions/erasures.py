"""Erasing whole mailboxes again after a restore (core/tombstones.py)."""

from core import tombstones
from submissions import erasing

tombstones.replays(tombstones.EVERYTHING)(erasing.erase_again)
