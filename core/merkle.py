"""Merkle trees as RFC 6962, section 2.1, has them: a root over a list, and the proof that something is in it.

A leaf is hashed behind 0x00, a node behind 0x01, so that no node can be passed off as a leaf.
"""

import hashlib
from collections.abc import Sequence


def leaf(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """How many of `size` leaves, two at least, stand on the left: the largest power of two below it."""
    return 1 << ((size - 1).bit_length() - 1)


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over these hashes of leaves, or of whole subtrees of one size with at most the last one smaller."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + odd
    return level[0]


def path(hashes: Sequence[bytes], at: int) -> list[bytes]:
    """What proves that the hash at this place is under the root: the siblings on its way up, the lowest first."""
    level, found = list(hashes), []
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):
            found.append(level[beside])
        odd = level[-1:] if len(level) % 2 else []
        level = [node(level[one], level[one + 1]) for one in range(0, len(level) - 1, 2)] + odd
        at //= 2
    return found


def root_of(hashed: bytes, *, at: int, size: int, siblings: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to (RFC 9162, 2.1.3.2), to be compared with the published one; None if it is none."""
    if not 0 <= at < size:
        return None
    last, found = size - 1, hashed
    for sibling in siblings:
        if last == 0:
            return None
        if at % 2 or at == last:
            found = node(sibling, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = node(found, sibling)
        at, last = at // 2, last // 2
    return found if last == 0 else None


class Growing:
    """A tree to which leaves are added, in the memory of its height."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # whole subtrees: how many leaves, their root; the largest first

    def add(self, hashed: bytes) -> None:
        """The hash of the next leaf."""
        self.size += 1
        self._peaks.append((1, hashed))
        while len(self._peaks) > 1 and self._peaks[-1][0] == self._peaks[-2][0]:
            (many, left), (_, right) = self._peaks[-2:]
            self._peaks[-2:] = [(2 * many, node(left, right))]

    @property
    def root(self) -> bytes:
        """The root over all that were added."""
        if not self._peaks:
            return root([])
        found = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            found = node(peak, found)
        return found
