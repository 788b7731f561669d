"""Nobody is refused for a name; what is odd about one is told to whoever looks."""

import pytest

from core import naming
from submissions import traps
from tests import corpus


@pytest.mark.parametrize(("typed", "stored", "held", "source"), corpus.lines("names.tsv"))
def test_names_that_broke_other_software(typed, stored, held, source):
    name = naming.tidy(typed)
    assert (name, naming.oddities(name) if name else set()) == (stored, set(held.split()))


@pytest.mark.parametrize(("typed", "stored", "odd", "source"), corpus.lines("organisations.tsv"))
def test_organisations_may_be_called_like_domains(typed, stored, odd, source):
    name = naming.tidy(typed)
    assert (name, naming.oddities(name, of_a_person=False)) == (stored, set(odd.split()))


def test_no_name_of_sixty_languages_is_odd():
    found = {name: naming.oddities(name) for _language, name, _letters in corpus.lines("languages.tsv")}
    assert {name: odd for name, odd in found.items() if odd} == {}


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("Library", False),
        ("Библиотека", False),
        ("Library Библиотека", False),
        ("Librаry", True),  # a Cyrillic а
        ("Ελλάς", False),
        ("Βritish", True),  # a Greek Β
        ("ᎪBC", True),
        ("ร้านABC", False),
    ],
)
def test_letters_of_two_alphabets_in_one_word_are_seen(text, mixed):
    assert naming.mixes_alphabets(text) is mixed


def test_every_oddity_has_its_words():
    codes = {naming.LINK, naming.NO_LETTER, naming.MIXED, naming.PILED}
    assert codes - set(traps.WORDS) == set()
    worst = " ".join(sorted(codes | {"honeypot", "forged_stamp"}))
    assert len(worst) <= 60  # what the column takes
