"""The staff pages of comments: who may press what, what it does, and what is written down."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from comments import reporting, threads
from comments.models import Comment, Preference
from core import search
from mail.models import OutgoingEmail
from tests.comments.making import comment, html
from tests.factories import CommentFactory, SignatureFactory, StatementFactory
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
QUEUE = "/admin/comments/comment/"
VERBS = {"approve": "published", "spam": "spam", "bin": "binned"}
FORMS = {
    "reply": {"body": "Thank you.", "name": "Eastside Campaign"},
    "edit": {"body": "Mended.", "name": "Reader"},
    "decline": {"why": "it attacks a person", "tell": "on"},
}


@pytest.fixture
def carol() -> Client:
    return superuser("carol")


def shown(client: Client, query: str = "") -> list[str]:
    return re.findall(r'class="card-who">.*?<bdi>(.*?)</bdi>', html(client, f"{QUEUE}{query}"), re.DOTALL)


def test_tabs_show_and_count_each_state(carol, thread):
    for state in ("waiting", "waiting", "published", "spam", "binned"):
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
    assert len(shown(carol, "?state=all")) == 6


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


def test_records_name_no_writer(carol, thread):
    row = comment(thread, author_name="Canary Name", body="Canary words")
    for verb in ("approve", "spam", "bin"):
        carol.post(f"{QUEUE}{row.pk}/{verb}/")
    entries = LogEntry.objects.values_list("object_repr", "change_message")
    assert len(entries) == 3
    assert "Canary" not in str(list(entries))
    assert User.objects.get().username == "carol"


def test_the_queue_is_searched_as_people_look_for_names(carol, thread):
    comment(thread, author_name="José Nuñez O’Hara", body="Die Bäder sind schön.", author_email="jose@example.org")
    comment(thread, author_name="Zzz Yyy", body="Nothing of it.", author_email="zzz@example.org")
    terms = ["nunez", "ohara jose", "bader", "jose schon", "JOSE@example.org", " "]
    pages = {term: carol.get("/admin/comments/comment/", {"q": term}).context["cards"] for term in terms}
    assert {term: len(cards) for term, cards in pages.items()} == dict.fromkeys(terms, 1) | {" ": 2}


def test_words_among_many_comments_are_found_by_an_index():
    CommentFactory()
    sql, values = search.found(Comment.objects.all(), ["author_name", "body"], "nunez").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # of a few rows; of a million nobody reads all
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        plan = str(cursor.fetchone())
    assert plan.count("comment_said") == 2
