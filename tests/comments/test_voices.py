"""Voices: comments that the campaigner chose stand near the form, and only as long as everybody may read them."""

import pytest

from comments import moderation, voices
from comments.models import Comment
from tests.factories import CommentFactory, StatementFactory
from tests.staff import log, superuser

pytestmark = pytest.mark.django_db


def shown(client, statement) -> list[str]:
    html = client.get(statement.get_absolute_url()).content.decode()
    section = html.partition('id="voices"')[2].partition("</section>")[0]
    return [part.partition("</p>")[0] for part in section.split('<blockquote dir="auto"><p>')[1:]]


def test_only_what_everybody_reads_is_chosen_and_shown(client):
    statement = StatementFactory()
    first, second, waiting = (
        CommentFactory(thread=statement.thread, body=body, state=state)
        for body, state in [("One desk.", "published"), ("A & b", "published"), ("Not yet", "waiting")]
    )
    assert shown(client, statement) == []
    voices.choose(comment=first)
    voices.choose(comment=second)
    with pytest.raises(voices.NotPublic):
        voices.choose(comment=waiting)
    assert shown(client, statement) == ["A &amp; b", "One desk."]
    moderation.unapprove(comment=second)
    assert shown(client, statement) == ["One desk."]
    voices.leave_out(comment=first)
    assert shown(client, statement) == []


def test_the_desk_chooses_and_records_it():
    statement = StatementFactory()
    comment = CommentFactory(thread=statement.thread, state="published")
    desk = superuser("carol")
    desk.post(f"/admin/comments/comment/{comment.pk}/choose/")
    assert Comment.objects.get().chosen_at is not None
    assert log()[-1] == "Chosen to stand near the form."
    desk.post(f"/admin/comments/comment/{comment.pk}/leave_out/")
    assert Comment.objects.get().chosen_at is None
