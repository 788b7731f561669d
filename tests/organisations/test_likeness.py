"""Which names a reader would take for one another."""

import pytest

from organisations import likeness


@pytest.mark.parametrize(
    "other",
    [
        "ACME  Union", "The Acme Union", "Acme-Union", "аcme Unіon", "Acme Uniοn", "AcmE UNlON",
        "Ａｃｍｅ Union", "Acmé Union", "Acme Union Ltd", "“Acme” Union",
    ],
)  # fmt: skip
def test_spellings_of_one_name_have_one_key(other):
    assert likeness.key(other) == likeness.key("Acme Union")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Union, Eastside branch", "Acme Union, Northquay branch"),
        ("Friends of Saltgate Library", "Friends of Hollin Park Library"),
        ("李伟", "李娜"),
    ],
)
def test_different_names_have_different_keys_and_are_not_alike(one, other):
    assert likeness.key(one) != likeness.key(other)
    assert not likeness.alike(likeness.key(one), likeness.key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Friends of Marrow Bridge Library", "Friends of Marrowbridge Library"),
        ("Eastside Trades Council", "Trades Council Eastside"),
        ("Lantern Union", "Lanternn Union"),
    ],
)
def test_near_misses_are_alike(one, other):
    assert likeness.key(one) != likeness.key(other)
    assert likeness.alike(likeness.key(one), likeness.key(other))


def test_a_name_of_small_words_keeps_them():
    assert likeness.key("The And Of") != ""
