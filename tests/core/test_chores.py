"""Housekeeping: each chore does its own work, and none stands in another's way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import chores, retention
from core.models import AddressKey
from mail import chores as mail_chores
from mail.models import OutgoingEmail, WorkerHeartbeat
from tests.factories import OutgoingEmailFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def only(monkeypatch):
    """Let these chores be the only ones."""

    def set_chores(**functions):
        chores.load()
        monkeypatch.setattr(chores, "_chores", functions)

    return set_chores


def test_a_chore_goes_on_until_there_is_nothing_left(only):
    left = [3, 2, 1]
    only(tidy=lambda: left.pop() if left else 0)
    assert chores.run_all() == {"tidy": 6}


def test_a_chore_without_end_lets_the_mail_go_on(only):
    only(endless=lambda: 1)
    assert chores.run_all() == {"endless": chores.ROUNDS}


def broken_sql():
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")


@pytest.mark.parametrize("fail", [lambda: 1 / 0, lambda: {}["x"], broken_sql])
def test_one_that_fails_stops_no_other_and_is_logged(only, caplog, fail):
    only(fails=fail, works=iter([2, 0]).__next__)
    assert chores.run_all() == {"works": 2}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["chore failed: fails"]


@pytest.mark.django_db(transaction=True)
def test_what_another_process_is_at_is_left_to_it(only):
    ran = []
    only(tidy=lambda: ran.append(1) or 0)

    def elsewhere():
        try:
            return chores.run_all()
        finally:
            connection.close()

    with transaction.atomic(), connection.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('chore tidy', 0))")
        assert (pool.submit(elsewhere).result(), ran) == ({"tidy": 0}, [])
    assert (chores.run_all(), ran) == ({"tidy": 0}, [1])


def test_finished_mail_goes_and_waiting_mail_stays(settings):
    old, young = (timezone.now() - timedelta(days=settings.SENT_MAIL_DAYS, minutes=minutes) for minutes in (1, -1))
    kept = [
        OutgoingEmailFactory(state="sent", finished_at=young),
        OutgoingEmailFactory(created_at=old),
    ]
    for state in ("sent", "skipped", "failed"):
        OutgoingEmailFactory(state=state, finished_at=old)
    assert (mail_chores.delete_finished_mail(), mail_chores.delete_finished_mail()) == (3, 0)
    assert list(OutgoingEmail.objects.order_by("pk")) == kept


def test_address_keys_are_destroyed_after_their_days(settings):
    today = timezone.now().date()
    for age in range(settings.IP_KEY_DAYS + 3):
        AddressKey.of(today - timedelta(days=age))
    assert retention.destroy_address_keys() == 2
    assert AddressKey.objects.count() == settings.IP_KEY_DAYS + 1


def test_dead_workers_are_forgotten():
    for name, hours in [("dead", 25), ("quiet", 23)]:
        WorkerHeartbeat.objects.create(name=name, beat_at=timezone.now() - timedelta(hours=hours))
    assert mail_chores.forget_dead_workers() == 1
    assert WorkerHeartbeat.objects.get().name == "quiet"
