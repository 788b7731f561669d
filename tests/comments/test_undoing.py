"""Undoing brings back what stood before, to the letter: hidden stays hidden, and mail that was stopped goes later."""

import pytest
from django.utils import timezone

from comments import moderation, reporting
from comments.models import Comment, Report
from mail import kinds
from mail.models import OutgoingEmail
from mail.outbox import Skip
from tests.comments.making import comment
from tests.staff import log, staff

pytestmark = pytest.mark.django_db
QUEUE = "/admin/comments/comment/"


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


def mails() -> list[str]:
    return list(OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True))


def test_whoever_is_approved_again_after_an_undo_is_told(thread):
    row = comment(thread)
    row.refresh_from_db()
    published_at = row.published_at
    moderation.approve(comment=row)
    moderation.undo(comment=row)
    row.refresh_from_db()
    assert (mails(), row.published_at, published_at) == ([], None, None)
    moderation.approve(comment=row)
    assert mails() == ["comment_published"]


def test_whoever_was_told_already_is_not_told_twice(thread):
    row = comment(thread)
    moderation.approve(comment=row)
    OutgoingEmail.objects.update(state="sent")
    moderation.undo(comment=row)
    moderation.approve(comment=row)
    assert mails() == ["comment_published"]


def test_undoing_a_later_decision_leaves_the_mail_of_an_earlier_one(thread):
    row = comment(thread)
    moderation.approve(comment=row)
    moderation.bin(comment=row)
    moderation.undo(comment=row)
    row.refresh_from_db()
    assert (mails(), row.state, row.published_at is not None) == (["comment_published"], "published", True)


def test_who_was_declined_by_mistake_and_binned_without_a_word_hears_nothing(thread):
    row = comment(thread)
    moderation.decline(comment=row, reason="it reads like an advert", tell=True)
    (queued,) = OutgoingEmail.objects.all()
    assert queued.context == {"comment": row.pk}
    moderation.undo(comment=row)
    assert mails() == []
    moderation.decline(comment=row, reason="it reads like an advert", tell=True)
    moderation.approve(comment=row)
    moderation.bin(comment=row)
    declined = OutgoingEmail.objects.get(kind="comment_declined")
    assert kinds.find("comment_declined").build(declined) == Skip("no longer so")


@pytest.mark.parametrize("is_hidden", [True, False])
def test_keeping_a_reported_comment_is_undone(thread, is_hidden):
    mo, row = staff("mo", "view_comment", "change_comment"), comment(thread, "published")
    for key in "abc" if is_hidden else "a":
        reporting.report(comment=row, reason="abuse", ip_key=key)
    row.refresh_from_db()
    before = (row.hidden_at, row.reports.count())
    assert 'class="undo"' in mo.post(f"{QUEUE}{row.pk}/keep/", follow=True).content.decode()
    assert Comment.objects.visible().count() == 1
    assert "Undone." in mo.post(f"{QUEUE}undo/", follow=True).content.decode()
    row.refresh_from_db()
    thread.refresh_from_db()
    assert (row.hidden_at, Report.objects.filter(looked_at=None).count()) == before
    assert (thread.published, log()[-1]) == (int(not is_hidden), "Opened the reports again.")
    assert "There is nothing to undo." in mo.post(f"{QUEUE}undo/", follow=True).content.decode()


def test_keeping_is_not_undone_once_somebody_has_decided(thread):
    row = comment(thread, "published")
    reporting.report(comment=row, reason="abuse", ip_key="a")
    reporting.keep(comment=row)
    moderation.bin(comment=row)
    with pytest.raises(moderation.NothingToUndo):
        reporting.look_again(comment=row, hidden_at=None)
    assert Report.objects.filter(looked_at=None).count() == 0
