"""The queue of requests: tried again, given up, in order, once each, and whatever workers die of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from core import retention, switches
from mail import desk
from mail.models import OutgoingRequest
from mail.outbound import claiming, kinds, sending
from mail.worker import Worker
from tests.mail.outbound.hosts import good

pytestmark = pytest.mark.django_db


def fate_of(row):
    row.refresh_from_db()
    return row.state, row.attempts, row.status, row.outcome


def make_due():
    OutgoingRequest.objects.filter(state="queued").update(due_at=timezone.now() - timedelta(seconds=1))


def says(status, **headers):
    return lambda own: own.sendall(good(b"no", status=status, **headers))


def test_a_request_is_sent_and_its_answer_acted_upon(told, ask, other):
    row = ask()
    assert sending.turn() == 1
    assert fate_of(row) == ("sent", 1, 200, "")
    assert (told.answers, other.headers()["x-id"]) == ([({"number": 1}, b"ok")], str(row.uuid))
    assert (row.took_ms is not None, row.finished_at is not None, sending.turn()) == (True, True, 0)


@pytest.mark.parametrize("status", ["408 Timeout", "425 Early", "429 Slow down", "500 Oops", "503 Away"])
def test_passing_trouble_is_tried_again_and_given_up_in_the_end(told, ask, other, status):
    other.answer = says(status)
    row = ask()
    code = int(status[:3])
    for attempt in (1, 2):
        sending.turn()
        assert fate_of(row) == ("queued", attempt, code, f"It answered {code}.")
        assert (sending.turn(), told.failures) == (0, [])
        make_due()
    sending.turn()
    assert fate_of(row) == ("failed", 3, code, f"It answered {code}.")
    assert told.failures == [{"number": 1}]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_what_will_never_be_taken_is_given_up_at_once(told, ask, other, status):
    other.answer = says(f"{status} No")
    row = ask()
    sending.turn()
    assert fate_of(row) == ("failed", 1, status, f"It answered {status}.")
    assert told.failures == [{"number": 1}]


def test_a_redirect_is_told_about(told, ask, other):
    other.answer = says("301 Moved", Location="http://127.0.0.1:1/")
    row = ask()
    sending.turn()
    assert "redirects are not followed" in fate_of(row)[3]


def due_in(row):
    row.refresh_from_db()
    return round((row.due_at - timezone.now()).total_seconds() / 60)


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        ("1200", 20),
        ("5", 1),
        ("99999999999999999999", 24 * 60),
        (lambda: format_datetime(datetime.now(UTC) + timedelta(hours=2)), 120),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("soon", 1),
        ("-5", 1),
        ("²", 1),
    ],
    ids=["seconds", "few", "too many", "a date", "a date gone by", "a word", "less than none", "a superscript"],
)
def test_who_asks_for_time_gets_it(told, ask, other, asked, minutes):
    asked = asked() if callable(asked) else asked
    other.answer = lambda own: own.sendall(
        f"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: {asked}\r\n\r\n".encode("latin-1")
    )
    row = ask()
    sending.turn()
    assert abs(due_in(row) - minutes) <= 1


def test_a_sequence_keeps_its_order_and_no_other_waits_for_it(told, ask, other):
    other.answer = says("500 Oops")
    first = ask(1, sequence="s7")
    sending.turn()
    second, third = ask(2, sequence="s7"), ask(3)
    other.answer = says("200 OK")
    sending.turn()
    assert [context["number"] for context, _ in told.answers] == [3]
    assert (fate_of(second)[:2], fate_of(third)[:2]) == (("queued", 0), ("sent", 1))
    make_due()
    while sending.turn():
        pass
    assert [context["number"] for context, _ in told.answers] == [3, 1, 2]
    assert fate_of(first)[:2] == ("sent", 2)


def test_what_follows_waits_as_long_as_what_it_follows(told, ask, other):
    other.answer = says("500 Oops")
    first, second = ask(1, sequence="s7"), ask(2, sequence="s7")
    sending.turn()
    first.refresh_from_db()
    second.refresh_from_db()
    assert second.due_at == first.due_at


def test_after_one_that_was_given_up_the_next_goes(told, ask, other):
    other.answer = says("404 No")
    ask(1, sequence="s7"), ask(2, sequence="s7")
    while sending.turn():
        pass
    assert [context["number"] for context in told.failures] == [1, 2]


def test_one_host_has_few_places_at_a_time(told, ask, settings):
    for number in range(claiming.EACH + 2):
        ask(number)
    OutgoingRequest.objects.create(kind="test", host="other.example.org", due_at=timezone.now())
    assert sorted(row.host for row in claiming.claim(20))[-1] == "other.example.org"
    assert OutgoingRequest.objects.filter(attempts=0).count() == 2


def test_the_same_is_asked_for_once(told, ask):
    assert (ask(1, once="a:1"), ask(2, once="a:1").context) == (OutgoingRequest.objects.get(), {"number": 1})
    ask(3)
    ask(4)
    assert OutgoingRequest.objects.count() == 3


def test_what_cannot_be_used_is_tried_again(told, ask):
    told.error = kinds.Unusable("It said neither.")
    row = ask()
    sending.turn()
    assert fate_of(row) == ("queued", 1, 200, "It said neither.")


def test_a_mistake_of_ours_holds_nobody_up_and_says_nothing_of_anybody(told, ask, caplog):
    told.error = ValueError("amina@example.org")
    row = ask()
    sending.turn()
    assert fate_of(row) == ("queued", 1, 200, "A mistake of ours (ValueError); the worker's log says more.")
    OutgoingRequest.objects.update(attempts=sending.MISTAKE_TRIES - 1)
    make_due()
    sending.turn()
    assert (fate_of(row)[0], told.failures, told.answers) == ("failed", [{"number": 1}], [])


def test_a_kind_that_nobody_knows_is_kept_for_newer_code(other):
    row = OutgoingRequest.objects.create(kind="newer", host="x", due_at=timezone.now())
    sending.turn()
    assert fate_of(row)[:2] == ("queued", 1)


def test_a_host_that_is_not_allowed_is_given_up_with_a_sentence(told, ask, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = []
    row = ask()
    sending.turn()
    assert fate_of(row)[0] == "failed"
    assert told.failures == [{"number": 1}]


def test_the_log_says_nothing_of_what_was_said(told, ask, other, caplog):
    caplog.set_level("INFO")
    other.answer = lambda own: own.sendall(good(b"amina@example.org", status="500 amina@example.org"))
    row = ask()
    sending.turn()
    assert "amina" not in caplog.text + fate_of(row)[3]
    assert f"test 127.0.0.1:{other.port}: 500, try 1" in caplog.text


def test_the_switch_stops_everything_at_once(told, ask):
    row = ask()
    switches.turn_off(name="outbound")
    assert (sending.turn(), fate_of(row)[:2]) == (0, ("queued", 0))
    switches.turn_on(name="outbound")
    assert (sending.turn(), fate_of(row)[:2]) == (1, ("sent", 1))


def test_the_switch_stops_what_was_claimed_already(told, ask, other):
    first, second = ask(1), ask(2)
    told.throws = True
    assert sending.turn() == 1
    assert (fate_of(first)[:2], fate_of(second)) == (("sent", 1), ("queued", 0, None, ""))


def test_hosts_with_much_to_hear_keep_no_other_waiting(told, ask):
    longer = timezone.now() - timedelta(minutes=5)
    for number in range(1, 4):
        for host in ("a.example.org", "b.example.org"):
            OutgoingRequest.objects.create(kind="test", host=host, due_at=longer + timedelta(seconds=number))
    late = OutgoingRequest.objects.create(kind="test", host="z.example.org", due_at=longer)
    assert claiming.claim(2)[0] == late


def test_the_tile_is_red_once_something_fails(told, ask, other, admin_user):
    def tile():
        return next(one for one in desk.desk._tiles if one.address == "mail_outgoingrequest").look(admin_user)

    sent = ask()
    sending.turn()
    assert (fate_of(sent)[0], tile().number, tile().light) == ("sent", 0, "green")
    other.answer = says("500 Oops")
    ask()
    for number in (0, 0, 1):
        make_due()
        sending.turn()
        assert tile().number == number
    assert tile().light == "red"


def test_finished_rows_are_forgotten(told, ask, settings):
    old, new, waiting = ask(1), ask(2), ask(3)
    days = settings.OUTBOUND_LOG_DAYS
    for row, age in ((old, days + 1), (new, days - 1)):
        finished = timezone.now() - timedelta(days=age)
        OutgoingRequest.objects.filter(pk=row.pk).update(state="sent", finished_at=finished)
    retention.forget()
    assert list(OutgoingRequest.objects.order_by("pk")) == [new, waiting]


def test_whoever_died_before_writing_down_sends_once_more_with_the_same_number(told, ask, other):
    row = ask()
    (claimed,) = claiming.claim(5)
    sending._try(claimed)  # the answer came, and the worker died
    assert claiming.claim(5) == []
    OutgoingRequest.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert sending.turn() == 1
    assert fate_of(row)[:2] == ("sent", 2)
    assert [other.headers(number)["x-id"] for number in (0, 1)] == [str(row.uuid)] * 2
    sending._write_down(claimed, None, sending.Verdict("failed", "late"))  # it was not dead after all
    assert (fate_of(row)[:2], told.failures) == (("sent", 2), [])


def test_a_worker_that_stops_gives_back_what_it_has_not_tried(told, ask):
    ask(1), ask(2)
    answers = iter([False, True])
    assert sending.turn(lambda: next(answers)) == 1
    assert sorted(OutgoingRequest.objects.values_list("state", "attempts")) == [("queued", 0), ("sent", 1)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_request_once(told, ask, other):
    for number in range(12):
        ask(number)
    barrier = Barrier(2)

    def work(_):
        try:
            barrier.wait()
            return sending.send_what_is_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 12
    assert sorted(context["number"] for context, _ in told.answers) == list(range(12))
    assert len(other.heard) == 12


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_them_beside_its_mail(told, ask, server):
    ask()
    worker = Worker()
    worker._sleep = lambda seconds: worker.stop() if told.answers else None
    worker.run()
    assert told.answers == [({"number": 1}, b"ok")]
    ask(2)
    assert (Worker().run_once(), len(told.answers)) == (0, 2)
