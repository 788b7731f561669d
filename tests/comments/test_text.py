"""Plain text in, paragraphs out: everything typed is shown, nothing typed is obeyed."""

import re
from html import unescape

import pytest

from comments import text
from tests.growth import growth


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("One.", '<p dir="auto">One.</p>'),
        ("One.\nTwo.\n\nThree.", '<p dir="auto">One.<br>Two.</p><p dir="auto">Three.</p>'),
        ("> said\n> so\nNo.", '<blockquote dir="auto"><p dir="auto">said<br>so</p></blockquote><p dir="auto">No.</p>'),
        (
            ">> a\n> b",
            '<blockquote dir="auto"><blockquote dir="auto"><p dir="auto">a</p></blockquote>'
            '<p dir="auto">b</p></blockquote>',
        ),
        (">>>> deep", f'{"<blockquote dir=auto>" * 3}<p dir="auto">&gt; deep</p>{"</blockquote>" * 3}'),
        ("1. a\n2. b", '<ol><li dir="auto">a</li><li dir="auto">b</li></ol>'),
        (
            "Two:\n3) a\nmore\n4) b",
            '<p dir="auto">Two:</p><ol start="3"><li dir="auto">a<br>more</li><li dir="auto">b</li></ol>',
        ),
        ("12. October was wet.", '<p dir="auto">12. October was wet.</p>'),
        ("1. a\n1. b", '<p dir="auto">1. a<br>1. b</p>'),
        ("<b>&amp;", '<p dir="auto">&lt;b&gt;&amp;amp;</p>'),
        ("", ""),
    ],
)  # fmt: skip
def test_blocks(typed, html):
    assert str(text.html(text.tidy(typed))) == html.replace("dir=auto", 'dir="auto"')


@pytest.mark.parametrize(
    ("typed", "address", "rest"),
    [
        ("See https://example.org/a.", "https://example.org/a", "."),
        ("(see http://example.org/a_(b))", "http://example.org/a_(b)", ")"),
        ("https://example.org/?q=1&r=2, and", "https://example.org/?q=1&amp;r=2", ", and"),
        ("“https://example.org/”", "https://example.org/", "”"),
    ],
)
def test_bare_links_are_plain_and_vouch_for_nothing(typed, address, rest):
    html = str(text.html(typed))
    anchor = f'<a href="{address}" rel="nofollow ugc noopener" dir="ltr">{address}</a>'
    assert html.partition("<a ")[1:] != ("", "")
    assert (anchor in html, html.endswith(f"{anchor}{rest}</p>")) == (True, True)


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "http://", "https://?", "data:text/html,x", "ftp://x.example"]
)
def test_what_is_no_web_address_is_no_link(typed):
    assert "<a " not in text.html(typed)


def test_tidy_keeps_lines_and_drops_what_hides_or_turns():
    assert text.tidy(" a\r\nb\rc\t d \n\n\n\ne\0\x07\u202e\u200bf ") == "a\nb\nc d\n\ne f"
    assert text.tidy("e\u0301" + "\u0301" * 50) == "é" + "\u0301" * 4
    assert text.tidy(text.tidy("  x\n\n\n y ")) == text.tidy("  x\n\n\n y ")


@pytest.mark.parametrize(
    ("typed", "linked"),
    [
        ("See https://example.org/King_Arthur's_Court ok", "https://example.org/King_Arthur's_Court"),
        ("‘https://example.org/a’", "https://example.org/a"),
        ("'https://example.org/a',", "https://example.org/a"),
        ("(https://example.org/a_(b)).", "https://example.org/a_(b)"),
    ],
)
def test_a_web_address_is_linked_whole_and_without_what_stands_behind_it(typed, linked):
    assert unescape(re.search(r'href="([^"]+)"', text.html(typed))[1]) == linked


def test_the_same_words_have_the_same_digest():
    assert text.digest("Keep it OPEN!") == text.digest("keep   it\nopen")
    assert text.digest("Keep it open") != text.digest("Keep it shut")
    assert text.digest("!!!") != text.digest("???")


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("none", 0),
        ("https://a.example b", 1),
        ("www.a.example", 1),
        ("spam.com and https://b.com/x", 2),
        ("a.m. p.m.", 0),
    ],
)
def test_links_are_counted_with_and_without_http(typed, links):
    assert text.links_in(typed) == links


HOSTILE = {
    "quotes": lambda n: ">" * 6 * n,
    "lists": lambda n: "1. " * 2 * n,
    "schemes": lambda n: "https://" * n,
    "brackets": lambda n: "http://a.b/" + "(" * 3 * n + ")" * 3 * n,
    "domains": lambda n: "w." * 3 * n,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_length_only(make):
    def work(typed: str) -> None:
        text.html(text.tidy(typed))
        text.links_in(typed)

    short, long = make(500), make(8_000)
    assert growth(lambda: work(short), lambda: work(long)) < 64  # 16 in proportion, 256 with the square
