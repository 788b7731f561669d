"""What changed between two versions, and who signed which."""

import random
import re

import pytest
from django.utils import timezone

from core.richtext import plain_text
from petitions.models import Signature, Statement, Tally
from petitions.statements import counting, history, promise, publishing
from petitions.statements.history import Change, difference, difference_of_lines
from tests.asking import agree, ask
from tests.factories import SignatureFactory, StatementFactory
from tests.growth import growth

INS = '<ins><span class="visually-hidden"> added: </span>{}</ins>'
DEL = '<del><span class="visually-hidden"> removed: </span>{}</del>'
XSS = [
    "<p><script>alert(1)</script>x</p>",
    "<p><img src=x onerror=alert(1)>x</p>",
    '<p><a href="javascript:alert(1)">x</a></p>',
    '<p onclick="alert(1)">x</p>',
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; x</p>",
    '<p><a href="https://example.org/&quot;onmouseover=&quot;alert(1)">x</a></p>',
    "<svg><style><img src=x onerror=alert(1)></style></svg>x",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>x",
]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<p>nine open libraries</p>", "<p>nine open libraries</p>", "<p>nine open libraries</p>"),
        (
            "<p>keep nine libraries open</p>",
            "<p>keep ten libraries open</p>",
            f"<p>keep {DEL.format('nine')} {INS.format('ten')} libraries open</p>",
        ),
        ("<p>open, now.</p>", "<p>open, now!</p>", f"<p>open, now{DEL.format('.')}{INS.format('!')}</p>"),
        (
            "<p>a short text</p>",
            "<p>a short <strong>text</strong></p>",
            f"<p>a short {DEL.format('text')} {INS.format('<strong>text</strong>')}</p>",
        ),
        ("<p>one</p>", "<p>one</p><p>two</p>", f"<p>one</p><p>{INS.format('two')}</p>"),
        ("<p>one</p><p>two</p>", "<p>two</p>", f"<p>{DEL.format('one')}</p><p>two</p>"),
        ("<p>one</p>", "<h2>one</h2>", f"<p>{DEL.format('one')}</p><h2>{INS.format('one')}</h2>"),
        (
            "<ol><li><p>one</p></li><li><p>two</p></li><li><p>three</p></li></ol>",
            "<ol><li><p>one</p></li><li><p>three</p></li><li><p>four</p></li></ol>",
            f"<ol><li><p>one</p></li><li><p>{DEL.format('two')}</p></li><li><p>three</p></li>"
            f"<li><p>{INS.format('four')}</p></li></ol>",
        ),
        (
            "<blockquote><p>said he</p></blockquote>",
            "<blockquote><p>said she</p></blockquote>",
            f"<blockquote><p>said {DEL.format('he')} {INS.format('she')}</p></blockquote>",
        ),
        ("<p>a<br>b</p>", "<p>a<br>c</p>", f"<p>a<br>{DEL.format('b')} {INS.format('c')}</p>"),
        ("", "<p>new</p>", f"<p>{INS.format('new')}</p>"),
        ("", "", ""),
        (
            "<p>نطلب إبقاء تسع مكتبات مفتوحة</p>",
            "<p>نطلب إبقاء عشر مكتبات مفتوحة</p>",
            f"<p>نطلب إبقاء {DEL.format('تسع')} {INS.format('عشر')} مكتبات مفتوحة</p>",
        ),
    ],
)
def test_words_that_changed_are_marked(old, new, expected):
    assert difference(old, new) == expected


def test_a_lonely_word_does_not_break_a_change_in_two():
    old = "<p>They will close red brick and blue stone halls in the whole town this year</p>"
    new = "<p>They will close grey slate and green wood halls in the whole town this year</p>"
    changed = f"{DEL.format('red brick and blue stone')} {INS.format('grey slate and green wood')}"
    assert difference(old, new) == f"<p>They will close {changed} halls in the whole town this year</p>"


def test_links_keep_their_target_and_a_new_target_shows():
    old = '<p>see <a href="https://example.org/?a=1&amp;b=2">this</a></p>'
    link = '<a href="https://example.org/{}" rel="noopener nofollow">this</a>'
    same, other = link.format("?a=1&amp;b=2"), link.format("new")
    assert difference(old, old) == f"<p>see {same}</p>"
    assert difference(old, f"<p>see {other}</p>") == f"<p>see {DEL.format(same)} {INS.format(other)}</p>"


@pytest.mark.parametrize("hostile", XSS)
@pytest.mark.parametrize("turned", [False, True])
def test_nothing_but_our_own_tags_comes_out(hostile, turned):
    html = difference(*(("<p>y</p>", hostile) if turned else (hostile, "<p>y</p>")))
    tags = set(re.findall(r"<[^>]*>", html))
    allowed = {"<p>", "</p>", "<ins>", "</ins>", "<del>", "</del>", '<span class="visually-hidden">', "</span>"}
    assert {
        tag for tag in tags - allowed if not re.fullmatch(r'<a( href="https://[^"<>]*" rel="[a-z ]+")?>|</a>', tag)
    } == set()


def shuffled(seed: int, paragraphs: int = 100) -> str:
    dice = random.Random(seed)
    words = ["the", "council", "must", "keep", "every", "library", "open", "for", "all", "who", "read,", "and", "meet"]
    return "".join(f"<p>{' '.join(dice.choice(words) for _ in range(50))}</p>" for _ in range(paragraphs))


