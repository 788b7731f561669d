"""A volunteer moves a page of an old site in, and people who signed there, in a real browser."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from core import roles
from exchange import keeping, running
from exchange.models import Archive
from petitions.models import Signature, Statement
from petitions.statements import assigning, counting
from seeds import world
from tests.exchange import lists
from tests.factories import StatementFactory
from tests.journeys.conftest import DESKTOP, PHONE, accessible, fits, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
OWN = "keep-our-libraries-open"
PASSWORD = "a long password for tests"
PICTURES = os.environ.get("PICTURES")
BODY = """<!-- wp:paragraph --><p>We, who use the library, say:</p><!-- /wp:paragraph -->
<h2>What we ask</h2><ul><li>Keep every branch open.</li><li>Ask us first.</li></ul><h2>Who we are</h2>
<p>Readers of <a href="https://eastside.example/">Eastside</a>.</p><script>alert(1)</script>"""
READERS = ["Ada Long", "Bo Short", "Čeněk Nový", "Dúnla Ní Bhriain"]


@pytest.fixture
def desk(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """The staff pages for somebody in a role; a complaint of the browser fails the test."""
    roles.establish()
    contexts, complaints = [], []

    def log_in(role: str, *statements: Statement, phone: bool = False, dark: bool = False) -> Page:
        user = User.objects.create_user(role.lower(), password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        for statement in statements:
            assigning.assign(statement=statement, user=user)
        look = {"color_scheme": "dark" if dark else "light", "bypass_csp": True}
        contexts.append(browser.new_context(base_url=site, locale="en-GB", **look, **(PHONE if phone else DESKTOP)))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto("/admin/")
        page.get_by_label("Username").fill(role.lower())
        page.get_by_label("Password").fill(PASSWORD)
        follow(page.get_by_role("button", name="Log in"))
        return page

    yield log_in
    for context in contexts:
        context.close()
    assert [text for text in complaints if "404" not in text] == []


def picture(page: Page, name: str) -> None:
    """What somebody can look at, where they ask for it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def worker() -> None:
    """What the worker does meanwhile."""
    running.work()
    running.ask()
    keeping.work(Archive)


def export() -> str:
    notes = [lists.comment(at, by=name, body=f"<p>I read there, {name}.</p>") for at, name in enumerate(READERS, 1)]
    notes.append(lists.comment(9, by="An answer", parent=2, body="<blockquote>I read there</blockquote>So do we."))
    return lists.wxr(*reversed(notes), title="Keep the library open", body=BODY)


def test_a_volunteer_moves_the_page_and_its_signers_in(desk, visit, tmp_path):
    page = desk("Campaigner")
    old = tmp_path / "old-site.xml"
    old.write_text(export())
    page.goto("/admin/exchange/import/")
    follow(page.get_by_role("link", name="Add import"))
    accessible(page)
    picture(page, "move-in-1-choose")
    follow(page.get_by_role("button", name="Read it"))
    assert "Choose a file, or paste a list below." in page.content()
    page.get_by_label("File").set_input_files(old)
    follow(page.get_by_role("button", name="Read it"))
    accessible(page)
    picture(page, "move-in-2-post")
    follow(page.get_by_role("button", name="Check every row"))
    worker()
    follow(page.get_by_role("link", name="Imports"))
    follow(page.get_by_role("link", name="old-site.xml"))
    follow(page.get_by_role("button", name="Bring 5 in"))
    worker()
    page.reload()
    picture(page, "move-in-3-done")
    follow(page.get_by_role("button", name="Publish it with its old date, 1 July 2021"))
    follow(page.get_by_role("link", name="Keep the library open"))
    statement = Statement.objects.get()
    assert f"{statement.published_at:%Y-%m-%d}" == "2021-07-01"
    reader = visit()
    reader.goto("/2021/07/keep-the-library-open/")
    assert reader.url.endswith(statement.get_absolute_url())
    text = reader.locator(".paper-text")
    assert text.locator("h2, h3").all_inner_texts() == ["What we ask", "Who we are"]
    assert text.locator("li").all_inner_texts() == ["Keep every branch open.", "Ask us first."]
    assert text.locator("script").count() == 0
    reader.goto(f"{statement.get_absolute_url()}comments/")
    named = [name for name in [*READERS, "An answer"] if name in reader.locator("main").inner_text()]
    assert named == [*READERS, "An answer"]
    assert "So do we." in reader.locator("main").inner_text()
    assert page.url.endswith("/change/")


