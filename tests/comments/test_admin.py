"""The staff pages of comments: who may press what, what it does, and what is written down."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from comments import reporting, threads
from comments.models import Comment, Preference, SiteRules, Thread
from core.models import OutgoingEmail
from tests.factories import CommentFactory, SignatureFactory, StatementFactory
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
QUEUE = "/admin/comments/comment/"
THREADS = "/admin/comments/thread/"
VERBS = {"approve": "published", "spam": "spam", "bin": "binned"}
FORMS = {
    "reply": {"body": "Thank you.", "name": "Eastside Campaign"},
    "edit": {"body": "Mended.", "name": "Reader"},
    "decline": {"why": "it attacks a person", "tell": "on"},
}


@pytest.fixture
def carol() -> Client:
    return superuser("carol")


@pytest.fixture
def thread() -> Thread:
    return StatementFactory(title="Keep our libraries open").thread


def comment(thread: Thread, state: str = "waiting", **values) -> Comment:
    made = CommentFactory(statement=thread.statement, state=state, **values)
    threads.recount(thread)
    return made


def html(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def shown(client: Client, query: str = "") -> list[str]:
    return re.findall(r'class="card-who">.*?<bdi>(.*?)</bdi>', html(client, f"{QUEUE}{query}"), re.DOTALL)


def test_tabs_show_and_count_each_state(carol, thread):
    for state in ("waiting", "waiting", "published", "spam", "binned", "unconfirmed"):
        comment(thread, state, author_name=state.title())
    comment(thread, "published", author_name="Reported")
    Comment.objects.filter(author_name="Reported").update(hidden_at="2026-01-01T00:00Z")
    threads.recount(thread)
    page = html(carol, QUEUE)
    tabs = re.findall(r'<a href="\?state=(\w+)"[^>]*>\s*\w+\s*(?:<span class="tab-count">(\d+))?', page)
    assert tabs == [
        ("waiting", "2"), ("reported", "1"), ("published", "1"), ("spam", "1"), ("binned", "1"), ("all", ""),
    ]  # fmt: skip
    assert shown(carol) == ["Waiting", "Waiting"]
    assert shown(carol, "?state=reported") == ["Reported"]
    assert shown(carol, "?state=published") == ["Published"]
    assert shown(carol, "?state=binned") == ["Binned"]
    assert len(shown(carol, "?state=all")) == 7


def test_everything_in_common_is_one_press_away_and_no_address_stands_in_the_address_bar(carol, thread):
    one = comment(thread, author_email="a.mina@gmail.com", ip_key="k", author_name="One")
    comment(thread, "spam", author_email="amina+x@gmail.com", author_name="Two")
    comment(StatementFactory().thread, ip_key="k", author_name="Three")
    page = html(carol, QUEUE)
    links = re.findall(r'href="[^"]*(\?like=[^"]+)"', page)
    assert f"?like=mailbox-{one.pk}" in links
    assert [link for link in links if "@" in link] == []
    assert shown(carol, f"?like=mailbox-{one.pk}") == ["Two", "One"]
    assert shown(carol, f"?like=network-{one.pk}") == ["Three", "One"]
    assert shown(carol, f"?like=thread-{thread.pk}") == ["Two", "One"]
    assert shown(carol, "?like=mailbox-0") == []
    assert shown(carol, "?state=all&q=AMINA@gmail.com") == ["Two", "One"]
    assert shown(carol, "?state=all&q=thr") == ["Three"]


def test_who_has_signed_is_told(carol, thread):
    one = comment(thread)
    assert "Signed ✓" not in html(carol, QUEUE)
    SignatureFactory(statement=thread.statement, email=one.author_email, state="confirmed")
    assert "Signed ✓" in html(carol, QUEUE)


@pytest.mark.parametrize("verb", VERBS)
def test_one_press_decides_says_so_and_can_be_undone(carol, thread, verb):
    row = comment(thread)
    button = re.search(rf'formaction="({QUEUE}{row.pk}/{verb}/[^"]*)"', html(carol, f"{QUEUE}?state=waiting"))[1]
    response = carol.post(button.replace("&amp;", "&"))
    assert (response.status_code, response["Location"]) == (302, f"{QUEUE}?state=waiting")
    row.refresh_from_db()
    assert (row.state, len(log())) == (VERBS[verb], 1)
    undo = re.search(rf'action="({QUEUE}undo/[^"]*)"', html(carol, f"{QUEUE}?state=waiting"))[1]
    assert carol.post(undo.replace("&amp;", "&"))["Location"] == f"{QUEUE}?state=waiting"
    row.refresh_from_db()
    assert (row.state, log()[-1]) == ("waiting", "Undid the last decision.")
    assert "undo/" not in html(carol, QUEUE)


def test_nobody_undoes_what_another_decided_since(carol, thread):
    row = comment(thread)
    carol.post(f"{QUEUE}{row.pk}/spam/")
    dave = staff("dave", "change_comment")
    dave.post(f"{QUEUE}{row.pk}/approve/")
    carol.post(f"{QUEUE}undo/")
    row.refresh_from_db()
    assert row.state == "published"


@pytest.mark.parametrize("verb", [*VERBS, "unapprove", "keep"])
def test_looking_decides_nothing(carol, thread, verb):
    row = comment(thread)
    assert carol.get(f"{QUEUE}{row.pk}/{verb}/").status_code == 405
    assert carol.get(f"{QUEUE}undo/").status_code == 405
    assert Comment.objects.get().state == "waiting"


@pytest.mark.parametrize("form", FORMS)
def test_forms_ask_first_and_act_on_post(carol, thread, form):
    row = comment(thread)
    url = f"{QUEUE}{row.pk}/{form}/?back=state%3Dwaiting"
    assert row.body in html(carol, url)
    assert carol.post(url, {}).status_code == 200
    assert (Comment.objects.count(), Comment.objects.get().state) == (1, "waiting")
    assert carol.post(url, FORMS[form])["Location"] == f"{QUEUE}?state=waiting"
    row.refresh_from_db()
    if form == "reply":
        assert (row.state, row.replies.get().is_organiser, row.replies.get().body) == ("published", True, "Thank you.")
    elif form == "edit":
        assert (row.body, row.edited_at is not None) == ("Mended.", True)
        assert "Edited by a moderator" not in html(carol, thread.statement.get_absolute_url())
    else:
        assert (row.state, row.decided_reason) == ("binned", "it attacks a person")
        assert OutgoingEmail.objects.get().kind == "comment_declined"


def test_declining_in_ones_own_words_needs_words(carol, thread):
    row = comment(thread)
    url = f"{QUEUE}{row.pk}/decline/"
    assert "Say why." in carol.post(url, {"why": "own"}).content.decode()
    carol.post(url, {"why": "own", "own": "it is in another language"})
    row.refresh_from_db()
    assert (row.decided_reason, OutgoingEmail.objects.count()) == ("it is in another language", 0)


def test_readers_are_told_of_an_edit(client, carol, thread):
    row = comment(thread, "published")
    carol.post(f"{QUEUE}{row.pk}/edit/", FORMS["edit"])
    assert "Edited by a moderator" in html(client, thread.statement.get_absolute_url())


def test_reported_comments_show_why_and_can_be_kept(carol, thread):
    row = comment(thread, "published")
    for key in "abc":
        reporting.report(comment=row, reason="abuse", words=f"Words {key}", ip_key=key)
    page = html(carol, f"{QUEUE}?state=reported")
    assert page.count("It attacks or threatens somebody") == 3
    carol.post(f"{QUEUE}{row.pk}/keep/")
    row.refresh_from_db()
    assert row.is_visible
    assert "No comment" not in page


@pytest.mark.parametrize("action", ["approve", "spam", "bin"])
def test_a_few_at_once_without_a_question(carol, thread, action):
    rows = [comment(thread) for _ in range(3)]
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    response = carol.post(QUEUE, chosen, follow=True)
    assert set(Comment.objects.values_list("state", flat=True)) == {VERBS[action]}
    assert response.content.decode().count('data-key="z"') == 1
    carol.post(f"{QUEUE}undo/")
    assert set(Comment.objects.values_list("state", flat=True)) == {"waiting"}


def test_many_at_once_are_asked_about(carol, thread):
    rows = [comment(thread) for _ in range(21)]
    chosen = {"action": "spam", "_selected_action": [row.pk for row in rows]}
    asked = carol.post(QUEUE, chosen)
    assert ("21 chosen." in asked.content.decode(), Comment.objects.filter(state="spam").count()) == (True, 0)
    carol.post(QUEUE, {**chosen, "confirmed": "1"})
    assert Comment.objects.filter(state="spam").count() == 21


PRESSES = [
    *[("change_comment", f"{QUEUE}{{pk}}/{verb}/", {}) for verb in ("approve", "unapprove", "spam", "bin", "keep")],
    ("add_comment", f"{QUEUE}{{pk}}/reply/", FORMS["reply"]),
    ("change_comment", f"{QUEUE}{{pk}}/edit/", FORMS["edit"]),
    ("change_comment", f"{QUEUE}{{pk}}/decline/", FORMS["decline"]),
    ("change_comment", f"{QUEUE}undo/", {}),
    ("change_comment", f"{QUEUE}preferences/", {"digest": ""}),
]


@pytest.mark.parametrize(("permission", "url", "typed"), PRESSES)
def test_without_the_permission_nothing_happens(thread, permission, url, typed):
    row = comment(thread, "published" if "unapprove" in url or "keep" in url else "waiting")
    reporting.report(comment=row, reason="abuse", ip_key="a")
    audrey = staff("audrey")
    url = url.format(pk=row.pk)
    assert audrey.post(url, typed).status_code == 403
    assert (log(), Preference.objects.count()) == ([], 0)
    allowed = staff("dave", permission)
    assert allowed.post(url, typed).status_code == 302


@pytest.mark.parametrize("anonymous", ["", "undo/", "preferences/", "{pk}/approve/", "{pk}/reply/", "{pk}/change/"])
def test_strangers_see_the_log_in(client, thread, anonymous):
    url = QUEUE + anonymous.format(pk=comment(thread).pk)
    assert "/admin/login/" in client.post(url)["Location"]
    assert Comment.objects.get().state == "waiting"


@pytest.mark.parametrize("action", ["approve", "unapprove", "spam", "bin"])
def test_bulk_actions_ask_for_the_permission(thread, action):
    row = comment(thread, "published" if action == "unapprove" else "waiting")
    chosen = {"action": action, "_selected_action": [row.pk]}
    staff("audrey").post(f"{QUEUE}?state=all", chosen)
    assert log() == []
    staff("dave", "change_comment").post(f"{QUEUE}?state=all", chosen)
    assert len(log()) == 1


def test_who_may_only_look_sees_no_buttons(thread):
    row = comment(thread)
    page = html(staff("audrey"), QUEUE)
    assert (row.body in page, "formaction" in page, 'name="action"' in page) == (True, False, False)
    page = html(staff("dave"), f"{QUEUE}{row.pk}/change/")
    assert (row.body in page, "formaction" in page, 'name="_save"' in page) == (True, False, False)


def test_back_leads_nowhere_else(carol, thread):
    row = comment(thread)
    response = carol.post(f"{QUEUE}{row.pk}/approve/?back=//evil.example")
    assert response["Location"].startswith(QUEUE)


def test_settings_are_ones_own(carol, thread):
    assert html(carol, f"{QUEUE}preferences/").count("checked") == 1
    carol.post(f"{QUEUE}preferences/", {})
    assert list(Preference.objects.values_list("user__username", "digest")) == [("carol", False)]


def press(client: Client, action: str, *rows: Thread, **more) -> str:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "1", **more}
    return client.post(THREADS, chosen, follow=True).content.decode()


def test_closing_opening_and_hiding_threads(client, carol, thread):
    other = StatementFactory().thread
    assert "2 closed." in press(carol, "close", thread, other)
    assert "1 left as they were" in press(carol, "close", thread)
    assert "Comments are now closed." in html(client, thread.statement.get_absolute_url())
    assert "1 opened." in press(carol, "open", thread)
    assert "1 hidden." in press(carol, "hide", other)
    assert list(Thread.objects.order_by("pk").values_list("mode", flat=True)) == ["open", "hidden"]
    assert log() == ["Closed the comments.", "Closed the comments.", "Opened the comments.", "Hid the comments."]


@pytest.mark.parametrize("number", [1, 21])
def test_threads_are_asked_about_for_they_have_no_undo(carol, number):
    rows = [StatementFactory().thread for _ in range(number)]
    assert f"{number} chosen." in press(carol, "close", *rows, confirmed=[])
    assert Thread.objects.filter(mode="closed").count() == 0
    press(carol, "close", *rows)
    assert Thread.objects.filter(mode="closed").count() == number


@pytest.mark.parametrize("action", ["close", "open", "hide"])
def test_threads_ask_for_the_permission(thread, action):
    if action == "open":
        threads.close(thread=thread)
    press(staff("audrey"), action, thread)
    assert log() == []
    press(staff("dave", "change_thread"), action, thread)
    assert len(log()) == 1


def test_the_list_of_threads_tells_how_each_stands(carol, thread):
    comment(thread)
    comment(thread, "published")
    page = html(carol, THREADS)
    assert re.findall(r'class="field-(?:standing|readers_see)">(.*?)<', page) == ["Open", "1"]
    assert f'<a href="../comment/?like=thread-{thread.pk}&amp;state=waiting">1</a>' in page
    threads.close(thread=thread, at=thread.statement.published_at)
    assert re.search(r'class="field-standing">Closed \d', html(carol, THREADS))


def test_rules_of_a_thread_are_kept_with_a_record(carol, thread):
    url = f"{THREADS}{thread.pk}/change/"
    page = html(carol, url)
    assert re.findall(r'<button type="submit">(\w+)</button>', page)[:2] == ["Close", "Hide"]
    typed = {"closed_message": "Thank you all.", "links_allowed": "2", "closes_at_0": "", "closes_at_1": ""}
    assert carol.post(url, typed).status_code == 302
    thread.refresh_from_db()
    assert (thread.closed_message, thread.links_allowed, thread.mode) == ("Thank you all.", 2, "open")
    assert log() == ["Changed the rules of the comments."]


def test_rules_of_all_threads_are_one_page(carol, thread):
    assert carol.get("/admin/comments/siterules/")["Location"] == "/admin/comments/siterules/1/change/"
    url = "/admin/comments/siterules/1/change/"
    typed = {
        "approve": "everybody", "trusted_after": "2", "links_allowed": "1", "depth": "2", "order": "oldest",
        "per_page": "20", "close_after_days": "14", "reports_hide": "5", "watched_words": "grim", "refused_words": "",
    }  # fmt: skip
    assert carol.post(url, {**typed, "approve": ""}).status_code == 200
    before = thread.statement.changed_at
    assert carol.post(url, typed).status_code == 302
    assert SiteRules.objects.values_list("approve", "close_after_days", "watched_words").get() == (
        "everybody",
        14,
        "grim",
    )
    thread.statement.refresh_from_db()
    assert thread.statement.changed_at > before
    assert [client.get("/admin/comments/siterules/add/").status_code for client in (carol,)] == [403]


def test_records_name_no_writer(carol, thread):
    row = comment(thread, author_name="Canary Name", body="Canary words")
    for verb in ("approve", "spam", "bin"):
        carol.post(f"{QUEUE}{row.pk}/{verb}/")
    entries = LogEntry.objects.values_list("object_repr", "change_message")
    assert len(entries) == 3
    assert "Canary" not in str(list(entries))
    assert User.objects.get().username == "carol"
