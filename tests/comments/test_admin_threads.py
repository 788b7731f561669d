"""The staff pages of threads: closing, opening and hiding them, and the rules of one and of all."""

import re

import pytest
from django.test import Client

from comments import threads
from comments.models import SiteRules, Thread
from tests.comments.making import comment, html
from tests.factories import StatementFactory
from tests.staff import log, staff, superuser

pytestmark = pytest.mark.django_db
THREADS = "/admin/comments/thread/"


@pytest.fixture
def carol() -> Client:
    return superuser("carol")


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
    assert re.findall(r'class="field-(?:status|readers_see)">(.*?)<', page) == ["Open", "1"]
    assert f'<a href="../comment/?like=thread-{thread.pk}&amp;state=waiting">1</a>' in page
    threads.close(thread=thread, at=thread.statement.published_at)
    assert re.search(r'class="field-status">Closed \d', html(carol, THREADS))


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
    assert carol.post(url, {**typed, "approve": ""}).status_code == 422
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
