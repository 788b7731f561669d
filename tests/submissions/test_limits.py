"""How much mail a mailbox gets that has not answered: later, and fewer, and never never."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db.models.functions import Now

from mail import outbox
from mail.models import OutgoingEmail, Suppression
from petitions.models import SignatureSubmission
from submissions import limits, status
from submissions.correspondence import Written
from submissions.models import Correspondence
from tests.asking import agree, codes_in, later, listed, references, rest, want
from tests.factories import StatementFactory
from tests.mailserver import deliver, text_of

pytestmark = pytest.mark.django_db

AMINA, BO = "amina@example.org", "bo@example.org"
MINE_LINK = re.compile(r"https?://\S+(/manage/[^\s/]+/)")


def rows():
    return list(OutgoingEmail.objects.order_by("pk").values_list("state", "outcome", "attempts"))


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("mails", "first", "last", "wait"),
    [
        (0, 0 * DAY, 0 * DAY, 0 * DAY),
        (4, HOUR, HOUR, 0 * DAY),
        (5, HOUR, HOUR, 23 * HOUR),
        (9, 23 * HOUR, HOUR, HOUR),
        (5, 2 * DAY, HOUR, 23 * HOUR),
        (5, 2 * DAY, 25 * HOUR, -HOUR),
        (9, 8 * DAY, 2 * DAY, 5 * DAY),
        (9, 15 * DAY, 8 * DAY, -DAY),
    ],
)
def test_how_long_a_mailbox_is_spared(mails, first, last, wait):
    assert Written(mails, first, last).wait == wait


def test_the_first_mail_goes_at_once_and_what_comes_soon_after_is_gathered(server, statement):
    first = want(statement)
    assert (deliver(), listed(server)) == (1, [[first.reference]])
    second, third = want(statement, "A. Yusuf"), want(statement, "Mallory")
    assert deliver() == 0
    waiting = OutgoingEmail.objects.filter(state="queued")
    assert [(row.attempts, row.outcome) for row in waiting] == [(0, "gathers what comes within ten seconds")] * 2
    assert all(timedelta(seconds=5) < row.due_at - row.created_at < timedelta(seconds=11) for row in waiting)
    assert rest(seconds=11) == 1
    # What has a mail already comes after what has none, and all of it in the order of its coming.
    assert listed(server)[1] == [first.reference, second.reference, third.reference]
    assert [state for state, *_ in rows()] == ["sent", "sent", "skipped"]
    assert rows()[2] == ("skipped", f"listed in mail {OutgoingEmail.objects.order_by('pk')[1].pk}", 0)


def test_a_double_click_is_one_mail(server, statement):
    first, second = want(statement), want(statement)
    assert first.reference == second.reference
    assert deliver() == 1
    (message,) = server.to(AMINA)
    assert (references(message), len(codes_in(message))) == ([first.reference], 1)
    assert SignatureSubmission.objects.filter(mailed_at=None).count() == 0


def test_a_click_that_comes_just_after_its_mail_makes_no_second_one(server, statement):
    want(statement)
    deliver()
    again = want(statement)
    later(seconds=30)
    assert deliver() == 0
    again.refresh_from_db()
    assert again.mailed_at is not None
    assert rows()[1][:2] == ("skipped", "the same was mailed a moment ago")
    want(statement)
    later(seconds=61)
    assert deliver() == 1


def test_equal_posts_are_listed_once_and_settled_together(server, statement):
    want(statement, "First")
    deliver()
    equal = [want(statement, "Mallory") for _ in range(5)]
    assert rest(seconds=11) == 1
    assert listed(server)[1][1:] == [equal[0].reference]
    assert SignatureSubmission.objects.filter(mailed_at=None).count() == 0
    assert [state for state, *_ in rows()] == ["sent", "sent", *["skipped"] * 4]


def test_at_most_ten_are_listed_and_each_in_its_turn(server, statement):
    """Never-mailed first, networks in turn, the oldest first; what one mail lists is not new to the next."""
    mine = want(statement, ip_key="home")
    deliver()
    forged = [want(statement, f"Forger {number}", ip_key="attack") for number in range(14)]
    own = want(statement, "A. Yusuf", ip_key="phone")
    later(seconds=11)
    assert deliver() == 2
    _, second, third = listed(server)
    assert second == [one.reference for one in (*forged[:9], own)]
    assert (third[0], len(third)) == (mine.reference, 10)
    assert set(third) > {one.reference for one in forged[9:]}
    assert SignatureSubmission.objects.filter(mailed_at=None).count() == 0
    assert [state for state, *_ in rows()].count("sent") == 3


def test_an_unanswered_mailbox_is_written_to_five_times_then_daily_then_weekly(server, statement):
    sent, hour = [], 0
    while hour < 24 * 30:
        want(statement, f"Forger {hour}")
        step = 1 if hour < 24 else 12
        if rest(hours=step):
            sent.append(hour)
        hour += step
    assert [hour for hour in sent if hour < 24] == [0, 1, 2, 3, 4]
    gaps = [after - before for before, after in pairwise(sent[4:])]
    assert gaps == [20, *[24] * 5, *[24 * 7] * 3]
    assert max(OutgoingEmail.objects.values_list("attempts", flat=True)) == 1


def test_answering_begins_anew_and_wakes_what_was_put_off(server, statement):
    others = [StatementFactory() for _ in range(7)]
    first = want(statement)
    deliver()
    for other in others:
        want(other)
        rest(seconds=11)
    assert len(server.to(AMINA)) == 5
    put_off = OutgoingEmail.objects.filter(state="queued")
    assert {row.outcome for row in put_off} == {limits.LATER}
    assert all(row.due_at > row.created_at + timedelta(hours=23) for row in put_off)
    agree(first)
    deliver()  # the receipt, which wakes the rest
    deliver()
    messages = server.to(AMINA)
    assert SignatureSubmission.objects.filter(mailed_at=None).count() == 0
    assert len(messages) == 7, "five, the receipt, and one that lists what was put off"
    assert len(references(messages[6])) == 7
    assert Correspondence.objects.get().mails == 1


def test_waiting_uses_up_no_tries(server, statement):
    for number in range(6):
        want(statement, f"Forger {number}")
        rest(seconds=11)
    row = OutgoingEmail.objects.get(state="queued")
    for _ in range(12):
        OutgoingEmail.objects.filter(pk=row.pk).update(due_at=Now())
        assert deliver() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
    assert rest(days=1, seconds=1) == 1


def test_six_statements_in_a_day_all_get_their_mail(server):
    """Who answers each mail is never put off."""
    for number in range(6):
        submission = want(StatementFactory())
        deliver()
        message = server.to(AMINA)[-1]
        assert references(message) == [submission.reference], number
        agree(submission)
        deliver()
        later(hours=1)
    assert len(server.to(AMINA)) == 12


def test_mail_of_a_hidden_statement_waits_and_goes_out_when_it_is_shown(server, statement):
    statement.hidden_at = Now()
    want(statement)
    statement.save(update_fields=["hidden_at"])
    assert [deliver(), rest(minutes=11)] == [0, 0]
    assert rows() == [("queued", "its statement is hidden", 0)]
    statement.hidden_at = None
    statement.save(update_fields=["hidden_at"])
    assert [deliver(), rest(minutes=11)] == [0, 1]


def test_what_was_put_off_has_its_grace_after_closing(server, statement):
    """Closing runs from the first mail: who was put off can still confirm."""
    for number in range(6):
        want(statement, f"Forger {number}")
        rest(seconds=11)
    own = SignatureSubmission.objects.get(mailed_at=None)
    statement.closed_at = Now() - timedelta(days=3)
    statement.save(update_fields=["closed_at"])
    assert rest(days=2) == 1
    own.refresh_from_db()
    assert own.mailed_at is not None
    assert status.of([(1, own.pk)])[0].state == "waiting"
    later(hours=25)
    assert status.of([(1, own.pk)])[0].state == "closed"


@pytest.mark.parametrize("end", ["agreed", "ended", "superseded", "expired", "gone"])
def test_what_needs_no_mail_any_more_gets_none(server, statement, end):
    submission = want(statement)
    if end == "agreed":
        agree(submission)
        OutgoingEmail.objects.filter(kind="signature_receipt").delete()
    elif end == "ended":
        SignatureSubmission.objects.update(ended_at=Now())
    elif end == "superseded":
        newer = want(statement, "A. Yusuf")
        OutgoingEmail.objects.filter(context__submission=newer.pk).delete()
        agree(newer)
        OutgoingEmail.objects.filter(kind="signature_receipt").delete()
    elif end == "expired":
        later(days=28)
    else:
        SignatureSubmission.objects.all().delete()
    assert (deliver(), rows()) == (0, [("skipped", end, 0)])


def test_who_stopped_our_mail_gets_none(server, statement):
    outbox.suppress("Amina+news@example.org")
    want(statement)
    want(statement, email=BO)
    deliver()
    assert server.recipients() == [BO]
    assert SignatureSubmission.objects.get(email=AMINA).mailed_at is None


def test_only_a_press_on_their_own_page_lifts_it_and_one_mail_in_thirty_days_leads_there(client, server, statement):
    outbox.suppress(AMINA)
    answers = [client.post("/mine/", {"email": address}) for address in (AMINA, AMINA, BO, "Amina+x@example.org")]
    shown = {re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers}
    assert ([answer.status_code for answer in answers], len(shown)) == ([200] * 4, 1)
    deliver()
    assert sorted(server.recipients()) == [AMINA, BO]
    url = MINE_LINK.search(text_of(server.to(AMINA)[0])).group(1)
    assert "You asked for that on" in client.get(url).content.decode()
    client.head(url)
    assert Suppression.objects.count() == 1
    for days, mails in ((29, 1), (2, 2)):
        later(days=days)
        client.post("/mine/", {"email": AMINA})
        assert OutgoingEmail.objects.filter(kind="mine_link", recipient=AMINA).count() == mails
    client.post(url, {"act": "start"})
    assert Suppression.objects.count() == 0
    want(statement)
    assert deliver() == 2
    later(days=2)  # to who may be written to, the link goes out once a day
    client.post("/mine/", {"email": AMINA})
    assert OutgoingEmail.objects.filter(kind="mine_link", recipient=AMINA).count() == 3


def test_what_is_on_its_way_in_one_mail_gets_no_second_one(server, statement):
    """Asked for again while the first mail is tried again: that one will do."""
    submission = want(statement)
    server.says["RCPT"][AMINA] = "450 4.2.0 Later"
    deliver()
    outbox.queue(
        kind="signature_confirm", recipient=AMINA, lane=1, context={"submission": submission.pk, "again": True}
    )
    server.says["RCPT"].clear()
    assert rest(minutes=2) == 1
    first, again = OutgoingEmail.objects.order_by("pk")
    assert (first.state, again.state, again.outcome) == ("sent", "skipped", f"listed in mail {first.pk}")


def test_who_asks_again_gets_it_again_within_the_limits(server, statement):
    submission = want(statement)
    deliver()
    for _ in range(5):
        outbox.queue(
            kind="signature_confirm", recipient=AMINA, lane=1, context={"submission": submission.pk, "again": True}
        )
        deliver()
    assert listed(server) == [[submission.reference]] * 5
    assert OutgoingEmail.objects.get(state="queued").outcome == limits.LATER


def test_spellings_of_one_mailbox_share_the_limit_and_list_their_own(server, statement):
    """What stands in a mail is of the address as typed: a neighbour with another spelling learns nothing."""
    for number in range(7):
        want(statement, f"Forger {number}", f"amina+{number}@example.org")
        rest(seconds=11)
    assert server.recipients() == [f"amina+{number}@example.org" for number in range(5)]
    assert [len(references(message)) for message in server.received] == [1] * 5


def test_what_was_settled_stands_in_the_mail_of_its_own_mailbox_only(server, statement):
    mine, other = want(statement), want(statement, "Bo", BO)
    deliver()
    assert (listed(server, AMINA), listed(server, BO)) == ([[mine.reference]], [[other.reference]])
