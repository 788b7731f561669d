"""What becomes of a mail when something goes wrong on its way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from mail import claiming, kinds, outbox
from mail.carrier import ServerAway, back_off
from mail.models import OutgoingEmail, UnreachableMailbox
from mail.worker import MISTAKE_TRIES, Worker
from tests.factories import OutgoingEmailFactory
from tests.mailserver import DROP, deliver, running

pytestmark = pytest.mark.django_db
AMINA, BO, CAROL = "amina@example.org", "bo@example.org", "carol@example.org"


@pytest.fixture(autouse=True)
def kind(settings, tmp_path, monkeypatch):
    """A kind `test`; who is in `kind.spoilt` makes its builder fail."""
    (tmp_path / "emails").mkdir()
    for part in ("subject.txt", "txt", "html"):
        (tmp_path / "emails" / f"test.{part}").write_text("News")
    settings.TEMPLATES = [{**settings.TEMPLATES[1], "DIRS": [tmp_path]}]

    def build(row):
        if error := build.spoilt.get(row.recipient):
            raise error
        return outbox.Message(name=build.names.get(row.recipient, "test"), to=row.recipient, context={})

    build.spoilt, build.names = {}, {}
    kinds.find("mine_link")  # loads those that are registered
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind(build))
    return build


def three():
    """Three mails, of which Bo's is the second."""
    return [OutgoingEmailFactory(recipient=recipient) for recipient in (AMINA, BO, CAROL)]


def fate_of(row):
    row.refresh_from_db()
    return row.state, row.attempts, row.outcome


def make_due():
    OutgoingEmail.objects.update(due_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("step", "said", "outcome"),
    [
        ("RCPT", "450 4.2.0 Greylisted, bo@example.org", "450 4.2.0 Greylisted, the recipient"),
        ("DATA", "451 4.3.0 Try again", "451 4.3.0 Try again"),
        ("DATA", "421 4.3.2 Going down", "421 4.3.2 Going down"),
        ("RCPT", "421 4.7.0 Too many", "421 4.7.0 Too many"),
        ("DATA", DROP, "SMTPServerDisconnected: Connection unexpectedly closed"),
        ("RCPT", DROP, "SMTPServerDisconnected: Connection unexpectedly closed"),
    ],
)
def test_what_may_pass_is_tried_again_and_holds_nobody_up(server, step, said, outcome):
    _, bo, _ = three()
    server.says[step][BO] = said
    before = timezone.now()
    assert deliver() == 2
    assert server.recipients() == [AMINA, CAROL]
    assert fate_of(bo) == ("queued", 1, outcome)
    assert timedelta(seconds=59) < bo.due_at - before < timedelta(seconds=75)
    assert bo.claimed_until is None

    server.says[step].clear()
    make_due()
    assert deliver() == 1
    assert fate_of(bo) == ("sent", 2, "")
    assert server.recipients() == [AMINA, CAROL, BO]


@pytest.mark.parametrize(
    ("step", "said", "outcome"),
    [
        ("RCPT", "550 5.1.1 <bo@example.org> unknown", "550 5.1.1 <the recipient> unknown"),
        ("DATA", "554 5.7.1 Looks like spam", "554 5.7.1 Looks like spam"),
        ("RCPT", "550-5.1.1 No\x07such\r\n550 5.1.1 mailbox", "550 5.1.1 No such 5.1.1 mailbox"),
        ("DATA", f"554 {'x' * 290} 1234 end", f"554 {'x' * 290} 1234"),  # cut where the column ends, at a blank
    ],
)
def test_what_is_for_ever_fails_at_once(server, step, said, outcome):
    _, bo, _ = three()
    server.says[step][BO] = said
    assert deliver() == 2
    assert fate_of(bo) == ("failed", 1, outcome)
    assert bo.finished_at is not None
    make_due()
    assert deliver() == 0


def test_a_refused_sender_is_ours_to_mend_so_mail_waits(server):
    row = OutgoingEmailFactory()
    server.says["MAIL"]["post@example.org"] = "530 5.7.0 Authentication required"
    deliver()
    assert fate_of(row) == ("queued", 1, "530 5.7.0 Authentication required")


def test_waiting_doubles_up_to_four_hours():
    assert [back_off(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 8, 9, 25)] == [1, 2, 4, 128, 240, 240]


@pytest.mark.parametrize(("hours", "attempts", "state"), [(73, 7, "failed"), (71, 7, "queued"), (73, 6, "queued")])
def test_it_is_given_up_after_72_hours(server, hours, attempts, state):
    row = OutgoingEmailFactory(recipient=BO, created_at=timezone.now() - timedelta(hours=hours), attempts=attempts)
    server.says["RCPT"][BO] = "450 4.2.0 Later"
    deliver()
    assert fate_of(row) == (state, attempts + 1, "450 4.2.0 Later")
    assert (row.finished_at is None) == (state == "queued")


