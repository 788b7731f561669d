"""Nobody is dropped in silence: the clock deletes what nobody decided about when its sender has been told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import retention, threads
from comments.models import Comment
from mail import outbox
from mail.models import OutgoingEmail
from organisations import chores, deciding
from organisations.models import Endorsement
from tests.factories import CommentFactory, EndorsementFactory
from tests.mailserver import deliver, subject_of, text_of

pytestmark = pytest.mark.django_db
KINDS = {
    "endorsement": (EndorsementFactory, Endorsement, chores.delete_undecided, "contact_email"),
    "comment": (CommentFactory, Comment, retention.delete_undecided, "author_email"),
}


@pytest.fixture(params=sorted(KINDS))
def waiting(request, settings):
    """Two that wait, one of them for too long; the model and what the clock does."""
    make, model, clock, address = KINDS[request.param]
    fresh, old = (make(state="waiting", **{address: name}) for name in ("bo@example.org", "amina@example.org"))
    long_ago = timezone.now() - timedelta(days=settings.UNDECIDED_DAYS + 1)
    model.objects.filter(pk=old.pk).update(confirmed_at=long_ago)
    return old, fresh, model, clock


def mails():
    return list(OutgoingEmail.objects.order_by("pk").values_list("kind", "recipient", "state"))


def test_it_goes_only_after_a_mail_that_says_so(waiting, server):
    old, fresh, model, clock = waiting
    assert (clock(), clock()) == (0, 0)
    kind = f"{old._meta.model_name}_undecided"
    assert mails() == [(kind, "amina@example.org", "queued")]
    assert model.objects.count() == 2
    deliver()
    [mail] = server.received
    assert (mail["To"], subject_of(mail).startswith("We could not decide about")) == ("amina@example.org", True)
    assert "is deleted now" in text_of(mail)
    assert "again" in text_of(mail)
    assert (clock(), clock()) == (1, 0)
    assert list(model.objects.values_list("pk", flat=True)) == [fresh.pk]


def test_who_asked_for_no_mail_gets_none_and_who_has_no_mailbox_either(waiting, server):
    _old, _fresh, model, clock = waiting
    outbox.suppress("amina@example.org")
    clock()
    deliver()
    assert (server.received, clock(), model.objects.count()) == ([], 1, 1)


def test_a_comment_without_an_address_just_goes(settings):
    CommentFactory(state="waiting", author_email="", confirmed_at=timezone.now() - timedelta(days=999))
    assert (retention.delete_undecided(), mails()) == (1, [])


def test_what_was_decided_in_time_stays_and_is_told_anew_when_that_is_undone(settings, server):
    old = timezone.now() - timedelta(days=settings.UNDECIDED_DAYS + 1)
    endorsement = EndorsementFactory(state="waiting", confirmed_at=old)
    chores.delete_undecided()
    deciding.approve(endorsement=endorsement)
    OutgoingEmail.objects.exclude(kind="endorsement_undecided").delete()
    deliver()
    assert [state for _, _, state in mails()] == ["skipped"]
    assert (chores.delete_undecided(), Endorsement.objects.count()) == (0, 1)
    Endorsement.objects.update(state="waiting")
    assert (chores.delete_undecided(), [state for _, _, state in mails()]) == (0, ["skipped", "queued"])


def test_a_comment_that_waits_when_its_thread_is_forgotten_goes_with_a_word(settings, server):
    comment = CommentFactory(state="waiting")
    threads.close(thread=comment.thread, at=timezone.now() - timedelta(days=settings.COMMENT_EMAIL_DAYS + 1))
    assert (retention.forget_writers(), retention.delete_undecided()) == (0, 0)
    deliver()
    assert len(server.received) == 1
    assert (retention.delete_undecided(), Comment.objects.count()) == (1, 0)
