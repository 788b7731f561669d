"""PDF files with tags, whatever people wrote."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import typst

from core import paper, qr
from tests import pdf_reading

HOSTILE = [
    '#panic("no") #include "/etc/passwd" #sys.inputs',
    "$x^2$ *bold* _low_ `raw` ~ // gone /* gone */",
    r"back\slash \u{41} [x] {y} <label> @someone",
    "<script>alert(1)</script> & &amp; 100% -- --- ... 'x'",
    '= Heading "quoted" - list + enum / term: https://example.org',
]


def poster(title: str, **other: str) -> bytes:
    """A poster with that title."""
    address = "https://example.org/x/"
    data = {"title": title, "heading": paper.breakable(title), "language": "en", "address": address, "short": "x"}
    return paper.pdf("petitions/poster.typ", data | {"qr": qr.svg(address)} | other)


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_people_write_is_letters(typed):
    made = poster(typed, author=typed)
    # Lines end where they may, also after a slash: compare the letters.
    assert pdf_reading.text(made).replace(" ", "") == f"{typed}x{typed}".replace(" ", "")
    assert pdf_reading.about(made)["title"] == typed


def test_a_file_says_what_it_is():
    assert pdf_reading.about(poster("Keep it", language="en-GB")) == {
        "pages": 1,
        "title": "Keep it",
        "language": "en-GB",
        "marked": True,
        "shows_title": True,
        "claims": 1,
    }


def test_everything_drawn_is_marked():
    assert pdf_reading.loose(poster("Keep it")) == ""


def test_letters_that_no_font_has_cost_the_claim_and_not_the_tags():
    known, unknown = poster("Keep it"), poster("Keep it \U0010fffd")
    assert [pdf_reading.about(made)["claims"] for made in (known, unknown)] == [1, None]
    assert pdf_reading.roles(unknown) == pdf_reading.roles(known) == ["H1", "Figure", "P", "Link", "P"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [("pt-br", "pt-BR"), ("zh-hans", "zh"), ("kmr", "kmr"), ("en", "en"), ("EN", "en"), ("welsh", "und"), ("", "und")],
)
def test_the_language_is_said_as_far_as_it_is_one(typed, said):
    assert pdf_reading.about(poster("Keep it", language=typed))["language"] == said


def test_a_template_that_lacks_something_is_an_error():
    with pytest.raises(typst.TypstError, match="heading"):
        paper.pdf("petitions/poster.typ", {"title": "Keep it", "language": "en"})


def test_the_same_words_make_the_same_file_in_every_thread():
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(poster, ["Keep it"] * 8))) == 1


@pytest.mark.parametrize("title", ["W" * 60, "Donaudampfschifffahrt" * 4, "Библиотека" * 6])
def test_a_word_longer_than_a_line_is_broken_and_not_cut_off(title):
    seen: list[str] = []
    pdf_reading.read(poster(title)).pages[0].extract_text(visitor_text=lambda text, *_: seen.append(text.strip()))
    lines = [text.rstrip("-\u00ad\u2010") for text in seen if text and text[0] in title]
    assert "".join(lines).replace("\u00ad", "") == title
    assert len(lines) > 2


def test_only_words_that_are_too_long_get_places_to_break():
    assert paper.breakable("Llanfairpwllgwyngyll is 20") == "Llanfairpwllgwyngyll is 20"
    assert paper.breakable("x" * 25) == "\u00ad".join(["x" * 10, "x" * 10, "x" * 5])
    assert paper.breakable("图" * 60) == "图" * 60


@pytest.mark.parametrize(
    ("text", "way"),
    [("Keep it", "ltr"), ("حافظوا", "rtl"), ("12 – שלום", "rtl"), ("To حافظوا", "ltr"), ("", "ltr"), ("123", "ltr")],
)
def test_a_text_runs_as_its_first_letter_does(text, way):
    assert paper.direction(text) == way


def test_rich_text_becomes_a_tree():
    html = "<h2>Why</h2><ol><li><p>a<br>b &amp; <strong>c</strong></p></li></ol><script>alert(1)</script>"
    paragraph = {"tag": "p", "inside": ["a", {"tag": "br", "inside": []}, "b & ", {"tag": "strong", "inside": ["c"]}]}
    assert paper.tree(html) == [
        {"tag": "h2", "inside": ["Why"]},
        {"tag": "ol", "inside": [{"tag": "li", "inside": [paragraph]}]},
    ]
    assert paper.tree("") == []


@pytest.mark.parametrize(("written", "read"), [("323", "223"), ("233", "233"), ("33", "22"), ("32", "22")])
def test_no_level_of_headings_is_left_out(written, read):
    nodes = paper.tree("".join(f"<h{level}>x</h{level}>" for level in written))
    assert [node["tag"] for node in nodes] == [f"h{level}" for level in read]


def test_a_long_paper_is_set_in_a_process_of_its_own_and_says_what_is_wrong():
    data = {
        "title": "Names",
        "language": "en",
        "lead": "Two",
        "foot": "x",
        "groups": [{"head": "A", "names": ["Ada", "Amé"]}],
    }
    made = paper.pdf_apart("exchange/names.typ", data)
    assert (pdf_reading.about(made)["claims"], "Ada" in pdf_reading.text(made)) == (1, True)
    with pytest.raises(RuntimeError, match="groups"):
        paper.pdf_apart("exchange/names.typ", {"title": "x", "language": "en", "lead": "", "foot": ""})
