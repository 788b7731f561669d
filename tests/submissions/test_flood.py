"""What ten thousand posts cost, rows that make no sense, mail that breaks off, and workers that meet."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from core import addresses
from mail import claiming
from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission
from submissions import correspondence, limits
from submissions.correspondence import Written
from submissions.models import Correspondence
from tests.asking import agree, codes_in, later, link_in, listed, references, rest, want
from tests.factories import OutgoingEmailFactory, StatementFactory
from tests.growth import quickest
from tests.mailserver import DROP, deliver
from tests.meeting import meet

pytestmark = pytest.mark.django_db

AMINA, BO = "amina@example.org", "bo@example.org"


FLOOD = """
WITH typed AS (
    INSERT INTO petitions_signaturesubmission (statement_id, version_id, reference, digest, email,
        address_key, mailbox_key, domain_key, ip_key, name, postcode, affiliation, personal_capacity, show_name,
        email_updates, unless_signed)
    SELECT statement_id, version_id, 'F' || number %% 10 || 'X', decode(md5(number::text), 'hex'), email,
        address_key, mailbox_key, domain_key, 'flood' || number %% %(networks)s, 'Forger ' || number,
        '', '', false, false, false, false
    FROM petitions_signaturesubmission, generate_series(1, %(posts)s) number WHERE id = %(like)s
    RETURNING id, email, mailbox_key, address_key
)
INSERT INTO mail_outgoingemail (kind, recipient, recipient_key, address_key, lane, context)
SELECT 'signature_confirm', email, mailbox_key, address_key, 1, jsonb_build_object('submission', id) FROM typed
"""


def flood(like, posts=10_000, networks=1):
    """As if somebody had posted so often for the mailbox of `like`, from so many networks."""
    with connection.cursor() as cursor:
        cursor.execute(FLOOD, {"like": like.pk, "posts": posts, "networks": networks})
        cursor.execute("ANALYZE petitions_signaturesubmission, mail_outgoingemail")


@pytest.mark.whole
def test_ten_thousand_posts_are_few_mails_and_do_not_bury_the_owner(server, statement):
    want(statement, ip_key="home")
    deliver()
    flood(SignatureSubmission.objects.get())
    own = want(statement, "A. Yusuf", ip_key="phone")
    assert rest(seconds=11) == 4
    assert len(server.to(AMINA)) == 5
    assert own.reference in listed(server)[1], "the first mail after it"
    assert OutgoingEmail.objects.filter(state="queued", due_at__lt=Now() + timedelta(hours=23)).count() == 0
    assert [rest(days=1), rest(hours=23), rest(days=7)] == [1, 0, 1]


def test_a_flood_costs_others_nothing(server, statement):
    flood(want(statement, ip_key="home"), networks=10_000)
    others = [want(statement, "Bo", f"bo-{number}@example.org") for number in range(45)]
    second = [want(StatementFactory(), "Bo", f"bo-{number}@example.org") for number in range(2)]
    deliver()
    for number in range(2):
        assert listed(server, f"bo-{number}@example.org") == [[others[number].reference, second[number].reference]]


@pytest.mark.parametrize("mails", [0, 5])
def test_judging_a_flood_grows_with_what_is_judged_only(statement, mails):
    """With something to send, and with a mailbox to put off: 50 to 100 ms on a quiet machine, of 10,000 rows."""
    correspondence.remember({addresses.mailbox_key(AMINA): Written(mails)} if mails else {})

    def judge() -> dict:
        rows = list(OutgoingEmail.objects.filter(state="queued").order_by("pk")[:50])
        for row in rows:
            row.queued_for = timedelta(minutes=1)
            row.context.pop("lists", None)
        with transaction.atomic():
            verdicts = limits.judge(rows)
            transaction.set_rollback(True)
        return verdicts

    flood(want(statement, ip_key="home"), posts=500, networks=10)
    few = quickest(judge)
    flood(want(statement, ip_key="home"), networks=200)
    assert len(judge()) == (50 if mails else 45)
    assert quickest(judge) < 30 * few  # of twenty times as many rows; with the square it were four hundred times


def test_judging_costs_the_same_for_one_mail_and_for_fifty(statement, django_assert_num_queries):
    want(statement)
    with django_assert_num_queries(13):  # savepoint, claim, silence, locks, 5 to look, 3 to write, savepoint
        assert len(claiming.claim(50).rows) == 1
    for number in range(50):
        want(statement, email=f"signer-{number}@example.org")
    with django_assert_num_queries(13):
        assert len(claiming.claim(50).rows) == 50


@pytest.mark.parametrize(
    "odd",
    [{}, [], "odd", 7, {"submission": None}, {"submission": "x"}, {"submission": True}, {"submission": 2**70},
     {"submission": -1}, {"submission": 1.5}, {"submission": [1]}, {"submission": 999_999_999}],
)  # fmt: skip
def test_a_row_that_makes_no_sense_stops_no_other(server, statement, odd, caplog):
    want(statement)
    for due_at in (Now(), Now() + timedelta(hours=1)):
        OutgoingEmailFactory(kind="signature_confirm", recipient=AMINA, lane=1, context=odd, due_at=due_at)
    want(statement, "A. Yusuf")
    want(statement, "Bo", BO)
    assert (deliver(), server.recipients()) == (2, [AMINA, BO])
    assert len(listed(server)[0]) == 2


def test_after_a_lost_connection_the_same_mail_says_the_same_again(server, statement):
    first = want(statement)
    server.says["DATA"][AMINA] = DROP
    assert deliver() == 0
    row = OutgoingEmail.objects.get()
    assert (row.state, row.attempts, row.context["lists"]) == ("queued", 1, [[1, first.pk]])
    first.refresh_from_db()
    assert first.mailed_at is None, "no server has taken it"
    second = want(statement, "A. Yusuf")
    server.says["DATA"].clear()
    assert rest(minutes=2) == 2
    new, once = sorted(server.to(AMINA), key=lambda message: message["Message-ID"] == f"<{row.uuid}@example.org>")
    assert (once["Message-ID"], references(once)) == (f"<{row.uuid}@example.org>", [first.reference])
    assert references(new) == [first.reference, second.reference]


def _gone(*_):
    raise OperationalError("the database went away")


def test_a_crash_between_the_250_and_writing_it_down_repeats_the_very_mail(server, statement, monkeypatch):
    first = want(statement)
    with monkeypatch.context() as patched:
        patched.setattr(claiming, "finish", _gone)
        with pytest.raises(OperationalError):
            deliver()
    assert len(server.to(AMINA)) == 1
    want(statement, "A. Yusuf")
    later(minutes=6)  # the lease
    deliver()
    once, *rest_ = server.to(AMINA)
    (again,) = [message for message in rest_ if message["Message-ID"] == once["Message-ID"]]
    assert (link_in(once), codes_in(once)) == (link_in(again), codes_in(again))
    assert references(again) == [first.reference]
    first.refresh_from_db()
    assert first.mailed_at is not None


def apart(work, number=1):
    """The answers of `number` threads with connections of their own, which begin together."""
    barrier = Barrier(number)

    def run():
        try:
            barrier.wait(timeout=20)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return [future.result(60) for future in [pool.submit(run) for _ in range(number)]]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_keep_to_the_limit_and_never_deadlock():
    """Each claims a few rows at a time, so several hold rows of the same mailboxes at the same moment."""
    statements = [StatementFactory() for _ in range(3)]
    people = [f"person-{number}@example.org" for number in range(4)]
    for round_ in range(60):
        want(statements[round_ % 3], f"Forger {round_}", people[round_ % 4])
    later(seconds=11)

    def work():
        carried = []
        while (claimed := claiming.claim(3)).looked_at:
            for row in claimed.rows:
                carried.append((row.recipient, [tuple(pair) for pair in row.context["lists"]]))
                claiming.finish(row, claiming.Verdict(OutgoingEmail.State.SENT))
        return carried

    carried = [one for each in apart(work, 4) for one in each]
    mails = {person: [lists for recipient, lists in carried if recipient == person] for person in people}
    assert all(1 <= len(lists) <= 5 for lists in mails.values())
    assert all(len({pair for lists in mails[person] for pair in lists}) == 15 for person in people)
    assert SignatureSubmission.objects.filter(mailed_at=None).count() == 0
    assert OutgoingEmail.objects.filter(state="queued").count() == 0
    assert sorted(Correspondence.objects.values_list("mails", flat=True)) == sorted(map(len, mails.values()))


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_the_judgement_of_another_on_the_same_mailbox():
    """The first has let its mail through and not yet committed; the second must not overlook it."""
    first, second = (want(StatementFactory()) for _ in range(2))
    later(seconds=30)
    carried = []
    claimed = meet(
        lambda: carried.extend(claiming.claim(1).rows),
        lambda: claiming.claim(1),
        before="SELECT pg_advisory_xact_lock(key)",
    )
    (row,) = carried
    assert row.context["lists"] == [[1, first.pk], [1, second.pk]]
    assert (row.context["submission"], claimed.rows, claimed.looked_at) == (second.pk, [], 1)
    assert OutgoingEmail.objects.get(context__submission=first.pk).outcome == f"listed in mail {row.pk}"


@pytest.mark.django_db(transaction=True)
def test_agreeing_and_judging_at_once_never_wait_in_a_circle(statement):
    """Twenty of one mailbox are agreed to while two workers judge, send, and wake what they put off."""
    submissions = [want(StatementFactory(), f"Name {number}") for number in range(20)]
    later(seconds=30)
    left = list(submissions)

    def work():
        done = 0
        while left:
            agree(left.pop())
            for row in claiming.claim(5).rows:
                claiming.finish(row, claiming.Verdict(OutgoingEmail.State.SENT))
            limits.wake([addresses.mailbox_key(AMINA)])
            done += 1
        return done

    assert sum(apart(work, 3)) == 20
    assert SignatureSubmission.objects.filter(agreed_at=None).count() == 0
