"""People keep their names; nobody spoils the page with one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import naming


@pytest.mark.parametrize(
    "name",
    [
        "Þóra Jónsdóttir",
        "O’Brien-Smith",
        "李伟",
        "محمد",
        "שרה כהן",
        "สมหญิง ใจดี",
        "Nguyễn Thị Ánh",
        "བསྟན་འཛིན་རྒྱ་མཚོ",
        "မြွှေ",
        "ক্ষুদিরাম",
        "X Æ",
        "=cmd",
        "D. P. Ponnambalam",
        "St.John Smith",
    ],
)
def test_names_of_the_world_stay_as_they_are(name):
    normal = unicodedata.normalize("NFC", name)
    assert (naming.tidy(name), naming.has_letter(name), naming.has_web_address(name)) == (normal, True, False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Amina \u00a0  Yusuf ", "Amina Yusuf"),
        ("Jo\u0301n", "J\u00f3n"),
        ("\u202eAmina\u202c", "Amina"),
        ("Ami\u200bna\ufeff", "Amina"),
        ("\u2067Amina\u2069", "Amina"),
        ("ن\u200cم", "ن\u200cم"),
        ("क्\u200dष", "क्\u200dष"),
        ("Z" + "\u0300\u0301\u0302\u0303\u0304", "Z\u0300\u0301"),
        ("ก" + "\u0e47" * 9, "ก" + "\u0e47" * 4),
        ("a\u20dd\u20dd\u20dd", "a\u20dd\u20dd"),
    ],
)
def test_what_would_spoil_the_page_goes(typed, kept):
    assert naming.tidy(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "http://spam.example",
        "Amina www.spam",
        "buy at spam.com",
        "t.me/spam",
        "HTTPS://X",
        "cheap.co.uk",
        "amina@example.com",
    ],
)
def test_web_addresses_are_seen(text):
    assert naming.has_web_address(text) is True


@pytest.mark.parametrize(("text", "found"), [("a\nb", True), ("a\x00b", True), ("a\tb", True), ("a b", False)])
def test_control_characters_are_seen(text, found):
    assert naming.has_control_characters(text) is found


@pytest.mark.parametrize(("text", "found"), [("12345", False), ("😀", False), ("\u0301", False), ("李", True)])
def test_a_letter_is_a_letter_in_any_script(text, found):
    assert naming.has_letter(text) is found


@given(st.text())
def test_tidying_twice_changes_nothing_more(text):
    once = naming.tidy(text)
    assert naming.tidy(once) == once
