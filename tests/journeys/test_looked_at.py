"""What somebody who looks at the pages would notice, measured: the first screen, lines, targets, commas, fields."""

import re

import pytest
from django.db.models import Model
from playwright.sync_api import Page

from petitions.actions import calls
from petitions.models import CallToAction, Event, Statement
from petitions.signatures import notable
from petitions.statements import counting, publishing
from tests.factories import EventFactory, SignatureFactory, StatementFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SIZES = [(1366, 650), (1280, 720), (1024, 768), (390, 844), (320, 568)]
ZOOMED = (320, 180)  # 1280×720 at 400 %
LONGEST_LINE = 75  # characters
LEAST_TARGET = 24  # CSS pixels
WORDS = "<p>" + "We ask the council to keep every branch library open, staffed and free for all who live here. " * 12
TEXT = f"{WORDS}</p><p>We call on the council to:</p><ol><li>withdraw the plan;</li><li>keep every job.</li></ol>"


@pytest.fixture
def statement(site):
    statement = StatementFactory(
        slug="libraries",
        title="Keep all seven of our libraries open",
        summary="The council plans to close four of our seven libraries. We ask it to keep all seven open and free.",
        preface=f"{WORDS}</p><p>Second.</p>",
        body=TEXT,
        ask_postcode=True,
        ask_affiliation=True,
    )
    people = SignatureFactory.create_batch(30, statement=statement, show_name=True, affiliation="Reader, since 1947")
    counting.recount(statement=statement, repair=True)
    notable.arrange(statement=statement, order={people[0].pk: 1})
    event = EventFactory(statement=statement, summary="Bring a book.", venue="Town hall", address="Market Square")
    calls.arrange(
        statement=statement,
        heading="Show your solidarity!",
        calls=[
            CallToAction(kind="event", event=event, words="Join us on the steps."),
            CallToAction(kind="sign_and_share"),
            CallToAction(kind="words", words="Talk to a neighbour.", details="Over the fence."),
        ],
    )
    return statement


def inside(page: Page, selector: str) -> bool:
    """Whether one of these stands whole within the window."""
    return page.locator(selector).evaluate_all(
        """found => found.some(one => {
            const box = one.getBoundingClientRect(), shown = getComputedStyle(one).visibility === "visible";
            return shown && box.width && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight
                && box.right <= innerWidth;
        })"""
    )


def long_lines(page: Page) -> list[str]:
    """Texts that run over more characters a line than one reads with ease."""
    return page.evaluate(
        """most => {
            const found = [];
            for (const one of document.querySelectorAll("main :is(p, li, dd, blockquote)")) {
                if (!one.checkVisibility() || one.querySelector("p, li, div, input, small")) continue;
                const range = document.createRange();
                let line = "", top = null;
                const walk = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
                const lines = [];
                for (let node; (node = walk.nextNode());) {
                    for (let place = 0; place < node.length; place++) {
                        range.setStart(node, place); range.setEnd(node, place + 1);
                        const box = range.getClientRects()[0];
                        if (!box || !box.width) continue;
                        if (top !== null && box.top - top > 8) { lines.push(line); line = ""; }
                        top = box.top; line += node.data[place];
                    }
                }
                lines.push(line);
                for (const said of lines) if (said.trim().length > most) found.push(said.trim());
            }
            return found;
        }""",
        LONGEST_LINE,
    )


def small_targets(page: Page) -> list[str]:
    """What one presses that is smaller than a finger needs; links within a sentence are exempt (WCAG 2.5.8)."""
    return page.evaluate(
        """least => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary, select, textarea")]
            .filter(one => one.checkVisibility({visibilityProperty: true}))
            .filter(one => !one.closest("p, [aria-hidden], .skip, .visually-hidden"))
            .filter(one => { const box = one.getBoundingClientRect(); return box.height < least || box.width < least; })
            .map(one => `${one.textContent.trim() || one.name}: ${one.getBoundingClientRect().height}`)""",
        LEAST_TARGET,
    )


