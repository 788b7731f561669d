"""A post of WordPress becomes a statement's draft with its comments, and its old addresses lead there."""

import io

import pytest

from comments.models import Comment
from core.models import Redirect
from exchange import running, staging
from exchange.files import Unreadable
from petitions.models import Statement
from petitions.statements import publishing
from tests.exchange import lists

pytestmark = pytest.mark.django_db

COMMENTS = [
    lists.comment(9, by="Bo", parent=4, body="<blockquote>I agree.</blockquote>So do I"),
    lists.comment(4, by="Ada", body="I agree.\nTruly."),
    lists.comment(5, by="Elsewhere", kind="pingback"),
    lists.comment(6, by="Binned", approved="trash"),
    lists.comment(7, by="Waits", approved="0"),
    lists.comment(8, by="Deeper", parent=9, body="<ol><li>One</li><li>Two</li></ol>"),
]


def test_a_post_comes_with_its_thread_in_order_and_goes_back_as_a_whole(client):
    listed = lists.bring_in(lists.read(lists.wxr(*COMMENTS), name="old.xml"))
    statement = Statement.objects.get()
    assert (statement.title, statement.status) == ("Keep the library open", "draft")
    assert statement.versions.get().body == "<p>We ask the council.</p>"
    found = Comment.objects.order_by("pk").values_list("author_name", "body", "parent__author_name", "state")
    assert list(found) == [
        ("Ada", "I agree.\nTruly.", None, "published"),
        ("Bo", "> I agree.\n\nSo do I", "Ada", "published"),
        ("Deeper", "1. One\n2. Two", "Ada", "published"),
        ("Waits", "I agree.", None, "waiting"),
    ]
    assert [status for _line, status, _why in lists.outcome(listed)] == ["in", "in", "in", "skipped", "skipped", "in"]
    publishing.publish(statement=statement)
    old = "/2021/07/keep-the-library-open/"
    assert client.get(old)["Location"] == statement.get_absolute_url()
    assert client.get(f"{old}comment-page-2/")["Location"] == f"{statement.get_absolute_url()}comments/"
    assert client.get(f"{old}comment-9/")["Location"] in Comment.objects.get(author_name="Bo").get_absolute_url()
    assert running.undo(listed=listed) == 0
    assert (Comment.objects.count(), Statement.objects.count()) == (0, 1)  # it was published since


def test_a_draft_that_nobody_touched_goes_with_the_undo():
    listed = lists.bring_in(lists.read(lists.wxr(*COMMENTS), name="old.xml"))
    running.undo(listed=listed)
    assert (Statement.objects.count(), Comment.objects.count(), Redirect.objects.count()) == (0, 0, 0)


def test_an_export_in_several_files_is_one(statement):
    parts = [lists.wxr(lists.comment(9, parent=4, by="Bo")), lists.wxr(lists.comment(4, by="Ada"))]
    listed = staging.read_in(chosen=[("x.xml", io.BytesIO(part.encode())) for part in parts], statement=statement)
    lists.bring_in(listed)
    assert list(Comment.objects.order_by("pk").values_list("author_name", "parent__author_name")) == [
        ("Ada", None), ("Bo", "Ada")]  # fmt: skip
    again = staging.read_in(chosen=[("x.xml", io.BytesIO(part.encode())) for part in parts], statement=statement)
    lists.bring_in(again)
    assert (Comment.objects.count(), [row[1] for row in lists.outcome(again)]) == (2, ["here", "here"])


def test_of_several_posts_one_is_named():
    other = lists.wxr(title="Another", post=12).partition("<item>")[2].partition("</item>")[0]
    both = lists.wxr(more=f"<item>{other}</item>".replace("keep-the-library-open/", "another/"))
    with pytest.raises(Unreadable) as refused:
        lists.read(both)
    assert str(refused.value) == (
        "There are 2 posts in it. Give the title or the address of the one to bring in, such as: "
        "“Keep the library open”; “Another”."
    )
    assert lists.read(both, post="another").columns["title"] == "Another"
    assert lists.read(both, post="https://old.example.org/2021/07/another/").columns["title"] == "Another"
