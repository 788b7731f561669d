"""The model motion: a motion built from the statement, or in the campaigner's words, as page and as files."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone
from docx import Document
from PIL import Image

from core import qr
from organisations import importers, motion, papers
from tests import pdf_reading
from tests.factories import EventFactory, StatementFactory
from tests.organisations.form import row

pytestmark = pytest.mark.django_db
BODY = (
    "<p>We, the undersigned:</p><ul><li>are many</li></ul><p>call on the council to:</p>"
    "<ol><li>withdraw the <em>plan</em>;</li><li>keep every job.</li></ol><p>Now.</p>"
)


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open", body=BODY)


def test_it_notes_believes_and_resolves(statement):
    EventFactory(statement=statement, title="Protest", starts_at=timezone.now() + timedelta(days=9))
    text = motion.text(statement)
    headings = [part.heading for part in text.parts]
    assert headings == ["This branch notes", "This branch believes", "This branch resolves"]
    assert text.parts[0].points[0] == (
        "that people and organisations are signing the statement “Keep our libraries open”, "
        "addressed to Eastside Council;"
    )
    assert text.parts[1].points[-1] == (
        "that Eastside Council should do what the statement asks for: (a) withdraw the plan; (b) keep every job."
    )
    assert any("Protest" in point for point in text.parts[2].points)
    assert text.address == "http://testserver/statements/libraries/?via=motion"


def test_a_statement_without_a_list_has_a_motion_too():
    text = motion.text(StatementFactory(body="<p>Keep them open.</p>"))
    assert text.parts[1].points[-1].startswith("that the case which the statement makes is right")


def test_what_is_asked_is_the_last_list():
    assert motion.demands(BODY) == ["withdraw the plan;", "keep every job."]
    assert motion.demands("<p>None.</p>") == []


def test_the_campaigners_own_words_replace_a_part(statement):
    motion.write(statement=statement, resolves="to march;\n\n  to sing.  ")
    text = motion.text(statement)
    assert text.parts[2].points == ["to march;", "to sing."]
    assert len(text.parts[0].points) == 2


def test_the_word_file_opens_and_holds_title_ask_and_address(client, statement):
    response = client.get("/statements/libraries/motion.docx")
    assert response["Content-Disposition"] == 'attachment; filename="motion-libraries.docx"'
    document = Document(io.BytesIO(response.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for wanted in (
        "Motion: Keep our libraries open",
        "(a) withdraw the plan",
        "http://testserver/statements/libraries/",
    ):
        assert wanted in text
    styles = [paragraph.style.name for paragraph in document.paragraphs if paragraph.style.name.startswith("Heading")]
    assert styles == ["Heading 1", "Heading 2", "Heading 2", "Heading 2"]
    assert len(document.inline_shapes) == 1


def test_the_pdf_has_tags_and_a_code_that_leads_to_the_statement(client, statement):
    response = client.get("/statements/libraries/motion.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert pdf_reading.about(response.content) == {
        "pages": 1,
        "title": "Motion: Keep our libraries open",
        "language": "en-GB",
        "marked": True,
        "shows_title": True,
        "claims": 1,
    }
    point = ["LI", "Lbl", "LBody"]
    parts = [role for count in (2, 2, 4) for role in ["H2", "L", *point * count]]
    assert pdf_reading.roles(response.content) == ["H1", *parts, "P", "P", "Link", "Figure"]
    assert pdf_reading.code(response.content) == pdf_reading.code_for(motion.text(statement).address)


def test_a_title_in_letters_with_markup_is_only_text():
    text = motion.Text(title="A <b>bold</b> & new Łódź", parts=[motion.Part("This branch notes", ["<i>x</i> & y"])],
                       address="https://example.org/?a=1&b=2")  # fmt: skip
    assert pdf_reading.text(papers.pdf(text)).startswith(
        "A <b>bold</b> & new Łódź This branch notes: 1. <i>x</i> & y Proposed by"
    )
    with zipfile.ZipFile(io.BytesIO(papers.docx(text))) as unpacked:
        assert b"A &lt;b&gt;bold&lt;/b&gt; &amp; new" in unpacked.read("word/document.xml")


def test_the_text_is_the_text_on_the_page(client, statement):
    text = client.get("/statements/libraries/motion.txt").content.decode()
    assert text == motion.text(statement).plain
    assert text.startswith("Motion: Keep our libraries open\n\nThis branch notes:\n1. that people")


def test_a_motion_in_arabic_runs_its_own_way(client):
    statement = StatementFactory(slug="arabic", language="ar", title="مترجم في كل موعد")
    motion.write(statement=statement, believes="أن الترجمة حق للجميع؛")
    assert 'href="/statements/arabic/motion.pdf"' in client.get("/statements/arabic/motion/").content.decode()
    files = [client.get(f"/statements/arabic/motion.{kind}") for kind in ("pdf", "docx", "txt")]
    assert [file.status_code for file in files] == [200, 200, 200]
    languages = [node.get("/Lang") for node in pdf_reading.nodes(files[0].content) if node["/S"] == "/LBody"]
    assert languages == [None, None, "ar", None, None, None, None]
    assert pdf_reading.about(files[0].content)["claims"] == 1


def test_the_poster_and_the_picture_of_a_listed_organisation(client, statement):
    long = "Amalgamated Society of Wheelwrights, Carriage Painters and Lamplighters of Weirside and Marrow Valley"
    organisation = importers.bring_in(statement=statement, row=row(long)).organisation
    base = f"/statements/libraries/organisations/{organisation.slug}"
    poster, picture = client.get(f"{base}.pdf"), client.get(f"{base}.png")
    assert poster["Content-Type"] == "application/pdf"
    assert pdf_reading.roles(poster.content) == ["P", "H1", "P", "Figure", "P", "Link"]
    assert pdf_reading.text(poster.content).startswith(f"{long} supports Keep our libraries open Sign the statement")
    source = f"http://testserver/statements/libraries/?via={organisation.via}"
    assert pdf_reading.code(poster.content) == pdf_reading.code_for(source)
    image = Image.open(io.BytesIO(picture.content))
    assert (picture["Content-Type"], image.size, len(picture.content) < 300_000) == ("image/png", (1200, 630), True)


@pytest.mark.parametrize("typed", [{"meets_on": "", "email": ""}, {"meets_on": "2020-01-01", "email": "a@example.org"}])
def test_the_reminder_needs_a_day_to_come_and_an_address(client, statement, typed):
    response = client.post("/statements/libraries/motion/", typed)
    assert (response.status_code, "Error: " in response.content.decode()) == (422, True)


def test_a_qr_code_is_a_png():
    assert Image.open(io.BytesIO(qr.png("https://example.org/", scale=8))).format == "PNG"
