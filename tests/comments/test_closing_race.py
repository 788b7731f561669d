"""At the closing second the database decides: nothing is written later than the closing, whoever presses when."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.test import Client

from comments import threads
from comments.models import CommentSubmission, Thread
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/statements/libraries/comments/"
WRITERS = 6


@pytest.fixture
def thread() -> Thread:
    thread = StatementFactory(slug="libraries").thread
    assert Client().post(URL, {"name": "First", "email": "first@example.org", "body": "First."}).status_code == 303
    return thread


def write_until_closed(number: int, started: threading.Event, deadline: float) -> list[int]:
    """Post as fast as the site answers, and a little longer than it takes; the answers in order."""
    client, answers = Client(), []
    started.wait()
    while time.monotonic() < deadline and answers.count(409) < 3:
        typed = {"name": "Writer", "email": f"w{number}-{len(answers)}@example.org", "body": f"{number} {len(answers)}"}
        answers.append(client.post(URL, typed).status_code)
    connection.close()
    return answers


def everybody_writes(until: float) -> tuple[ThreadPoolExecutor, list, threading.Event]:
    pool = ThreadPoolExecutor(WRITERS)
    started = threading.Event()
    deadline = time.monotonic() + until
    return pool, [pool.submit(write_until_closed, number, started, deadline) for number in range(WRITERS)], started


def outcome(pool: ThreadPoolExecutor, writers: list) -> list[list[int]]:
    answers = [writer.result() for writer in writers]
    pool.shutdown()
    for mine in answers:
        assert set(mine) <= {303, 409}, mine
        assert mine == sorted(mine), "nobody gets in again once it was closed"
    return answers


def test_by_date(thread, settings):
    pool, writers, started = everybody_writes(until=20)
    Thread.objects.update(closes_at=Now() + timedelta(seconds=1.5))
    started.set()
    answers = outcome(pool, writers)
    thread.refresh_from_db()
    last = CommentSubmission.objects.aggregate(last=Max("created_at"))["last"]
    assert last < thread.closes_at
    assert sum(mine.count(303) for mine in answers) == CommentSubmission.objects.count() - 1 > WRITERS
    assert sum(409 in mine for mine in answers) == WRITERS


def test_by_hand(thread):
    pool, writers, started = everybody_writes(until=20)
    started.set()
    time.sleep(1)
    threads.close(thread=thread)
    answers = outcome(pool, writers)
    thread.refresh_from_db()
    last = CommentSubmission.objects.aggregate(last=Max("created_at"))["last"]
    assert last < thread.closed_at
    assert sum(mine.count(303) for mine in answers) == CommentSubmission.objects.count() - 1 > WRITERS
    assert sum(409 in mine for mine in answers) == WRITERS
