"""Merkle trees, against the definition of RFC 6962 written out a second time, and its known answers."""

import hashlib

import pytest

from core import merkle

# The leaves and roots of Google's reference implementation of Certificate Transparency (merkletree test data).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def defined(hashes: list[bytes]) -> bytes:
    """The recursive definition."""
    if len(hashes) == 1:
        return hashes[0]
    left = merkle.split(len(hashes))
    return hashlib.sha256(b"\1" + defined(hashes[:left]) + defined(hashes[left:])).digest()


def leaves(number: int) -> list[bytes]:
    return [merkle.leaf(str(one).encode()) for one in range(number)]


@pytest.mark.parametrize("size", ROOTS)
def test_the_known_answers(size):
    assert merkle.root([merkle.leaf(bytes.fromhex(one)) for one in LEAVES[:size]]).hex() == ROOTS[size]


def test_the_root_is_that_of_the_definition_and_of_subtrees():
    assert merkle.root([]) == hashlib.sha256(b"").digest()
    for size in range(1, 70):
        hashes = leaves(size)
        assert merkle.root(hashes) == defined(hashes)
        cut = [merkle.root(hashes[at : at + 8]) for at in range(0, size, 8)]
        assert merkle.root(cut) == defined(hashes)


def test_each_leaf_is_proved_and_nothing_else():
    for size in range(1, 34):
        hashes = leaves(size)
        root = merkle.root(hashes)
        for at in range(size):
            way = merkle.path(hashes, at)
            assert merkle.root_of(hashes[at], at=at, size=size, siblings=way) == root
            assert merkle.root_of(merkle.leaf(b"other"), at=at, size=size, siblings=way) != root
            assert merkle.root_of(hashes[at], at=at, size=size, siblings=[*way, root]) is None
            if size > 1:
                assert merkle.root_of(hashes[at], at=(at + 1) % size, size=size, siblings=way) != root
                assert merkle.root_of(hashes[at], at=at, size=size, siblings=way[:-1]) != root
    assert merkle.root_of(hashes[0], at=40, size=33, siblings=[]) is None


def test_a_tree_that_grows_has_the_root_of_each_size():
    tree = merkle.Growing()
    assert tree.root == merkle.root([])
    for size, hashed in enumerate(leaves(70), 1):
        tree.add(hashed)
        assert (tree.size, tree.root) == (size, merkle.root(leaves(size)))
