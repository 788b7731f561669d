"""Undoing brings back what stood before, to the letter: hidden stays hidden, and mail that was stopped goes later."""

import pytest
from django.utils import timezone

from comments import moderation, threads
from comments.models import Comment, Thread
from tests.factories import CommentFactory, StatementFactory
from tests.staff import staff

pytestmark = pytest.mark.django_db
QUEUE = "/admin/comments/comment/"


@pytest.fixture
def thread() -> Thread:
    return StatementFactory().thread


def comment(thread: Thread, state: str = "waiting", **values) -> Comment:
    made = CommentFactory(statement=thread.statement, state=state, **values)
    threads.recount(thread)
    return made


@pytest.mark.parametrize("verb", [moderation.unapprove, moderation.spam, moderation.bin])
def test_what_reports_hid_is_hidden_again(thread, verb):
    row = comment(thread, "published", hidden_at=timezone.now())
    verb(comment=row)
    moderation.undo(comment=row)
    row.refresh_from_db()
    thread.refresh_from_db()
    assert (row.state, row.is_visible, thread.published) == ("published", False, 0)


def test_a_card_calls_hidden_what_is_hidden_and_binned_what_is_binned(thread):
    mo, row = staff("mo", "view_comment", "change_comment"), comment(thread, "published", hidden_at=timezone.now())
    assert "Hidden by reports" in mo.get(f"{QUEUE}?state=all").content.decode()
    moderation.bin(comment=row)
    page = mo.get(f"{QUEUE}?state=all").content.decode()
    assert ("Hidden by reports" in page, "In the bin" in page) == (False, True)
