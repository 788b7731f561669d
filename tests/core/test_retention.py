"""One chore forgets everything that is due, a batch at a time, and nothing stops it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core import chores, retention
from exchange.models import Import, ImportRow
from mail.models import OutgoingEmail, WorkerHeartbeat
from tests.factories import OutgoingEmailFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(monkeypatch):
    """No steps but those that a test registers."""
    chores.load()
    monkeypatch.setattr(retention, "_steps", [])
    return retention._steps


def beats(*names):
    old = timezone.now() - timedelta(days=9)
    WorkerHeartbeat.objects.bulk_create(WorkerHeartbeat(name=name, beat_at=old) for name in names)


def left():
    return sorted(WorkerHeartbeat.objects.values_list("name", flat=True))


def test_rows_that_are_due_go_in_batches_and_others_stay(steps):
    beats("a", "b", "c", "kept")
    forget = retention.deletes("forget", WorkerHeartbeat, lambda: ~Q(name="kept"), batch=2)
    assert ([forget(), forget(), forget()], left()) == ([2, 1, 0], ["kept"])


def test_columns_are_emptied_in_batches_and_rows_stay(steps):
    for outcome in ("a", "b", "c", ""):
        OutgoingEmailFactory(outcome=outcome)
    due = ~Q(outcome="") & ~Q(outcome="c")
    forget = retention.empties("forget", OutgoingEmail, lambda: due, batch=1, follows="A_SETTING", outcome="")
    assert [forget(), forget(), forget()] == [1, 1, 0]
    assert sorted(OutgoingEmail.objects.values_list("outcome", flat=True)) == ["", "", "", "c"]
    reached = [
        step.reaches(*asked) for step in steps for asked in product(["outcome", "kind"], ["A_SETTING", "ANOTHER"])
    ]
    assert reached == [True, False, False, False]


def test_one_step_that_fails_stops_no_other(steps, caplog):
    beats("a", "b")

    @retention.step("break", WorkerHeartbeat)
    def fail():
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column")

    retention.deletes("forget", WorkerHeartbeat, lambda: Q(name="a"))
    assert (retention.forget(), left()) == (1, ["b"])
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["chore failed: break"]


def test_a_function_for_two_models_runs_once(steps):
    ran = []

    def tidy():
        ran.append(1)
        return 0

    retention.step("forget both", OutgoingEmail)(tidy)
    retention.step("forget both", WorkerHeartbeat)(tidy)
    assert (retention.forget(), ran) == (0, [1])


def test_a_name_is_taken_once_for_a_model(steps):
    retention.deletes("forget", WorkerHeartbeat, Q)
    with pytest.raises(ValueError, match="forget"):
        retention.deletes("forget", WorkerHeartbeat, Q)


def test_it_is_one_chore_and_the_worker_runs_it(steps):
    beats("a")
    retention.deletes("forget", WorkerHeartbeat, lambda: Q(name="a"))
    assert (chores.run_all()["forget what is due"], left()) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_one_row_that_somebody_holds_stops_no_other(steps):
    beats("held", "free")
    forget = retention.deletes("forget", WorkerHeartbeat, Q)

    def elsewhere():
        try:
            return forget()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        WorkerHeartbeat.objects.select_for_update().get(name="held")
        assert pool.submit(elsewhere).result() == 1
    assert left() == ["held"]
    assert forget() == 1


def test_a_step_that_is_done_is_not_run_again_before_its_time(steps, monkeypatch):
    monkeypatch.setattr(chores, "_not_before", {})
    left = [0, 2, 0, 1]
    ran = retention.step("seldom", WorkerHeartbeat, every=timedelta(hours=1))(left.pop)
    assert [retention.forget(), retention.forget(), left] == [1, 0, [0, 2]]
    chores._not_before["seldom"] -= 3600
    assert (retention.forget(), ran in {step.run for step in steps}, left) == (2, True, [])


def run(name, model):
    """What one registered step does with what is due: how many rows, and what it finds when it comes again."""
    chores.load()
    [step] = [one for one in retention.steps() if (one.name, one.model) == (name, model)]
    return step.run(), step.run()


def test_sessions_that_are_over_are_deleted():
    for key, hours in (("over", -1), ("on", 1)):
        over = timezone.now() + timedelta(hours=hours)
        Session.objects.create(session_key=key, session_data="", expire_date=over)
    assert (run("delete sessions that are over", Session), Session.objects.get().pk) == ((1, 0), "on")


@pytest.mark.parametrize("model", [AccessAttempt, AccessFailureLog, AccessLog])
def test_who_tried_to_log_in_is_forgotten(settings, model):
    more = {"failures_since_start": 1} if model is AccessAttempt else {}
    old, young = (model.objects.create(username=name, ip_address="192.0.2.1", **more) for name in ("mo", "jo"))
    ago = timezone.now() - timedelta(days=settings.LOG_IN_TRIES_DAYS, minutes=1)
    model.objects.filter(pk=old.pk).update(attempt_time=ago)
    name = f"delete old {model._meta.verbose_name_plural}"
    assert (run(name, model), model.objects.get()) == ((1, 0), young)


def test_the_log_of_staff_is_forgotten(settings, admin_user):
    for days in (settings.STAFF_LOG_DAYS + 1, settings.STAFF_LOG_DAYS - 1):
        at = timezone.now() - timedelta(days=days)
        LogEntry.objects.create(user=admin_user, object_repr=str(days), action_flag=CHANGE, action_time=at)
    assert run("delete the staff's old log", LogEntry) == (1, 0)
    assert LogEntry.objects.get().object_repr == str(settings.STAFF_LOG_DAYS - 1)


def test_rows_of_lists_are_emptied_in_their_time(settings, statement):
    lists = [Import.objects.create(statement=statement, source="csv", brings="people") for _ in range(2)]
    rows = [ImportRow.objects.create(of=one, line=1, cells=["Amina"]) for one in lists]
    ago = timezone.now() - timedelta(days=settings.IMPORT_ROWS_DAYS, minutes=1)
    Import.objects.filter(pk=rows[0].of_id).update(created_at=ago)
    assert run("forget rows of lists", ImportRow) == (1, 0)
    assert list(ImportRow.objects.order_by("pk").values_list("cells", flat=True)) == [[], ["Amina"]]
