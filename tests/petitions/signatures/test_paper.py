"""Paper and the big screen."""

import pytest

from petitions.travel import printing
from tests import pdf_reading
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db
ORIGIN = "http://testserver"
ARABIC = "حافظوا على مكتباتنا مفتوحة للجميع"
BODY = (
    "<h3>Why</h3><p>Three of <strong>four</strong> are to <em>close</em>.</p><ul><li><p>books</p><ol><li><p>new</p>"
    '</li></ol></li></ul><blockquote><p>A town needs one.</p></blockquote><p>See <a href="https://example.org/">this</a>.</p>'
)


@pytest.fixture(params=["Keep our libraries open", ARABIC])
def statement(request):
    language = "en" if request.param.isascii() else "ar"
    return StatementFactory(slug="libraries", title=request.param, language=language)


@pytest.mark.parametrize(("path", "via"), [("sheet.pdf", "paper"), ("poster.pdf", "poster")])
def test_each_is_one_tagged_page_with_a_code_that_leads_to_the_statement(client, statement, path, via):
    answer = client.get(f"/statements/libraries/{path}")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "public, max-age=3600")
    assert pdf_reading.about(answer.content) == {
        "pages": 1,
        "title": statement.title,
        "language": statement.language,
        "marked": True,
        "shows_title": True,
        "claims": 1,
    }
    assert pdf_reading.loose(answer.content) == ""
    assert pdf_reading.code(answer.content) == pdf_reading.code_for(f"{ORIGIN}/statements/libraries/?via={via}")
    figures = [node["/Alt"] for node in pdf_reading.nodes(answer.content) if node["/S"] == "/Figure"]
    assert figures == [f"QR code that leads to {ORIGIN}/statements/libraries/"]


def test_the_sheet_is_a_heading_the_text_and_a_table(statement):
    roles = pdf_reading.roles(printing.sheet(statement))
    table = ["Table", "THead", "TR", *["TH"] * 5, "TBody", *["TR", *["TD"] * 5] * 10]
    before = ["H1", "P", "P", "H2"]
    assert roles[: len(before)] == before
    assert roles[len(before) : len(before) + len(table)] == table
    assert roles[len(before) + len(table) :] == ["P", "P", "P", "Figure", "P", "Link"]


def test_the_parts_of_a_text_stay_what_they_are():
    made = printing.sheet(StatementFactory(title="Keep it", body=BODY))
    roles = pdf_reading.roles(made)
    wanted = ["H1", "P", "H2", "P", "Strong", "Em", "L", "LI", "Lbl", "LBody", "P", "L", "LI", "Lbl", "LBody", "P"]
    assert roles[: len(wanted)] == wanted
    assert roles[len(wanted) : roles.index("Table")] == ["BlockQuote", "P", "P", "H2"]
    said = "Keep it To: Eastside Council Why Three of four are to close. • books 1. new A town needs one. See this."
    assert pdf_reading.text(made).startswith(said)


def test_what_is_english_on_an_arabic_sheet_says_so():
    made = printing.sheet(StatementFactory(title=ARABIC, language="ar"))
    named = {
        node["/S"]: node.get("/Lang") for node in pdf_reading.nodes(made) if node["/S"] in {"/H1", "/H2", "/Table"}
    }
    assert named == {"/H1": None, "/H2": "en", "/Table": "en"}
    assert "Send this sheet to Eastside Campaign" in pdf_reading.text(made)


def test_arabic_lines_are_whole_so_that_their_words_are_read_in_order():
    made = printing.sheet(StatementFactory(title=ARABIC, language="ar"))
    heading = next(node for node in pdf_reading.nodes(made) if node["/S"] == "/H1")
    assert len(heading["/K"]) == 1
    assert b"/Direction/R2L" not in made


@pytest.mark.parametrize("sentences", [60, 200])
def test_a_text_that_leaves_no_room_for_ten_rows_gives_way_to_the_ask(client, sentences):
    body = "<p>" + "All of us need it. " * sentences + "</p>"
    StatementFactory(slug="long", body=body, summary="Keep it open.")
    made = client.get("/statements/long/sheet.pdf").content
    words = pdf_reading.text(made)
    assert pdf_reading.about(made)["pages"] == 1
    assert words.count("All of us need it.") == (sentences if sentences == 60 else 0)
    assert ("Keep it open. The full text: testserver/statements/long/" in words) == (sentences == 200)


def test_the_big_screen_shows_the_number_and_a_way_in(client, statement):
    page = client.get("/statements/libraries/live/")
    assert page["X-Robots-Tag"] == "noindex"
    assert 'data-number data-letters="1">0<' in page.content.decode()
    assert 'aria-live="off"' in page.content.decode()
    assert client.get("/statements/libraries/qr.svg").content.startswith(b"<?xml")
