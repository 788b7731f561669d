"""What became of a mailing: sums that stay, of what was sent, came back, was reported; and rests and goes on."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.utils import timezone

from mail import claiming, returns
from mail.models import OutgoingEmail
from petitions.models import Mailing, Signature, Update
from petitions.news import results, updates
from tests.factories import StatementFactory
from tests.petitions.news.making import begin, queue_all, signers

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


@pytest.fixture
def update(statement):
    published = timezone.now() - timedelta(hours=1)
    body = "<p>We handed it in.</p>"
    return Update.objects.create(statement=statement, title="Handed in", slug="in", body=body, published_at=published)


def mails():
    return OutgoingEmail.objects.filter(lane=3).order_by("pk")


def test_what_came_back_and_what_was_reported_is_counted_and_stays(statement, update):
    signers(statement, 4)
    mailing = begin(update)
    queue_all()
    call_command("worker", once=True)
    first, second, _third, _fourth = mails()
    returns.came_back(uuid=first.uuid, fate="bounced", status="5.1.1")
    returns.came_back(uuid=second.uuid, fate="complained")
    expected = results.Progress(queued=4, sent=4, skipped=0, failed=0, bounced=1, complained=1, waiting=0, left=1)
    assert results.progress(mailing) == expected
    assert results.sum_up() == 0
    mails().delete()
    mailing.refresh_from_db()
    assert results.progress(mailing) == expected


def test_who_reports_a_mail_gets_no_more_news_of_it(statement, update):
    (signature,) = signers(statement, 1)
    begin(update)
    queue_all()
    call_command("worker", once=True)
    returns.came_back(uuid=mails().get().uuid, fate="complained")
    assert Signature.objects.values_list("email_updates", "state").get(pk=signature.pk) == (False, "confirmed")


def test_a_colleague_who_reports_a_test_leaves_nothing(statement, update):
    updates.send_test(update=update, to="carol@example.org")
    call_command("worker", once=True)
    assert returns.came_back(uuid=OutgoingEmail.objects.get().uuid, fate="complained") is True


def test_a_pause_holds_what_is_queued_and_what_would_be_and_both_go_on(statement, update, monkeypatch):
    signers(statement, 5)
    monkeypatch.setattr(updates, "BATCH", 3)
    mailing = begin(update)
    assert updates.queue_batch() == 3
    updates.pause(update=update)
    updates.pause(update=update)
    assert updates.queue_batch() == 0
    call_command("worker", once=True)
    assert [message.subject for message in outbox.outbox] == ["Test: Handed in"]
    found = results.progress(mailing)
    assert (found.queued, found.waiting, found.sent) == (3, 3, 0)
    updates.resume(update=update)
    assert queue_all() == [2]
    call_command("worker", once=True)
    found = results.progress(mailing)
    assert (found.queued, found.waiting, found.sent) == (5, 0, 5)


def test_what_a_worker_held_when_it_was_paused_waits_as_well(statement, update):
    signers(statement, 1)
    begin(update)
    queue_all()
    Mailing.objects.update(paused_at=timezone.now())
    assert claiming.claim(10).rows == [OutgoingEmail.objects.get(lane=2)]
    assert mails().values_list("state", "outcome", "attempts").get() == ("queued", "paused", 0)
    Mailing.objects.update(paused_at=None)


def test_what_was_stopped_does_not_go_on(statement, update):
    signers(statement, 1)
    begin(update)
    queue_all()
    updates.pause(update=update)
    updates.stop(update=update)
    updates.resume(update=update)
    call_command("worker", once=True)
    assert [message.subject for message in outbox.outbox] == ["Test: Handed in"]


def test_what_has_not_begun_cannot_be_paused(update):
    updates.send_test(update=update, to="carol@example.org")
    updates.pause(update=update)
    assert Mailing.objects.get().paused_at is None


def test_staff_pause_and_go_on_in_sight_of_the_numbers(carol, statement, update):
    signers(statement, 1)
    begin(update)
    page = f"/admin/petitions/update/{update.pk}/mail/"
    assert (b"Pause</button>" in carol.get(page).content, b"Go on</button>" in carol.get(page).content) == (True, False)
    carol.post(page, {"action": "pause"})
    paused = carol.get(page).content.decode()
    assert ("Paused since" in paused, "Pause</button>" in paused, "Go on</button>" in paused) == (True, False, True)
    carol.post(page, {"action": "resume"})
    assert "Under way since" in carol.get(page).content.decode()
