"""A worker keeps what it has claimed while it lives, and no longer."""

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from mail import claiming, keeping
from mail.models import OutgoingEmail
from mail.worker import Worker
from tests.factories import OutgoingEmailFactory

SOON, LATER = timedelta(seconds=60), timedelta(minutes=10)


def free_within(age: timedelta) -> int:
    return OutgoingEmail.objects.filter(claimed_until__lt=Now() + age).count()


@pytest.mark.django_db
def test_only_what_is_still_ones_own_is_lengthened():
    own, taken, back = OutgoingEmailFactory.create_batch(3)
    claimed = {row.pk: row for row in claiming.claim(3, keeping.LEASE).rows}
    OutgoingEmail.objects.filter(pk=taken.pk).update(attempts=2)
    claiming.release([claimed[back.pk]])
    claiming.lengthen([claimed[row.pk] for row in (own, taken, back)], LATER)
    found = dict(OutgoingEmail.objects.values_list("pk", "claimed_until"))
    assert (found[back.pk], free_within(SOON), found[own.pk] > found[taken.pk]) == (None, 1, True)


@pytest.mark.django_db
def test_what_waits_for_another_try_is_not_claimed_again():
    OutgoingEmailFactory()
    (row,) = claiming.claim(1, keeping.LEASE).rows
    claiming.finish(row, claiming.Verdict(OutgoingEmail.State.QUEUED, "later", timedelta(minutes=1)))
    claiming.lengthen([row], LATER)
    assert OutgoingEmail.objects.get().claimed_until is None


@pytest.mark.django_db(transaction=True)
def test_the_keeper_lengthens_until_it_is_stopped(monkeypatch):
    monkeypatch.setattr(keeping, "KEEPS_EVERY", 0.02)
    monkeypatch.setattr(keeping, "LEASE", LATER)
    OutgoingEmailFactory()
    (row,) = claiming.claim(1, timedelta(seconds=1)).rows
    keeper = keeping.Keeper(lambda: [row])
    keeper.start()
    deadline = time.monotonic() + 20
    while free_within(SOON):
        assert time.monotonic() < deadline
    keeper.stop()
    assert not keeper._thread.is_alive()


def test_a_worker_that_is_stuck_keeps_nothing(monkeypatch):
    worker = Worker()
    worker._waiting.append("a row")
    assert worker._held() == ["a row"]
    worker._got_on_at -= keeping.STUCK + 1
    assert worker._held() == []