def loose_punctuation(text: str) -> list[str]:
    """Spaces before a comma, a full stop or their like."""
    return re.findall(r"\S+[ \u00a0]+[,;:.!?](?=\s|$)", text)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_name_ask_number_and_button_are_in_the_first_screen(visit, statement, size):
    page = visit(javascript=size[0] != 320)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/statements/libraries/")
    for selector in ("h1", ".standfirst", ".count-number, .sign-bar b", "button.btn-sign, .sign-bar a, .low a"):
        assert inside(page, selector), selector
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert long_lines(page) == []
    assert small_targets(page) == []


def test_at_400_percent_title_and_number_come_first_and_the_button_within_two_screens(visit, statement):
    page = visit()
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    page.goto("/statements/libraries/")
    tops = [page.locator(one).first.bounding_box()["y"] for one in ("h1", ".low b", ".low a", ".standfirst")]
    assert tops == sorted(tops)
    assert tops[2] < 2 * ZOOMED[1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


PATHS = [
    "/", "/statements/", "/events/", "/statements/libraries/", "/privacy/", "/accessibility/",
    "/statements/libraries/share/", "/statements/libraries/sign/", "/statements/libraries/endorse/",
    "/statements/libraries/signatures/",
]  # fmt: skip


def test_pages_read_well(visit, statement):
    page = visit()
    for path in PATHS:
        page.goto(path)
        text = page.locator("body").inner_text()
        assert (path, loose_punctuation(text), long_lines(page), small_targets(page)) == (path, [], [], [])


# What staff can fill in that readers never see as such, and what it does instead.
INTERNAL = {
    Statement: {
        "slug": "the address", "language": "the lang of its words", "published_at": "shown as a day",
        "closes_at": "shown as a day", "goal": "shown by the bar", "signed_by": "which forms there are",
        "ask_postcode": "a question", "ask_affiliation": "a question", "ask_country": "a question",
        "ask_keep_name": "a question", "contact_email": "in the privacy notice of its mails", "kind": "the button",
        "names_order": "the order of names", "names_batch": "when a name appears",
        "outcome": "once it is recorded", "image_focus": "how the picture is cut", "image": "the picture",
    },
    Event: {
        "slug": "the address", "timezone": "by which its times are said", "whole_days": "how its times are said",
        "ends_at": "said with its start", "starts_at": "said as a day and a time", "status": "said in words",
        "statement": "where it stands", "takes_names": "the form", "capacity": "who waits", "telling": "the number",
    },
    CallToAction: {"statement": "where it stands", "position": "its place", "kind": "what it leads to"},
}  # fmt: skip


def editable(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.editable and not field.primary_key]


@pytest.mark.parametrize("model", INTERNAL, ids=lambda model: model.__name__)
def test_what_staff_fill_in_stands_somewhere_public(client, model):
    statement = StatementFactory(body=TEXT, **({"published_at": None} if model is Statement else {}))
    event = EventFactory(statement=statement)
    row = {Statement: statement, Event: event}.get(model) or CallToAction(statement=statement, kind="words", words="x")
    row.save()
    public = [name for name in editable(model) if name not in INTERNAL[model] and name != "event"]
    said = {}
    for name in public:
        field = model._meta.get_field(name)
        words = f"zz{name.replace('_', '')}zz"
        if "url" in name:
            words = f"https://example.org/{words}"
        elif field.get_internal_type() == "EmailField" or name == "email":
            words = f"{words}@example.org"
        said[name] = words
    if model is Statement:
        Statement.objects.filter(pk=statement.pk).update(**said)
        publishing.publish(statement=Statement.objects.get())
    else:
        model.objects.filter(pk=row.pk).update(**said)
    Statement.objects.touch(statement)
    pages = [statement.get_absolute_url(), event.get_absolute_url()]
    html = "".join(client.get(path).content.decode() for path in pages).replace("<span hidden>.not-this</span>", "")
    html = html.replace("<span hidden>nowhere.</span>", "")
    assert [name for name in public if f"zz{name.replace('_', '')}zz" not in html and name != "image_words"] == []
