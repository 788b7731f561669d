"""A worker that is killed in the middle of a list, and people who answer at the same moment: nothing is half done."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.utils import timezone

from exchange import inquiring, judging, running
from exchange.models import Import, Inquiry
from petitions.models import Signature
from petitions.statements import counting
from tests.exchange import lists
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db(transaction=True)


def people(number):
    return "name,email,date\n" + "".join(f"Person {n},p{n}@example.org,2021-03-04\n" for n in range(number))


def killed_within(work):
    """Do `work` over a connection of its own, which the database ends before it commits."""
    said = []

    def run():
        try:
            with transaction.atomic():
                work()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        except OperationalError as error:
            said.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(said) == 1


def test_killed_between_two_batches_it_goes_on_where_it_was(monkeypatch):
    statement = StatementFactory()
    monkeypatch.setattr(judging, "BATCH", 2)
    listed = lists.read(people(5), statement=statement)
    running.start_check(listed=listed)
    running._batch(listed)
    killed_within(lambda: running._batch(listed))
    listed.refresh_from_db()
    assert (listed.state, listed.rows_checked, listed.rows.filter(status="new").count()) == ("checking", 2, 2)
    running.to_the_end(listed)
    assert (listed.state, listed.rows_checked, listed.rows.filter(status="new").count()) == ("checked", 5, 5)
    running.start(listed=listed)
    killed_within(lambda: running._batch(listed))  # all of them were in, but for the commit
    listed.refresh_from_db()
    assert (listed.state, Signature.objects.count()) == ("running", 0)
    assert counting.recount(statement=statement).agrees
    running.to_the_end(listed)
    assert (listed.state, Signature.objects.count()) == ("done", 5)
    assert counting.recount(statement=statement).brought_in == (5, 5)


def asked(number):
    listed = lists.read(people(number), statement=StatementFactory())
    day = timezone.localdate() + timedelta(days=20)
    Import.objects.filter(pk=listed.pk).update(asks=True, answer_by=day, silence_keeps=True)
    listed.refresh_from_db()
    lists.bring_in(listed)
    return listed


def test_killed_while_asking_nobody_is_asked_twice_and_nobody_is_left_out():
    listed = asked(4)
    killed_within(inquiring.queue_batch)
    assert Inquiry.objects.filter(state="waiting").count() == 4
    assert (inquiring.queue_batch(), inquiring.queue_batch()) == (4, 0)
    assert inquiring.progress(listed)["asked"] == 4


def test_answers_that_come_at_once_and_the_end_of_the_last_day_leave_one_of_them():
    listed = asked(6)
    inquiring.queue_batch()
    Inquiry.objects.update(mailed_at=timezone.now())
    Import.objects.filter(pk=listed.pk).update(answer_by=timezone.localdate() - timedelta(days=1))
    ids = list(Inquiry.objects.values_list("pk", flat=True))
    work = [lambda pk=pk: inquiring.keep(inquiry_id=pk) for pk in ids * 2]
    work += [lambda pk=pk: inquiring.take_off(inquiry_id=pk) for pk in ids[:3]]
    work += [running.ask]
    barrier, failures = threading.Barrier(len(work)), []

    def run(one):
        try:
            barrier.wait()
            one()
        except (DatabaseError, threading.BrokenBarrierError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    off = set(Inquiry.objects.filter(state="off").values_list("mailbox_key", flat=True))
    counted = set(Signature.objects.values_list("mailbox_key", flat=True))
    assert (len(off), len(counted), off & counted) == (3, 3, set())
    statement = listed.statement
    assert counting.recount(statement=statement).brought_in == (3, 3)
    assert counting.recount(statement=statement).agrees
    listed.refresh_from_db()
    assert listed.state == "done"
