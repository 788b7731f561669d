"""Commenting in a real browser: a newcomer waits, a trusted one goes straight in, a moderator closes the thread."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Page, expect

from comments import moderation, pages, threads
from comments.models import Comment
from core.models import KeysOn
from tests.factories import CommentFactory, StatementFactory
from tests.journeys.conftest import accessible, fits, follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AMINA = "amina@example.org"
PAGE = "/statements/libraries/"
URL = "/statements/libraries/comments/"
WORDS = "It is where I learnt to read.\n\n> Every branch matters.\n\nI agree:\n1. books\n2. warmth"


@pytest.fixture
def statement(site):
    statement = StatementFactory(slug="libraries", title="Keep our libraries open")
    first = CommentFactory(statement=statement, author_name="Derek Ormerod", body="58 minutes by bus.")
    CommentFactory(statement=statement, author_name="محمد الأمين", body="مكتبتنا بيت ثانٍ.\n\nAnd in English too.")
    threads.recount(statement.thread)
    moderation.reply(comment=first, body="We have timed it as well.", name="Eastside Campaign")
    return statement


@pytest.fixture
def moderator():
    return User.objects.create_superuser("carol", "carol@example.org", "carol-has-a-password")


def write(page: Page, words: str = WORDS, address: str = AMINA) -> None:
    page.get_by_label("Your comment").fill(words)
    page.get_by_role("textbox", name="Your name").fill("Amina Yusuf")
    page.get_by_label("Email (not shown)").fill(address)
    follow(page.get_by_role("button", name="Post my comment"))


def log_in(page: Page, path: str) -> None:
    page.goto(f"/admin/login/?next={path}")
    page.get_by_label("Username").fill("carol")
    page.get_by_label("Password").fill("carol-has-a-password")
    follow(page.get_by_role("button", name="Log in"))


@pytest.fixture
def desk(browser, site):
    """The moderator's browser, which may keep a cookie."""
    context = browser.new_context(base_url=site, locale="en-GB", timezone_id="Europe/London", bypass_csp=True)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def confirm(page: Page, mailbox) -> None:
    mailbox.deliver()
    page.goto(mailbox.link(AMINA, "confirm"))


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_newcomer_writes_confirms_waits_and_is_read(visit, mailbox, statement, javascript):
    page = visit(phone=True, javascript=javascript)
    page.goto(PAGE)
    write(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    confirm(page, mailbox)
    assert not Comment.objects.filter(author_email=AMINA).exists()
    expect(page.locator(".comment-body blockquote")).to_have_text("Every branch matters.")
    expect(page.locator(".comment-body ol li")).to_have_text(["books", "warmth"])
    if javascript:
        accessible(page)
    follow(page.get_by_role("button", name="Post my comment"))
    expect(page.get_by_text("Your comment is waiting to be checked. Only you can see it here.")).to_be_visible()
    own = page.url
    if javascript:
        accessible(page)

    stranger = visit(javascript=javascript)
    stranger.goto(PAGE)
    assert "learnt to read" not in stranger.content()
    moderation.approve(comment=Comment.objects.get(author_email=AMINA))
    cache.clear()
    stranger.reload()
    expect(stranger.locator("#comments-heading")).to_have_text("Comments (4)")
    expect(stranger.get_by_text("It is where I learnt to read.")).to_be_visible()
    page.goto(own)
    expect(page.get_by_text("Everybody can read it.")).to_be_visible()
    follow(page.get_by_role("button", name="Withdraw my comment"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your comment is off")
    assert Comment.objects.get(author_email=AMINA).withdrawn_at is not None


def test_a_trusted_mailbox_goes_straight_in_and_only_by_its_own_mail(visit, mailbox, statement):
    CommentFactory(statement=statement, author_email=AMINA, body="Earlier.")
    threads.recount(statement.thread)
    page = visit()
    page.goto(PAGE)
    write(page, "Once more.")
    assert not Comment.objects.filter(body="Once more.").exists()
    mailbox.deliver()
    page.get_by_label("6-digit code").fill(mailbox.code(AMINA))
    follow(page.get_by_role("button", name="Post my comment"))
    expect(page.get_by_text("Everybody can read it.")).to_be_visible()
    follow(page.get_by_role("link", name="See it on the page"))
    expect(page.locator(f"#comment-{Comment.objects.latest('pk').pk}")).to_contain_text("Once more.")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_answering_and_signing_are_two_buttons_on_one_page(visit, mailbox, statement, javascript):
    page = visit(javascript=javascript)
    page.goto(PAGE)
    follow(page.locator(".comment", has_text="Derek Ormerod").get_by_role("link", name="Reply to Derek Ormerod"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answer Derek Ormerod")
    page.get_by_label("Also sign the statement with this name").check()
    write(page, "Mine takes an hour.")
    confirm(page, mailbox)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 things wait for you")
    if javascript:
        accessible(page)
    follow(page.get_by_role("button", name="Post my comment"))
    expect(page.get_by_text("Done. There is more below that you can confirm.")).to_be_visible()
    assert statement.signatures.count() == 0
    follow(page.get_by_role("button", name="Confirm my signature"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert statement.signatures.get().state == "confirmed"
    assert Comment.objects.get(author_email=AMINA).parent.author_name == "Derek Ormerod"


def test_errors_say_how_to_mend_them(visit, statement):
    page = visit(phone=True)
    page.goto(PAGE)
    write(page, "", "amina@")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Write your comment")
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("Amina Yusuf")
    follow(summary.get_by_role("link", name="Write your comment"))
    expect(page.get_by_label("Your comment")).to_be_focused()
    accessible(page)
    fits(page)


def test_a_moderator_closes_the_thread_and_a_visitor_is_refused(visit, desk, statement, moderator):
    visitor = visit(javascript=False)
    visitor.goto(PAGE)
    visitor.get_by_label("Your comment").fill(WORDS)

    log_in(desk, "/admin/comments/thread/")
    desk.get_by_role("checkbox", name=re.compile("Select this object")).first.check()
    desk.locator("select[name=action]").select_option(label="Close selected threads")
    follow(desk.get_by_role("button", name="Go"))
    expect(desk.get_by_text("Nobody can write any more.")).to_be_visible()
    follow(desk.get_by_role("button", name="Close selected threads"))
    expect(desk.get_by_text("1 closed.")).to_be_visible()
    accessible(desk)

    visitor.get_by_role("textbox", name="Your name").fill("Amina Yusuf")
    visitor.get_by_label("Email (not shown)").fill(AMINA)
    follow(visitor.get_by_role("button", name="Post my comment"))
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Comments are closed")
    expect(visitor.get_by_text("It is where I learnt to read.")).to_be_visible()
    assert not Comment.objects.filter(author_email=AMINA).exists()
    visitor.goto(PAGE)
    expect(visitor.get_by_text("Comments are now closed.")).to_be_visible()


def test_three_readers_hide_a_comment_and_a_moderator_keeps_it(visit, desk, statement, moderator):
    page = visit(javascript=False)
    page.goto(PAGE)
    follow(page.get_by_role("link", name="Report the comment by Derek Ormerod"))
    follow(page.get_by_role("button", name="Report it"))
    expect(page.get_by_role("alert")).to_contain_text("Choose what is wrong with it")
    page.get_by_label("It is spam or an advert").check()
    follow(page.get_by_role("button", name="Report it"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    row = Comment.objects.get(author_name="Derek Ormerod")
    Comment.objects.filter(pk=row.pk).update(hidden_at=row.created_at)
    log_in(desk, "/admin/comments/comment/?state=reported")
    expect(desk.get_by_text("It is spam or an advert")).to_be_visible()
    follow(desk.get_by_role("button", name="Keep it"))
    expect(desk.get_by_text("The reports are settled")).to_be_visible()
    row.refresh_from_db()
    assert row.is_visible


def test_twenty_comments_with_keys_alone(desk, statement, moderator):
    """UX F4: at most 45 presses, no mouse, and undo brings the last one back."""
    for number in range(20):
        CommentFactory(statement=statement, state="waiting", body=f"Waiting {number}")
    KeysOn.objects.create(user=moderator)
    log_in(desk, "/admin/comments/comment/")
    presses = 0
    for number in range(20):
        expect(desk.locator("[data-card]")).to_have_count(20 - number)
        expect(desk.locator(".card-here")).to_have_count(1)
        key = "s" if number == 10 else "a"
        with desk.expect_navigation():
            desk.keyboard.press(key)
        presses += 1
    assert (Comment.objects.filter(state="waiting").count(), Comment.objects.filter(state="spam").count()) == (0, 1)
    expect(desk.get_by_text("Nothing waiting.")).to_be_visible()
    desk.wait_for_load_state("load")
    with desk.expect_navigation():
        desk.keyboard.press("z")
    assert presses + 1 <= 45
    assert Comment.objects.filter(state="waiting").count() == 1


def test_keys_sleep_unless_they_were_asked_for(desk, statement, moderator):
    CommentFactory(statement=statement, state="waiting")
    log_in(desk, "/admin/comments/comment/")
    desk.keyboard.press("a")
    desk.reload()
    expect(desk.locator("[data-card]")).to_have_count(1)


def addresses(statement) -> list[str]:
    first = Comment.objects.get(author_name="Derek Ormerod")
    return [PAGE, URL, f"{URL}?to={first.pk}", f"{URL}{first.pk}/report/", f"{URL}{first.pk}/report/?sent=1"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_page_is_accessible_and_fits(visit, statement, phone, dark):
    page = visit(phone=phone, dark=dark)
    for path in addresses(statement):
        page.goto(path)
        accessible(page)
        fits(page)
        assert page.locator("h1").count() == 1
    small = visit()
    small.set_viewport_size({"width": 320, "height": 568})
    for path in addresses(statement):
        small.goto(path)
        fits(small)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_staff_pages_are_accessible_and_fit(browser, site, statement, moderator, width, dark):
    row = CommentFactory(statement=statement, state="waiting", author_name="X" * 60, body="W" * 300)
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": 844},
        color_scheme="dark" if dark else "light",
        bypass_csp=True,
    )
    page = context.new_page()
    log_in(page, "/admin/comments/comment/")
    queue = "/admin/comments/comment/"
    for path in (
        queue,
        f"{queue}?state=all",
        f"{queue}{row.pk}/decline/",
        f"{queue}{row.pk}/reply/",
        f"{queue}preferences/",
    ):
        page.goto(path)
        fits(page)
        accessible(page)
    context.close()


# Our own corpus: what has fired somewhere, written for a name and for a text of several lines.
HOSTILE = [
    "<script>fired()</script>",
    "</script><script>fired()</script>",
    "<img src=x onerror=fired()>",
    '"><svg onload=fired()>',
    "' autofocus onfocus='fired()' x='",
    "<svg><animate onbegin=fired() attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.fired()</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=fired()>",
    "<a href=javascript:fired()>press</a>",
    "javascript:fired()",
    'https://x.example/"onmouseover="fired()',
    "https://x.example/' onmouseover='fired()",
    "https://x.example/<img/src=x onerror=fired()>",
    "http://javascript:fired()@x.example/",
    "https://x.example/&quot;onmouseover=&quot;fired()",
    "&lt;script&gt;fired()&lt;/script&gt;",
    "&#60;img src=x onerror=fired()&#62;",
    "\\u003cscript\\u003efired()\\u003c/script\\u003e",
    "<!--><img src=x onerror=fired()>-->",
    "]]><script>fired()</script>",
    "{{ constructor.constructor('fired()')() }}",
    "{% load static %}${fired()}`-fired()-`",
    "<style>@import 'data:text/css,*{x:expression(fired())}'</style>",
    "<link rel=stylesheet href='data:text/css,body{background:red}'>",
    "<base href='https://x.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:fired()'>",
    "<form action=javascript:fired()><button autofocus>press</button></form>",
    "<details open ontoggle=fired()>",
    "<input onfocus=fired() autofocus>",
    "<video><source onerror=fired()></video>",
    "<object data='data:text/html,<script>parent.fired()</script>'></object>",
    "<ſcript>fired()</ſcript>",
    "\u202e<script>fired()</script>\u2066",
    "<scr\u0000ipt>fired()</scr\u0000ipt>",
    '> <img src=x onerror=fired()>\n> > "><script>fired()</script>',
    "1. <img src=x onerror=fired()>\n2. <script>fired()</script>",
    "\u2028<script>fired()</script>\u2029",
    "</title><script>fired()</script>",
    "</textarea><script>fired()</script>",
    "--><script>fired()</script><!--",
]


def test_nothing_fires_through_name_or_words(browser, site, statement, moderator, monkeypatch):
    """Rendered without any policy's help: the markup alone must be harmless (SAFETY T13)."""
    monkeypatch.setattr(pages, "IN_STRUCTURED_DATA", 2 * len(HOSTILE))  # machines are told of all of them here
    for words in HOSTILE:
        name = words.replace("\n", " ").replace("\0", "")[:255]
        CommentFactory(statement=statement, author_name=name, body=words.replace("\0", ""))
        CommentFactory(statement=statement, author_name=name, body=words.replace("\0", ""), state="waiting")
    threads.recount(statement.thread)
    fired: list[str] = []
    context = browser.new_context(base_url=site, bypass_csp=True)
    context.expose_function("fired", lambda: fired.append(page.url))
    context.on("dialog", lambda dialog: fired.append(dialog.message))
    page = context.new_page()
    log_in(page, "/admin/comments/comment/")
    last = Comment.objects.latest("pk")
    staff_pages = ["", "?state=all", f"{last.pk}/edit/", f"{last.pk}/decline/", f"{last.pk}/change/"]
    paths = [PAGE, URL, f"{URL}feed/", *(f"/admin/comments/comment/{path}" for path in staff_pages)]
    for path in paths:
        page.goto(path) if "feed" not in path else context.request.get(path)
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.protocol)")
        assert set(links) <= {"http:", "https:", "mailto:"}
        page.wait_for_timeout(200)
    page.goto(URL)
    assert page.locator(".comment").count() >= len(HOSTILE)
    for link in page.locator(".comment-body a").all():
        link.hover()
    shown = page.locator(".comment-body").all_inner_texts()
    assert "<img src=x onerror=fired()>" in shown
    data = page.locator('script[type="application/ld+json"]').all_text_contents()
    assert len(next(found["comment"] for found in map(json.loads, data) if "comment" in found)) >= len(HOSTILE)
    assert fired == []
    context.close()
