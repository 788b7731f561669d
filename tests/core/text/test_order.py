"""Lists run from A to Z as readers of a language expect it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import order

# Source: the standard orders of CLDR, and for de, fr, ar, he, el, ru those of Unicode's own table.
LISTS = {
    "sv": "Adam Vik Wallin Zebra Åland Ängel Ærö Öland Örn Øst",
    "fi": "Aalto Zorro Åbo Äiti Öljy",
    "da": "Adam Zoo Ærø Øl Ålborg Århus Aarhus",
    "nb": "Zoo Ærlig Østre Ås",
    "is": "Auður Ágúst Dagur Ebba Élivogar Zoë Þór Ægir Örn",
    "de": "Arzt Ärzte Strasse Straße Strat Über Ulm Zoo",
    "es": "Nación nube nz Ñandú ñu ocho",
    "pl": "cud ćma Lublin Lwów Łódź Mazury Zebra Źrebię Żaba",
    "cs": "cesta číslo hora chata Chrudim ibis",
    "hu": "cukor csak ó oz ö ő süt szép",
    "tr": "hız Iğdır ılık ırk iyi İzmir su şok",
    "cy": "cwm chwarae dod ddoe Lwc Lyn Llan",
    "lt": "iki yla itin jis",
    "hr": "cura čaj ćup dan džep đak Ljubljana",
    "et": "Saar šokk Zoo žanr tamm",
    "vi": "An Ăn Ân Danh Đanh",
    "fr": "cote coté côte côté",
    "ar": "أمل ابن بيت تاج",
    "he": "אבא בית שלום",
    "el": "Άννα Βασίλης Ωμέγα",
    "ru": "Жанна Иван Йод Яков",
    "uk": "Галя Ґудзь Дарина",
    "zz": "Adam Åland Ähre Zebra",
}


@pytest.mark.parametrize("language", LISTS)
def test_each_language_has_its_own_order(language):
    names = LISTS[language].split(" ")
    if language == "zz":  # none that anybody knows: accents do not part letters
        names = ["Adam", "Ähre", "Åland", "Zebra"]
    mixed = sorted(names, key=lambda name: random.Random(name).random())
    assert sorted(mixed, key=lambda name: order.key(name, language)) == names


def test_lists_ignore_articles_signs_and_capitals():
    names = ["350.org", "acorn", "Acorn Two", "The Bugle", "Cwm", "Égalité", "O’Hara", "Ohm", "“Quote”", "The", "Zebra"]
    assert sorted(names, key=order.key) == names


def test_nothing_but_signs_has_a_place_too():
    assert order.key("+++") < order.key("a")
    assert order.key("…") != ""


def test_other_articles_stay_where_they_are_other_words():
    assert order.key("A Nagy", "hu") < order.key("B", "hu")
    assert order.key("The", "sv") != order.key("", "sv")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=120))
def test_every_name_has_a_key_that_an_index_holds(name):
    key = order.key(name, "sv")
    assert len(key) <= order.LONGEST
    assert len(key.encode()) <= 2_600
    assert "\0" not in key


def test_written_apart_or_together_is_the_same():
    assert order.key("A\u030aland", "sv") == order.key("Åland", "sv")
