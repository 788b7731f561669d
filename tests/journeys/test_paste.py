"""Pasting into the editor from where texts are written, under the site's own policy: what people meant arrives.

The files in pasted/ are written by hand in the way in which each program fills the clipboard.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from petitions.models import Update
from tests.factories import StatementFactory
from tests.journeys.conftest import accessible, fits, follow
from tests.journeys.test_moderate import picture, staff  # noqa: F401  the fixture

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASTED = Path(__file__).parent / "pasted"
FIRST = "<h2>Keep our libraries open</h2>"
LAST = '<p><a href="https://www.example.org/report?a=1" rel="noopener nofollow">The report</a></p>'
MIDDLE = """
<p>The council wants to close <strong>four</strong> of <em>nine</em> branches.</p>
<h3>Why now</h3>
<ul><li><p>Children read there</p><ul><li><p>after school</p></li></ul></li><li><p>Others look for work</p></li></ul>
<ol data-type="decimal"><li><p>Stop the sale</p></li></ol>
<p><strong>Ward</strong> · <strong>Votes</strong></p><p>Mill · 14</p>
""".replace("\n", "")


def new_news(staff, **options):  # noqa: F811
    statement = StatementFactory()
    page = staff("Campaigner", statement, **options)
    page.goto(f"/admin/petitions/update/add/?statement={statement.pk}")
    expect(page.locator(".tiptap")).to_be_visible()
    return page


@pytest.fixture
def page(staff):  # noqa: F811
    found = new_news(staff)
    found.complaints = []
    found.on("console", lambda message: found.complaints.append(message.text) if message.type == "error" else None)
    found.asked = []
    found.on("request", lambda request: found.asked.append(request.url))
    return found


def paste(page: Page, html: str = "", plain: str = "") -> None:
    page.locator(".tiptap").evaluate(
        """(editor, [html, plain]) => {
            const data = new DataTransfer();
            if (html) data.setData("text/html", html);
            if (plain) data.setData("text/plain", plain);
            editor.focus();
            editor.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        [html, plain],
    )


def written(page: Page) -> str:
    return page.locator("#id_body").input_value().replace("\u00a0", " ")


def saved(page: Page) -> str:
    page.get_by_label("Title").fill("Handed in")
    page.locator("#id_slug").fill("handed-in")
    follow(page.get_by_role("button", name="Save", exact=True))
    return Update.objects.get().body.replace("\u00a0", " ").replace("&nbsp;", " ")


@pytest.mark.parametrize("source", sorted(path.stem for path in PASTED.glob("*.html")))
def test_what_people_meant_arrives_whatever_they_wrote_it_in(page, source):
    asked = len(page.asked)
    paste(page, (PASTED / f"{source}.html").read_text())
    expect(page.locator(".tiptap h2")).to_have_text("Keep our libraries open")
    expect(page.locator("output.pasted")).to_contain_text("Pictures left out: 1.")
    expect(page.locator("output.pasted")).to_contain_text("a line for each row: 1.")
    found = saved(page)
    middle = MIDDLE.replace("branches.", "branches. We say no.") if source == "word" else MIDDLE
    assert found == FIRST + middle + LAST
    assert [url for url in page.asked[asked:] if not url.startswith(page.url.partition("/admin")[0])] == []
    assert page.complaints == []


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("See www.example.org.", '<p>See <a href="https://www.example.org"{}>www.example.org</a>.</p>'),
        ("(eastside.org.uk/demands)", '<p>(<a href="https://eastside.org.uk/demands"{}>eastside.org.uk/demands</a>)</p>'),
        ("At https://example.org/a?b=1&c=2, too", '<p>At <a href="https://example.org/a?b=1&amp;c=2"{}>'
         "https://example.org/a?b=1&amp;c=2</a>, too</p>"),
        ("e.g.this or post@example.org", '<p>e.g.this or <a href="mailto:post@example.org"{}>post@example.org</a></p>'),
        ("One style=two", "<p>One style=two</p>"),
    ],
)  # fmt: skip
def test_addresses_in_plain_words_become_links(page, plain, html):
    paste(page, f"<p>{plain.replace('&', '&amp;')}</p>")
    assert saved(page) == html.format(' rel="noopener nofollow"')


def test_plain_text_with_an_address_keeps_its_lines(page):
    paste(page, plain="Come along\nwww.example.org\n\nOn Monday")
    link = '<a href="https://www.example.org" rel="noopener nofollow">www.example.org</a>'
    assert saved(page) == f"<p>Come along<br>{link}</p><p>On Monday</p>"


def test_links_that_run_no_script_and_lead_nowhere_are_words(page):
    paste(page, '<p><a href="javascript:alert(1)">One</a> <a href="/here">two</a> <a href="#x">three</a></p>')
    assert saved(page) == "<p>One two three</p>"


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_words_are_counted_headings_suggested_and_the_window_filled(staff, phone):  # noqa: F811
    page = new_news(staff, phone=phone, dark=phone, axe=True)
    paste(page, "<p><b>Why now</b></p><p>Because they sell it in March.</p>")
    expect(page.locator(".writing-line span")).to_have_text("8 words, read in 1 min")
    expect(page.locator(".writing-hint")).to_contain_text("“Why now” looks like a heading.")
    picture(page, f"paste-hint-{phone}")
    accessible(page)
    fits(page)
    wide = page.get_by_role("button", name="Fill the window")
    wide.click()
    size = page.locator(".prose-editor").bounding_box()
    assert (size["width"], size["height"]) == (page.viewport_size["width"], page.viewport_size["height"])
    picture(page, f"paste-wide-{phone}")
    page.keyboard.press("Escape")
    expect(wide).to_have_attribute("aria-pressed", "false")
