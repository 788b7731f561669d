"""Text keeps what a script needs, and nothing that would spoil a page for others."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text import tidying
from tests import corpus

KINDS = [tidying.name, tidying.line, tidying.prose, tidying.marked_up]
# What stands near other characters decides what becomes of these: hypothesis alone seldom puts them together.
ODD = (
    "aé1# \n\t\u00a0\u202f\u200b\u200c\u200d\u200e\u200f\u2066\u202e\u034f\u0301\u0323\u05d0\u0627\u0915\u094d"
    "\u0e01\u0e47\u1160\u115f\u3164\u1820\u180b\u17b4\u1680\u2800\u2801\u6f22\U000e0100\ufe0f\ufe00\u20e3\ufffc\uffff\ud800\x85\xad"
    "\U0001f3f4\U000e0067\U000e007f\U0001f469\U0001f3fd\u2764\u2695\U0001f1e9"
)


def normal(text):
    return unicodedata.normalize("NFC", text)


def test_every_emoji_of_unicode_stays_as_it_is_alone_and_between_words():
    emoji = [one for (line,) in corpus.lines("emoji.txt") for one in line.split(" ")]
    assert len(emoji) == 5244
    for tidy in KINDS:
        assert [one for one in emoji if tidy(one) != normal(one)] == []
        assert [one for one in emoji if tidy(f"a{one} b{one}{one}") != normal(f"a{one} b{one}{one}")] == []


@pytest.mark.parametrize("tidy", KINDS)
def test_names_and_letters_of_sixty_languages_stay_as_they_are(tidy):
    texts = [text for _language, *texts in corpus.lines("languages.tsv") for text in texts]
    assert len(texts) == 2 * len(corpus.lines("languages.tsv")) >= 120
    assert [(text, tidy(text)) for text in texts if tidy(text) != normal(text)] == []


@pytest.mark.parametrize("tidy", KINDS)
@given(text=st.text() | st.text(ODD, max_size=12))
@example(text="e\u200b\u0301")
def test_tidying_twice_changes_nothing_more(tidy, text):
    once = tidy(text)
    assert tidy(once) == once
    once.encode()  # and it can be written down


@given(text=st.text() | st.text(ODD))
def test_nothing_that_a_document_may_not_hold_is_left(text):
    for tidy in KINDS:
        kept = tidy(text).replace("\n", "") if tidy is not tidying.line else tidy(text)
        assert [c for c in kept if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\ufffe\uffff"] == []
        assert [c for c in kept if "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"] == []


@given(
    words=st.lists(st.text("abcdé", min_size=1), min_size=2),
    gap=st.sampled_from("\t\n\v\f\r\x85\u2028\u2029\x1f\u3000"),
)
def test_what_parts_words_goes_on_parting_them(words, gap):
    assert [tidy(gap.join(words)).split() for tidy in KINDS] == [words] * len(KINDS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Z" + "\u0300\u0301\u0302\u0303\u0304\u0305", "Z\u0300\u0301\u0302\u0303"),
        ("ก" + "\u0e47" * 9, "ก" + "\u0e47" * 8),
        ("a" + "\u20dd" * 6, "a" + "\u20dd" * 4),
    ],
)
def test_marks_are_piled_no_higher_than_any_script_piles_them(typed, kept):
    assert tidying.name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("example.org", "https://example.org"),
        (" <https://example.org/a> ", "https://example.org/a"),
        ("HTTP://Example.org", "http://Example.org"),
        ("//example.org", "https://example.org"),
        ("\u200bhttps://example.org\u200b", "https://example.org"),
        ("", ""),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_link_is_read_as_people_paste_it(typed, stored):
    assert tidying.link(typed) == stored


def test_spaces_of_marked_up_text_are_left_alone():
    assert tidying.marked_up("<p>a  b</p>\r\n<p>c\x0bd</p> ") == "<p>a  b</p>\n<p>c\nd</p> "
