"""Pinned queries: one row, three rows and 5,000 comments cost the same; and a page stays a page."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import pages, threads
from comments.models import Comment, Thread
from tests.factories import CommentFactory

pytestmark = pytest.mark.django_db
URL = "/statements/libraries/comments/"


FILL = """
WITH tops AS (
    INSERT INTO comments_comment (thread_id, state, source, author_name, body, created_at, confirmed_at, published_at)
    SELECT %(thread)s, 'published', 'import', 'Reader ' || n, rtrim(repeat('Words ' || n || ' ', 20)),
        now() - (9000 - n) * interval '1 minute', now(), now()
    FROM generate_series(%(first)s, %(last)s) n RETURNING id
)
INSERT INTO comments_comment (thread_id, state, source, author_name, body, parent_id, confirmed_at, published_at)
SELECT %(thread)s, 'published', 'import', 'A', 'Answer ' || id, id, now(), now() FROM tops LIMIT %(replies)s
"""


def fill(thread: Thread, number: int, replies: int = 0) -> None:
    """`number` published comments, `replies` of them answers to the others, one each."""
    first, tops = thread.comments.count(), number - replies
    values = {"thread": thread.pk, "first": first, "last": first + tops - 1, "replies": replies}
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
    threads.recount(thread)


PINNED = {URL: 5, f"{URL}feed/": 4}


@pytest.mark.parametrize("url", PINNED)
def test_queries_do_not_grow(client, thread, url, settings):
    counts = []
    for number in (1, 2, 4997):
        fill(thread, number, replies=1000 if number > 2 else 0)
        counts.append(cold(client, url))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] == PINNED[url]


def cold(client, url: str) -> int:
    """How many queries a page costs that nobody has kept."""
    client.get(url)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_pages_of_5000_comments_stay_small_and_quick(client, thread):
    fill(thread, 5000, replies=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    page = client.get(URL).content.decode()
    assert (page.count('<li class="comment'), ">Comments (5,000)" in page) == (100, True)
    last = Comment.objects.roots().order_by("-created_at").first()
    with CaptureQueriesContext(connection) as captured:
        page = client.get(last.get_absolute_url().partition("#")[0]).content.decode()
    assert f'id="comment-{last.pk}"' in page
    assert sum(float(query["time"]) for query in captured) < 0.5


def test_the_last_page_reads_no_more_than_the_first(thread):
    fill(thread, 5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
        middle = Comment.objects.roots().order_by("created_at")[4000]
        rows = Comment.objects.roots().filter(thread=thread, created_at__gte=middle.created_at)
        plan = rows.order_by("created_at", "id")[:51].explain()
    assert "comment_roots" in plan


def test_the_queue_costs_the_same_for_one_and_for_many(admin_client, thread):
    counts = []
    for number in (1, 3, 30):
        for _ in range(number):
            CommentFactory(statement=thread.statement, state="waiting")
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get("/admin/comments/comment/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 15


def test_the_threads_cost_the_same_for_one_and_for_three(admin_client):
    counts = []
    for number in (1, 2):
        for _ in range(number):
            CommentFactory(state="waiting")
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get("/admin/comments/thread/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12


def test_the_thread_adds_three_queries_to_the_statements_page(thread):
    fill(thread, 200)
    with CaptureQueriesContext(connection) as captured:
        pages.section(thread.statement, {}, {"off": {}})
    assert len(captured) == 3
