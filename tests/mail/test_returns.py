"""A dead address gets no more news; an answer from it brings it back; what somebody waits for is tried all the same."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from mail import claiming, returns
from mail.models import OutgoingEmail, ReturnedMail, UnreachableMailbox
from submissions import holdings, limits
from submissions.holdings import Mailbox
from tests.factories import OutgoingEmailFactory

pytestmark = pytest.mark.django_db
AMINA, BO = "amina@example.org", "bo@example.org"


def sent(address=AMINA, **values):
    row = OutgoingEmailFactory(recipient=address, state="sent", **values)
    row.refresh_from_db()
    return row


def standing():
    return list(UnreachableMailbox.objects.values_list("fate", "status", "times", "is_dead"))


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_a_mailbox_that_is_not_there_is_dead_at_once(status):
    row = sent()
    assert returns.came_back(uuid=row.uuid, fate="bounced", status=status) is True
    assert standing() == [("bounced", status, 1, True)]


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "5.0.0", "5.1.11", ""])
def test_what_may_pass_is_dead_at_the_third_time(status):
    for times in (1, 2, 3):
        returns.came_back(uuid=sent().uuid, fate="bounced", status=status)
        assert standing() == [("bounced", status, times, times == 3)]


def test_a_full_mailbox_now_and_then_is_no_dead_one():
    for days in (31, 31, 29):
        returns.came_back(uuid=sent().uuid, fate="bounced", status="5.2.2")
        UnreachableMailbox.objects.update(last_at=Now() - timedelta(days=days))
    assert standing() == [("bounced", "5.2.2", 1, False)]
    returns.came_back(uuid=sent().uuid, fate="bounced", status="5.2.2")
    assert standing() == [("bounced", "5.2.2", 2, False)]


def test_told_twice_is_counted_once():
    row = sent()
    for _ in range(3):
        assert returns.came_back(uuid=row.uuid, fate="bounced", status="5.2.2", row=row.pk) is True
    assert standing() == [("bounced", "5.2.2", 1, False)]
    assert ReturnedMail.objects.count() == 1


def test_a_report_of_no_mail_of_ours_changes_nothing():
    row = sent()
    assert returns.came_back(uuid=uuid4(), fate="bounced", status="5.1.1") is False
    assert returns.came_back(uuid=uuid4(), fate="bounced", status="5.1.1", row=row.pk) is False
    assert (standing(), ReturnedMail.objects.count()) == ([], 0)


def test_news_skips_a_dead_mailbox_and_what_somebody_waits_for_goes():
    UnreachableMailbox.objects.create(mailbox_key=sent().recipient_key, fate="bounced", is_dead=True)
    lanes = {lane: OutgoingEmailFactory(recipient=AMINA, lane=lane, kind="test").pk for lane in (1, 2, 3)}
    alive = OutgoingEmailFactory(recipient=BO, lane=3, kind="test").pk
    claimed = {row.pk for row in claiming.claim(10).rows}
    assert claimed == {lanes[1], lanes[2], alive}
    skipped = OutgoingEmail.objects.values_list("state", "outcome").get(pk=lanes[3])
    assert skipped == ("skipped", "mail to this address came back")


def test_who_answers_is_reached_again():
    row, other = sent(), sent(BO)
    for one in (row, other):
        returns.came_back(uuid=one.uuid, fate="bounced", status="5.1.1")
    limits.wake([bytes(row.recipient_key)])
    assert [bytes(key) for key in UnreachableMailbox.objects.values_list("mailbox_key", flat=True)] == [other.mailbox]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 no such user here", [("bounced", "5.1.1", 1, True)]),
        ("552 5.2.2 mailbox full", [("bounced", "5.2.2", 1, False)]),
        ("554 5.7.1 we don't like your network", []),
        ("550 no such user", []),
    ],
)
def test_a_server_that_refuses_a_recipient_is_heard(answer, expected):
    returns.refused(OutgoingEmailFactory(recipient=AMINA), answer)
    assert standing() == expected


def test_its_owner_finds_it_in_their_file_and_can_have_it_erased():
    row, other = sent(), sent(BO)
    for one in (row, other):
        returns.came_back(uuid=one.uuid, fate="bounced", status="5.1.1")
    mailbox = Mailbox(bytes(row.recipient_key), bytes(row.address_key))
    told = holdings.named("returned")
    found = list(told.rows(mailbox))
    assert [(one.fate, one.status) for one in found] == [("bounced", "5.1.1")]
    assert told.made_at(found[0]) == found[0].since
    told.erase(found[0])
    assert [bytes(key) for key in UnreachableMailbox.objects.values_list("mailbox_key", flat=True)] == [other.mailbox]