def test_taking_out_what_was_added_gives_the_old_text_and_the_other_way_round():
    old, new = shuffled(1), shuffled(2)
    html = difference(old, new)
    kept = re.sub(r"<ins>.*?</ins>", "", html)
    come = re.sub(r"<del>.*?</del>", "", html)
    said = r'<span class="visually-hidden">.*?</span>'
    assert plain_text(re.sub(said, "", kept)).split() == plain_text(old).split()
    assert plain_text(re.sub(said, "", come)).split() == plain_text(new).split()


@pytest.mark.parametrize("blocks", [1, 100])
def test_five_thousand_words_take_no_time(blocks):
    def texts(paragraphs: int) -> tuple[str, str]:
        both = shuffled(3, paragraphs), shuffled(4, paragraphs)
        return both if blocks > 1 else (both[0].replace("</p><p>", " "), both[1].replace("</p><p>", " "))

    short, long = texts(10), texts(100)
    assert growth(lambda: difference(*short), lambda: difference(*long), tries=2) < 1000  # the cube is a thousand


@pytest.fixture
def statement(db) -> Statement:
    statement = StatementFactory(
        published_at=None, title="Keep nine", addressed_to="Eastside", body="<p>nine libraries</p>", slug="libraries"
    )
    publishing.publish(statement=statement)
    return statement


def sign(statement: Statement, number: int) -> Signature:
    return SignatureFactory(
        statement=statement,
        version=statement.versions.get(number=number),
        state="confirmed",
        confirmed_at=timezone.now(),
    )


def test_history_shows_versions_newest_first_with_who_signed_each(statement, django_assert_num_queries):
    sign(statement, 1)
    publishing.correct(statement=statement, body="<p>ten libraries</p>", note="It is ten.")
    sign(statement, 2)
    sign(statement, 2)
    SignatureFactory(statement=statement, state="held")
    counting.recount(statement=statement, repair=True)
    with django_assert_num_queries(2):
        second, first = history.versions_with_changes(statement)
    names = ("number", "note", "signed", *promise.PARTS, "changes")
    change = Change("body", "Text", f"<p>{DEL.format('nine')} {INS.format('ten')} libraries</p>")
    now, then = (["Keep nine", "Eastside", f"<p>{number} libraries</p>"] for number in ("ten", "nine"))
    assert [second[name] for name in names] == [2, "It is ten.", 2, *now, [change]]
    assert [first[name] for name in names] == [1, "", 1, *then, []]
    assert first["sha256"] == promise.fingerprint(**dict(zip(promise.PARTS, then, strict=True)))
    assert second["published_at"] > first["published_at"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Keep nine open", "Keep ten open", f"Keep {DEL.format('nine')} {INS.format('ten')} open"),
        ("", "The mayor", INS.format("The mayor")),
        ("The mayor", "", DEL.format("The mayor")),
        ("a <b>", "a <b> & c", f"a &lt;b&gt; {INS.format('&amp; c')}"),
    ],
)
def test_words_that_changed_in_a_line_are_marked(old, new, expected):
    assert difference_of_lines(old, new) == expected


def test_title_and_addressee_are_compared_like_the_text_and_what_stayed_is_not_told(statement, client):
    publishing.correct(statement=statement, title="Keep ten", addressed_to="", note="It is ten.")
    second, first = history.versions_with_changes(statement)
    title = Change("title", "Title", f"Keep {DEL.format('nine')} {INS.format('ten')}")
    addressee = Change("addressed_to", "Addressed to", DEL.format("Eastside"))
    assert (second["changes"], first["changes"]) == ([title, addressee], [])
    page = client.get("/statements/libraries/history/").content.decode()
    assert re.findall(r"<h[34]>([^<]*)</h[34]>", page) == ["What changed", "Title", "Addressed to"]
    assert [change.difference in page for change in second["changes"]] == [True, True]
    assert re.findall(r'<strong lang="en" dir="ltr">([^<]*)</strong>', page) == ["Keep ten", "Keep nine"]
    assert re.findall(r"To: <bdi>([^<]*)</bdi>", page) == ["Eastside"]


def test_the_history_counts_no_row(statement):
    """Signed to the older text, counted after the correction: the stored numbers of each version move by themselves."""
    waiting = ask(statement)
    publishing.correct(statement=statement, body="<p>ten libraries</p>", note="It is ten.")
    sign(statement, 2)
    assert [row["signed"] for row in history.versions_with_changes(statement)] == [0, 0]
    agree(waiting)
    assert [row["signed"] for row in history.versions_with_changes(statement)] == [0, 1]
    counting.recount(statement=statement, repair=True)
    assert [row["signed"] for row in history.versions_with_changes(statement)] == [1, 1]


def test_a_recount_sees_numbers_under_the_wrong_version(statement):
    sign(statement, 1)
    publishing.correct(statement=statement, body="<p>ten libraries</p>", note="It is ten.")
    counting.recount(statement=statement, repair=True)
    later = statement.versions.get(number=2)
    Tally.objects.filter(version=later, slot=0).update(confirmed=1)
    Tally.objects.filter(version=statement.versions.get(number=1), slot=0).update(confirmed=0)
    found = counting.recount(statement=statement, repair=True)
    assert (found.stored, found.rows, found.agrees) == ((1, 0, 0), (1, 0, 0), False)
    assert counting.recount(statement=statement).agrees


def test_a_draft_is_no_history(db):
    assert history.versions_with_changes(StatementFactory(published_at=None)) == []
