"""A link to a comment leads to a page that shows it, wherever it stands by then. Source: typehero#738, lobsters#643."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment
from petitions.statements import publishing
from tests.factories import CommentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(thread):
    """Thirty comments that stand by themselves; the fifth has thirty answers."""
    now = timezone.now()

    def write(number, parent=None):
        comment = CommentFactory(
            thread=thread, parent=parent, state="published", published_at=now, author_name=f"Writer {number}",
            body=f"Words {number} {parent and parent.pk}",
        )  # fmt: skip
        # Two share each moment, so that the id must break ties.
        Comment.objects.filter(pk=comment.pk).update(created_at=now + timedelta(seconds=number // 2))
        return comment

    roots = [write(number) for number in range(30)]
    return roots, [write(number, roots[4]) for number in range(30)]


def shown(page):
    return [int(number) for number in re.findall(r'id="comment-(\d+)"', page.content.decode())]


def test_every_comment_and_every_answer_is_on_the_page_of_its_link(client, said):
    roots, answers = said
    for comment in [*roots, *answers]:
        page = client.get(comment.get_absolute_url().partition("#")[0])
        assert (page.status_code, comment.pk in shown(page)) == (200, True)


def test_the_feed_leads_there_from_an_old_slug_too(client, thread, said):
    _, answers = said
    old = answers[24].get_absolute_url().partition("#")[0]
    publishing.rename_slug(statement=thread.statement, slug="new")
    page = client.get(old, follow=True)
    assert (page.redirect_chain[0][1], answers[24].pk in shown(page)) == (301, True)


def test_a_late_answer_begins_its_page_and_one_can_go_to_the_first(client, said):
    roots, answers = said
    page = client.get(answers[24].get_absolute_url().partition("#")[0])
    assert shown(page)[:2] == [roots[4].pk, answers[24].pk]
    (first,) = re.findall(r'href="([^"]*)"[^>]*>First answers', page.content.decode())
    assert shown(client.get(first.replace("&amp;", "&")))[:2] == [roots[4].pk, answers[0].pk]


def test_a_removed_one_says_so(client, thread, said):
    roots, _ = said
    Comment.objects.filter(pk=roots[9].pk).update(state="binned", body="", author_name="")
    page = client.get(roots[9].get_absolute_url().partition("#")[0])
    assert (page.status_code, roots[9].pk in shown(page)) == (410, False)
    assert "The comment you followed a link to was removed." in page.content.decode()


def test_a_removed_one_that_was_answered_keeps_its_place_and_all_its_answers(client, said):
    roots, answers = said
    Comment.objects.filter(pk=roots[4].pk).update(state="binned")
    for comment in (roots[4], answers[3], answers[27]):
        page = client.get(comment.get_absolute_url().partition("#")[0])
        text = page.content.decode()
        assert (page.status_code, comment.pk in shown(page)) == (200, True)
        assert ("This comment is no longer here." in text, f"Words 4 {None}" in text) == (True, False)
        assert "Answer <bdi>" not in text
        assert "All answers to" not in text
    every = client.get(f"{thread_url(roots[4])}?to={roots[4].pk}").content.decode()
    assert ("Answers to a comment that is no longer here" in every, "Your answer" in every) == (True, False)


def thread_url(comment):
    return comment.get_absolute_url().partition("?")[0]


@pytest.mark.parametrize("state", ["waiting", "spam"])
def test_nothing_is_told_of_one_that_nobody_could_read(client, said, state):
    roots, _ = said
    secret = CommentFactory(thread=roots[0].thread, state=state, body="Canary", published_at=None)
    known = client.get(f"{thread_url(roots[0])}?at={secret.pk}")
    unknown = client.get(f"{thread_url(roots[0])}?at={secret.pk + 999}")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert "Canary" not in known.content.decode()


@pytest.mark.parametrize("nonsense", ["x", "", "٣", "-1", "9" * 30, "1.0", "%00"])
def test_nonsense_is_the_first_page(client, said, nonsense):
    first = client.get(thread_url(said[0][0]))
    page = client.get(f"{thread_url(said[0][0])}?at={nonsense}")
    assert (page.status_code, shown(page)) == (200, shown(first))
