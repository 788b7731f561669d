"""What a mailbox is spared that has not asked for mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mail import claiming, kinds, limits, outbox
from mail.limits import Past
from mail.models import OutgoingEmail
from tests.factories import OutgoingEmailFactory
from tests.mailserver import deliver, running

AMINA = "amina@example.org"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHORT, LONG = "1 in 10 minutes for one statement", "3 in 7 days for one statement"
DAILY = "5 in a day on the whole site"


def test_each_limit_is_a_sentence():
    assert [str(limit) for limit in limits.limits()] == [SHORT, DAILY, LONG]


@pytest.mark.parametrize(
    ("history", "limit"),
    [
        ([], None),
        ([("7", 9 * MINUTE)], SHORT),
        ([("7", 11 * MINUTE)], None),
        ([("8", 1 * MINUTE)], None),
        ([("7", 2 * DAY)] * 2, None),
        ([("7", 2 * DAY)] * 3, LONG),
        ([("8", 2 * DAY)] * 9, None),
        ([(str(number), 23 * HOUR) for number in range(8, 12)], None),
        ([(str(number), 23 * HOUR) for number in range(8, 13)], DAILY),
        ([(str(number), 25 * HOUR) for number in range(8, 13)], None),
    ],
)
def test_what_one_more_mail_would_break(history, limit):
    broken = limits.broken("7", [Past(*past) for past in history])
    assert (broken and str(broken)) == limit


@pytest.mark.parametrize(("seconds", "limit"), [(59, "1 in a minute for one statement"), (61, None)])
def test_who_asks_again_waits_a_minute_only(seconds, limit):
    broken = limits.broken("7", [Past("7", timedelta(seconds=seconds))], asked_again=True)
    assert (broken and str(broken)) == limit


@pytest.fixture
def capped(settings, tmp_path, monkeypatch):
    """A kind `test` that the limits hold for."""
    (tmp_path / "emails").mkdir()
    for part in ("subject.txt", "txt", "html"):
        (tmp_path / "emails" / f"test.{part}").write_text("News")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    built = []

    def build(row):
        built.append(row.pk)
        return outbox.Message(name="test", to=row.recipient, context={})

    kinds.capped_kinds()
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(build, capped=True))
    return built


@pytest.fixture
def server(settings):
    with running(settings) as server:
        yield server


def ask(statement, recipient=AMINA, times=1, **values):
    return OutgoingEmailFactory.create_batch(times, recipient=recipient, context={"statement": statement}, **values)


def outcomes():
    return list(OutgoingEmail.objects.order_by("pk").values_list("state", "outcome"))


@pytest.mark.django_db
def test_a_double_click_is_one_mail(server, capped):
    first, second = ask(7, times=2)
    deliver()
    assert outcomes() == [("sent", ""), ("skipped", f"limit reached: {SHORT}")]
    assert capped == [first.pk, second.pk], "judged by its own app either way, or the waiting page would differ"


@pytest.mark.django_db
def test_what_was_sent_before_counts_and_what_was_not_does_not(server, capped):
    ago = timezone.now() - 5 * MINUTE
    for state in ("skipped", "failed", "queued"):
        ask(7, state=state, finished_at=ago, due_at=timezone.now() + HOUR)
    ask(7)
    assert deliver() == 1
    OutgoingEmail.objects.filter(state="sent").update(finished_at=ago)
    ask(7)
    assert deliver() == 0


@pytest.mark.django_db
def test_spellings_of_one_mailbox_share_the_limit_and_other_mailboxes_do_not(server, capped):
    ask(7, "amina+a@example.org")
    ask(7, "AMINA@example.org")
    ask(7, "bo@example.org")
    deliver()
    assert server.recipients() == ["amina+a@example.org", "bo@example.org"]


@pytest.mark.django_db
def test_mail_to_proved_mailboxes_is_not_limited(server, capped, monkeypatch):
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(kinds.find("test").build, capped=False))
    ask(7, times=12)
    assert deliver() == 12


@pytest.mark.django_db
def test_five_hundred_requests_over_twenty_statements_are_five_mails(server, capped):
    for round_ in range(25):
        for statement in range(20):
            ask(statement, f"amina+{round_}@example.org")
    assert deliver() == 5
    assert len(server.received) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [{}, [], "odd", 7, {"statement": None}, {"statement": "x"}])
def test_a_row_that_makes_no_sense_stops_no_other(server, capped, odd):
    OutgoingEmailFactory(recipient=AMINA, context=odd)
    ask(7, "bo@example.org")
    ask(7)
    assert deliver() >= 2
    assert "bo@example.org" in server.recipients()


@pytest.mark.django_db
def test_judging_costs_the_same_for_one_mail_and_for_fifty(capped, django_assert_num_queries):
    ask(7)
    with django_assert_num_queries(6):  # savepoint, claim, silence, locks, history, savepoint
        claiming.claim(50)
    for number in range(50):
        ask(7, f"signer-{number}@example.org")
    with django_assert_num_queries(6):
        assert len(claiming.claim(50)) == 50


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_the_judgement_of_another_on_the_same_mailbox(capped):
    """The first has let its mail through and not yet committed; the second must not overlook it."""
    ask(7, times=2)

    def claim_elsewhere():
        try:
            return claiming.claim(1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            (first,) = claiming.claim(1)
            elsewhere = pool.submit(claim_elsewhere)
            with pytest.raises(TimeoutError):
                elsewhere.result(timeout=0.5)
        (second,) = elsewhere.result()
    assert (first.refusal, second.refusal) == ("", f"limit reached: {SHORT}")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_keep_to_the_limit(capped):
    """Each claims one row at a time, so both hold rows for the same mailbox at the same moment."""
    for statement in range(20):
        ask(statement, times=2)
    barrier = Barrier(4)

    def work():
        admitted = 0
        try:
            barrier.wait(timeout=20)
            while claimed := claiming.claim(1):
                admitted += not claimed[0].refusal
            return admitted
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        admitted = [future.result() for future in [pool.submit(work) for _ in range(4)]]
    assert sum(admitted) == 5
