"""Nothing that its person took back is kept to be told."""

import pytest

from core import chores
from integrations import forgetting
from integrations.models import Cursor, Endpoint, WebhookEvent
from mail.models import OutgoingRequest
from mail.outbound import sending
from petitions.models import Signature
from tests.factories import CommentFactory
from tests.integrations.test_noticing import ago, sign

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("listens", [["signature.agreed"], ["signature.agreed", "signature.withdrawn"], None])
def test_a_withdrawn_signature_is_forgotten_whoever_listens(told, endpoint, statement, listens, settings):
    first, second = sign(statement, name="Amina Yusuf"), sign(statement)
    told()
    if listens is None:
        Endpoint.objects.update(off_at=ago(minutes=1))
    else:
        Endpoint.objects.update(events=listens)
    Cursor.objects.update(since=ago(hours=1))
    long_ago = ago(minutes=settings.WITHDRAWN_MINUTES + 5)  # the worker was away, and its first round deletes the row
    Signature.objects.filter(pk=first.pk).update(state="withdrawn", withdrawn_at=long_ago)
    chores.run_all()
    assert not Signature.objects.filter(pk=first.pk).exists()
    kept = WebhookEvent.objects.filter(type="signature.agreed").values_list("subject_id", flat=True)
    assert list(kept) == [second.pk]
    is_told = WebhookEvent.objects.filter(type="signature.withdrawn", subject_id=first.pk).exists()
    assert is_told == (listens is not None and "signature.withdrawn" in listens)


@pytest.mark.parametrize("how", ["removed", "anonymised", "erased"])
def test_of_a_signature_that_stands_no_longer_nothing_is_kept(told, statement, how):
    gone, stays = sign(statement, name="Amina Yusuf"), sign(statement)
    told()
    mine = Signature.objects.filter(pk=gone.pk)
    mine.delete() if how == "erased" else mine.update(state=how)
    assert forgetting.forget_gone() == 1
    kept = WebhookEvent.objects.filter(type="signature.agreed").values_list("subject_id", flat=True)
    assert list(kept) == [stays.pk]


def test_what_was_forgotten_is_not_sent_any_more(told, other, endpoint, statement):
    sign(statement)
    told()
    Signature.objects.update(state="withdrawn", withdrawn_at=ago(seconds=1))
    chores.run_all()
    sending.send_what_is_due()
    assert sorted(OutgoingRequest.objects.values_list("state", "outcome")) == [("sent", ""), ("skipped", "forgotten")]
    assert [b"signature.withdrawn" in request for request in other.heard] == [True]


@pytest.mark.parametrize("how", [{"state": "binned"}, {"hidden_at": ago(minutes=1)}])
def test_a_comment_that_is_taken_away_is_forgotten(told, statement, how, monkeypatch):
    monkeypatch.setattr(chores, "_not_before", {})
    gone, stays = (CommentFactory(statement=statement, published_at=ago(minutes=5)) for _ in range(2))
    told()
    type(gone).objects.filter(pk=gone.pk).update(**how)
    chores.run_all()
    kept = WebhookEvent.objects.filter(type="comment.published").values_list("subject_id", flat=True)
    assert list(kept) == [stays.pk]