def test_a_server_that_takes_two_mails_a_connection_gets_all(server):
    server.messages_per_connection = 2
    rows = [OutgoingEmailFactory() for _ in range(5)]
    assert deliver() == 5
    assert server.recipients() == [row.recipient for row in rows]
    assert server.connections == 3


def test_one_connection_carries_a_whole_batch(server):
    OutgoingEmailFactory.create_batch(5)
    assert deliver() == 5
    assert server.connections == 1


@pytest.mark.usefixtures("nobody_listens")
def test_a_mail_server_that_is_away_costs_no_try():
    rows = three()
    with pytest.raises(ServerAway, match="Connection refused"):
        deliver()
    assert [fate_of(row) for row in rows] == [("queued", 0, "")] * 3
    assert OutgoingEmail.objects.filter(claimed_until__isnull=False).count() == 0


@pytest.fixture
def nobody_listens(settings):
    with running(settings):
        pass


@pytest.mark.parametrize("error", [ValueError("odd"), KeyError("statement"), ZeroDivisionError(), AttributeError("x")])
def test_a_poisonous_row_fails_alone_after_its_tries(server, kind, caplog, error):
    _, bo, _ = three()
    kind.spoilt[BO] = error
    for attempt in range(1, MISTAKE_TRIES):
        deliver()
        assert fate_of(bo)[:2] == ("queued", attempt)
        make_due()
    deliver()
    state, attempts, outcome = fate_of(bo)
    assert (state, attempts) == ("failed", MISTAKE_TRIES)
    assert outcome.startswith(type(error).__name__)
    assert server.recipients() == [AMINA, CAROL]
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == MISTAKE_TRIES


def test_a_missing_template_and_an_unknown_kind_are_poison_too(server, kind):
    _, bo, carol = three()
    kind.names[BO] = "nothing_of_that_name"
    OutgoingEmail.objects.filter(pk=carol.pk).update(kind="from_the_future")
    assert deliver() == 1
    assert fate_of(bo) == ("queued", 1, "TemplateDoesNotExist: emails/nothing_of_that_name.subject.txt")
    assert fate_of(carol) == ("queued", 1, "UnknownKind: from_the_future")


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends():
    OutgoingEmailFactory()
    (first,) = claiming.claim(10).rows
    assert (first.attempts, first.claimed_until - timezone.now() > timedelta(minutes=4)) == (1, True)
    assert claiming.claim(10) == claiming.Claimed([], 0)

    OutgoingEmail.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    (second,) = claiming.claim(10).rows
    assert (second.pk, second.attempts) == (first.pk, 2)

    sent = claiming.Verdict(OutgoingEmail.State.SENT)
    assert claiming.finish(first, sent) is False
    assert fate_of(second) == ("queued", 2, "sending")
    assert claiming.finish(second, sent) is True
    assert fate_of(second) == ("sent", 2, "")


def test_giving_back_is_no_try_and_only_for_the_owner():
    OutgoingEmailFactory.create_batch(2)
    mine, other = claiming.claim(10).rows
    OutgoingEmail.objects.filter(pk=other.pk).update(attempts=2)
    claiming.release([mine, other])
    assert fate_of(mine) == ("queued", 0, "")
    assert fate_of(other) == ("queued", 2, "sending")
    assert [row.pk for row in claiming.claim(10).rows] == [mine.pk]


def test_asked_to_stop_it_ends_after_the_mail_in_hand(server):
    rows = [OutgoingEmailFactory() for _ in range(10)]
    worker = Worker()
    server.after_data = lambda message: worker.stop()
    assert worker.run_once() == 1
    assert [fate_of(row) for row in rows] == [("sent", 1, "")] + [("queued", 0, "")] * 9


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_each_mail_once(server):
    rows = OutgoingEmailFactory.create_batch(200)
    barrier = Barrier(4)

    def work():
        try:
            barrier.wait(timeout=20)
            return Worker(batch=7).run_once()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = [future.result() for future in [pool.submit(work) for _ in range(4)]]
    assert sum(counts) == 200
    assert sorted(server.recipients()) == sorted(row.recipient for row in rows)
    assert OutgoingEmail.objects.filter(state="sent", attempts=1).count() == 200


def test_a_recipient_that_is_refused_for_ever_gets_no_more_news(settings):
    OutgoingEmailFactory(recipient=AMINA)
    with running(settings) as server:
        server.says["RCPT"][AMINA] = "550 5.1.1 no such user here"
        deliver()
    assert list(UnreachableMailbox.objects.values_list("status", "is_dead")) == [("5.1.1", True)]