def reference() -> tuple[str, str]:
    """The page of the joint statement on an old WordPress: its export, and its page as a browser had it."""
    written = world.read(f"statements/{OWN}")
    [talk] = [one for one in world.read("comments")["threads"] if one["statement"] == OWN]
    said = [one for one in talk["comments"] if not one.get("state")]
    number = {one["key"]: at for at, one in enumerate(said, 1)}
    body = f"<h2>What we say</h2>{written['versions'][0]['body']}"
    notes = [
        lists.comment(
            number[one["key"]], by=one["by"], parent=number.get(one.get("to", ""), 0),
            body="".join(f"<p>{escape(part)}</p>" for part in one["body"].strip().split("\n\n")),
            at=f"2021-07-{2 + at // 20:02} {4 + at % 20:02}:00:00",
        )
        for at, one in enumerate(said)
    ]  # fmt: skip
    export = lists.wxr(*reversed(notes), title=written["title"], body=body, closed=True)
    shown = "".join(f'<div class="comment"><cite>{escape(one["by"])}</cite> says:</div>' for one in said)
    page = f"""<!doctype html><main><h1>{written["title"]}</h1><div class="paper-text">{body}</div>{shown}
    <p>Comments are now closed.</p></main>"""
    return export, page


OUTLINE = """() => [...document.querySelectorAll(
    "main h1, .paper-text :is(h2, h3, ol > li), .comment cite, .comment-head > p:first-child")]
    .map(one => one.textContent.replace(/\\s+/g, " ").replace(/ says:.*/, "").replace(" Organiser", "").trim())"""


def test_a_volunteer_moves_the_reference_page_in_and_the_outlines_are_the_same(desk, visit, browser, tmp_path):
    export, old = reference()
    (tmp_path / "libraries.xml").write_text(export)
    page = desk("Campaigner")
    page.goto("/admin/exchange/import/add/")
    page.get_by_label("File").set_input_files(tmp_path / "libraries.xml")
    follow(page.get_by_role("button", name="Read it"))
    follow(page.get_by_role("button", name="Check every row"))
    worker()
    page.reload()
    follow(page.get_by_role("button", name="Bring 18 in"))
    worker()
    page.reload()
    follow(page.get_by_role("button", name="Publish it with its old date, 1 July 2021"))
    before = browser.new_page()
    before.set_content(old)
    outline = before.evaluate(OUTLINE)
    before.close()
    reader = visit()
    reader.goto("/2021/07/keep-the-library-open/")
    assert reader.evaluate(OUTLINE) == outline
    assert len(outline) == 1 + 1 + 5 + 18  # title, heading, what is asked, who said something
    assert reader.get_by_text("Comments are now closed.").count() == 1
    fits(reader)
    accessible(reader)


def test_people_of_an_old_list_are_asked_and_answer(desk, visit, mailbox, tmp_path):
    statement = StatementFactory(title="Keep the library open")
    page = desk("Campaigner", statement)
    listed = tmp_path / "people.csv"
    listed.write_text("Name;Email;Date\nAda Long;ada@example.org;4.3.2021\nBo Short;bo@example.org;5.3.2021\n")
    page.goto("/admin/exchange/import/add/")
    page.get_by_label("Statement").select_option(label="Keep the library open")
    page.get_by_label("File").set_input_files(listed)
    follow(page.get_by_role("button", name="Read it"))
    page.get_by_label("Who collected it").fill("Eastside Readers")
    page.get_by_label("The words they agreed to").fill("I support the letter.")
    page.get_by_label("When and where").fill("March 2021, on the old site")
    page.get_by_label("Ask each once by mail: keep me, or take me off").check()
    follow(page.get_by_role("button", name="Check every row"))
    assert "Give people at least 7 days to answer" in page.content()
    page.get_by_label("Last day to answer").fill(f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}")
    picture(page, "asked-1-form")
    accessible(page)
    follow(page.get_by_role("button", name="Check every row"))
    worker()
    page.reload()
    follow(page.get_by_role("button", name="Ask 2 by mail"))
    worker()
    mailbox.deliver()
    page.reload()
    picture(page, "asked-2-asking")
    accessible(page)
    for phone, dark, word, answer, said in (
        (True, False, "confirm", "Keep me", "You are kept"),
        (False, True, "unsubscribe", "Take me off", "You are off the list"),
    ):
        reader = visit(phone=phone, dark=dark)
        reader.goto(mailbox.link("ada@example.org" if phone else "bo@example.org", word))
        picture(reader, f"asked-3-{word}")
        accessible(reader)
        fits(reader)
        follow(reader.get_by_role("button", name=answer))
        expect(reader.get_by_role("heading", level=1)).to_have_text(said)
        picture(reader, f"asked-4-{word}")
        accessible(reader)
    page.reload()
    picture(page, "asked-5-answered")
    assert list(Signature.objects.values_list("name", flat=True)) == ["Ada Long"]
    assert counting.recount(statement=statement).agrees


