"""A campaigner builds the page of a joint statement on the desk, point by point, from an empty site."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from comments import importers, text
from core import identity
from petitions.models import Event, Statement
from seeds import world
from tests.journeys.conftest import DESKTOP, accessible, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long password for tests"
OWN = "keep-our-libraries-open"
HEADLINE = "Eastside Campaign is proud to be a signatory to this joint statement"
CALLS = [
    "Join the protest outside the town hall.",
    "Sign and share this statement.",
    "Get your organisation or branch to support.",
]


@pytest.fixture
def desk(browser, site):
    """The desk, with a log-in and nothing else."""
    User.objects.create_superuser("carol", password=PASSWORD)
    context = browser.new_context(base_url=site, bypass_csp=True, locale="en-GB", **DESKTOP)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill("carol")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Log in"))
    yield page
    context.close()


def paste(page: Page, name: str, html: str) -> None:
    """Rich text into its editor, as somebody pastes it from where it was agreed."""
    page.locator(f"#id_{name}").evaluate(
        """(box, html) => {
            const editor = box.closest(".prose-editor").querySelector(".tiptap");
            const data = new DataTransfer();
            data.setData("text/html", html);
            editor.focus();
            editor.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        html,
    )


def write(page: Page, written: dict) -> None:
    page.goto("/admin/petitions/statement/add/")
    page.locator("#id_title").fill(written["title"])
    page.locator("#id_title").press("Tab")  # leaving it fills in an address of its own
    page.locator("#id_slug").fill(OWN)
    page.locator("#id_addressed_to").fill(written["addressed_to"])
    page.locator("#id_summary").fill(written["summary"])
    page.locator("#id_headline").fill(HEADLINE)
    paste(page, "preface", written["preface"])
    paste(page, "body", written["versions"][0]["body"])
    follow(page.locator("[name=_save]"))


def announce(page: Page) -> None:
    page.goto(f"/admin/petitions/event/add/?statement={Statement.objects.get().pk}")
    noon = datetime.combine(timezone.localdate() + timedelta(days=20), datetime.min.time(), ZoneInfo("Europe/London"))
    page.locator("#id_title").fill("Protest outside the town hall")
    page.locator("#id_starts_at_0").fill(f"{noon:%Y-%m-%d}")
    page.locator("#id_starts_at_1").fill("12:00")
    page.locator("#id_venue").fill("Eastside Town Hall")
    page.locator("#id_details_url").fill("https://example.org/protest")
    follow(page.locator("[name=_save]"))


def call(page: Page, number: int, **typed: str) -> None:
    row = page.locator("[data-calls] > li").nth(number)
    for label, value in typed.items():
        box = row.locator(f"[name$='-{label}']")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)


def call_to_action(page: Page) -> None:
    page.goto(f"/admin/petitions/statement/{Statement.objects.get().pk}/calls/")
    accessible(page)
    page.locator("#id_heading").fill("Show your solidarity!")
    call(page, 0, words=CALLS[1])
    call(page, 1, words=CALLS[2], email="libraries@example.org")
    event = str(Event.objects.get().pk)
    call(page, 2, kind="event", words=CALLS[0], event=event, link_words="more details here")
    row = page.locator("[data-calls] > li").nth(2)
    row.get_by_role("button", name="Up").press("Enter")
    row = page.locator("[data-calls] > li").nth(1)
    row.get_by_role("button", name="Up").press("Enter")
    follow(page.get_by_role("button", name="Keep them"))
    expect(page.get_by_text("Kept. Readers see them in this order.")).to_be_visible()


def enter(page: Page, names: list[str]) -> None:
    follow(page.get_by_role("link", name="Supporters", exact=True))
    follow(page.get_by_role("link", name="Enter names"))
    accessible(page)
    page.get_by_label("Names, one a line").fill("\n".join(names))
    page.get_by_label("They have agreed to stand here").check()
    follow(page.get_by_role("button", name="List them"))
    expect(page.get_by_text("8 organisations are listed.")).to_be_visible()


def talk(statement: Statement) -> list[str]:
    """The conversation, as the old page brings it along; returns who says something, in order."""
    [written] = [one for one in world.read("comments")["threads"] if one["statement"] == OWN]
    said = [one for one in written["comments"] if not one.get("state")]
    rows = [
        importers.Row(
            key=one["key"], name=one["by"], body=text.tidy(one["body"]), to=one.get("to", ""), email="",
            is_organiser=one.get("organiser", False), written_at=timezone.now() - timedelta(days=one["days_ago"]),
        )
        for one in said
    ]  # fmt: skip
    importers.load(thread=statement.thread, rows=rows)
    return [one["by"] for one in said]


def close(page: Page, statement: Statement) -> None:
    page.goto(f"/admin/comments/thread/{statement.thread.pk}/change/")
    follow(page.get_by_role("button", name="Close", exact=False))
    if page.get_by_role("button", name="Close selected threads").count():
        follow(page.get_by_role("button", name="Close selected threads"))


def outline(page: Page) -> list[str]:
    """The headings of the page and the line of each call, from above."""
    found = page.locator("main :is(h1, h2, .call)")
    return [" ".join(line.split()) for line in found.all_inner_texts()]


def test_the_page_of_a_joint_statement_is_built_on_the_desk(desk, visit):
    written = world.read(f"statements/{OWN}")
    first = [one["name"] for one in world.read("organisations")["organisations"] if one.get("initial")][:8]
    write(desk, written)
    announce(desk)
    call_to_action(desk)
    enter(desk, first)
    statement = Statement.objects.get()
    desk.goto(f"/admin/petitions/statement/{statement.pk}/publish/")
    follow(desk.get_by_role("button", name="Publish"))
    statement.refresh_from_db()
    assert statement.status == "open", desk.locator(".messagelist").all_inner_texts()
    people = talk(statement)
    close(desk, statement)

    page = visit()
    page.goto(f"/statements/{OWN}/")
    assert outline(page) == [
        HEADLINE,
        "Add your name",
        f"From {identity.publisher().name}",
        written["title"],
        "Show your solidarity!",
        *CALLS,
        "Initial supporting organisations include:",
        "Comments (18)",
    ]
    preface = page.locator(".preface .text > p")
    assert preface.count() == 4
    for paragraph in preface.all():
        expect(paragraph).to_be_visible()
    assert page.locator(".paper-text > ol > li").count() == 5
    call = page.locator(".calls .band > ul > li").first
    expect(call).to_contain_text("12 noon")
    assert call.get_by_role("link", name="more details here").get_attribute("href") == "https://example.org/protest"
    expect(page.locator(".calls")).to_contain_text("Write to libraries@", use_inner_text=True)
    assert page.locator("#organisations .tile-words > a").all_inner_texts() == first
    says = [" ".join(line.split()) for line in page.locator(".comment-head > p:first-child").all_inner_texts()]
    assert [line.removesuffix(" Organiser") for line in says] == [f"{name} says:" for name in people]
    assert len(says) == 18
    expect(page.get_by_text("Comments are now closed.")).to_be_visible()
    accessible(page)
