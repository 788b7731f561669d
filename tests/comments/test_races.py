"""Two at once: one press counts, and of a decision and an agreeing the second sees what the first did."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from comments import moderation, posting
from comments.models import Comment
from tests.comments.making import approved, ask

pytestmark = pytest.mark.django_db(transaction=True)


def first_and_second(first: Callable[[], object], second: Callable[[], object]) -> object:
    """What `second` returns, having begun when `first` was done and not yet committed."""
    begun = threading.Event()

    def late() -> object:
        begun.wait()
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(late)
        with transaction.atomic():
            first()
            begun.set()
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        return waiting.result(timeout=10)


def test_a_mailbox_called_spam_at_this_moment_gets_nothing_straight_in(thread):
    spam = approved(thread, body="Buy.")
    asked = ask(thread, body="Hello.")
    done = first_and_second(lambda: moderation.spam(comment=spam), lambda: posting.agree(submission_id=asked.pk))
    assert (done.state, done.held_reason) == ("waiting", "Spam came from this mailbox before")


def test_whoever_calls_it_spam_waits_for_an_agreeing(thread):
    spam = approved(thread, body="Buy.")
    asked = ask(thread, body="Hello.")
    first_and_second(lambda: posting.agree(submission_id=asked.pk), lambda: moderation.spam(comment=spam))
    assert list(Comment.objects.order_by("pk").values_list("state", flat=True)) == ["spam", "published"]


def test_one_submission_agreed_twice_at_once_is_one_comment(thread):
    asked = ask(thread)
    agree = lambda: posting.agree(submission_id=asked.pk)  # noqa: E731  said twice
    assert first_and_second(agree, agree) is None
    assert Comment.objects.count() == 1


def test_the_same_words_agreed_at_once_are_one_comment(thread):
    one, other = ask(thread), ask(thread)
    found = first_and_second(lambda: posting.agree(submission_id=one.pk), lambda: posting.agree(submission_id=other.pk))
    assert found == Comment.objects.get()