def test_a_list_of_people_is_matched_checked_brought_in_and_taken_back(desk, visit, tmp_path):
    statement = StatementFactory(title="Keep the library open")
    page = desk("Campaigner", statement, phone=True, dark=True)
    people = "".join(f"Reader {n};reader-{n}@example.org;0{n % 9 + 1}.03.2021\n" for n in range(40))
    listed = tmp_path / "people.csv"
    listed.write_text(f"Wer;Wohin;Wann\n{people};nobody;\nLate;late@example.org;01.01.2999\n")
    page.goto("/admin/exchange/import/add/")
    page.get_by_label("Statement").select_option(label="Keep the library open")
    page.get_by_label("File").set_input_files(listed)
    follow(page.get_by_role("button", name="Read it"))
    fits(page)
    follow(page.get_by_role("button", name="Check every row"))
    assert "Say which column has the names" in page.content()
    page.get_by_label("Full name").select_option(label="Wer")
    page.get_by_label("Email address").select_option(label="Wohin")
    page.get_by_label("Date signed").select_option(label="Wann")
    page.get_by_label("Who collected it").fill("Eastside Readers")
    page.get_by_label("The words they agreed to").fill("I support the letter.")
    page.get_by_label("When and where").fill("March 2021, on the old site")
    picture(page, "people-1-match")
    accessible(page)
    follow(page.get_by_role("button", name="Check every row"))
    picture(page, "people-2-checking")
    worker()
    page.reload()
    picture(page, "people-3-checked")
    accessible(page)
    fits(page)
    assert "There is no name." in page.content()
    assert "is in the future" in page.content()
    follow(page.get_by_role("button", name="Bring 40 in"))
    worker()
    reader = visit()
    reader.goto(statement.get_absolute_url())
    assert re.search(
        r"0\s+people have signed, and 40 before they came to this site", reader.locator("main").inner_text()
    )
    assert "40 people signed elsewhere, before this statement came here" in reader.locator("main").inner_text()
    page.reload()
    page.get_by_text("Take all of it back…").click()
    page.get_by_label("Yes, take it back").check()
    follow(page.get_by_role("button", name="Take all of it back"))
    assert Signature.objects.count() == 0
    assert counting.recount(statement=statement).brought_in == (0, 0)
    picture(page, "people-4-back")


def test_an_administrator_takes_everything_away(desk, tmp_path):
    StatementFactory()
    page = desk("Administrator")
    page.goto("/admin/exchange/archive/add/")
    accessible(page)
    page.get_by_label("Reason").fill("We move")
    page.get_by_label("Your password").fill(PASSWORD)
    picture(page, "archive-1-ask")
    follow(page.get_by_role("button", name="Write the archive"))
    for _round in range(3):
        worker()
    page.reload()
    picture(page, "archive-2-done")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    path = tmp_path / "site.zip"
    taken.value.save_as(path)
    from exchange.archive.opening import open_archive  # noqa: PLC0415 - at its place in the story

    with path.open("rb") as file:
        assert open_archive(file).slugs == [Statement.objects.get().slug]
