"""Other mail to mailboxes that have proved nothing counts like a request to confirm, and waits as they must."""

from datetime import timedelta

import pytest
from django.conf import settings as conf
from django.db import connection, transaction
from django.utils import timezone

from core.addresses import mailbox_key
from mail import claiming
from mail.models import OutgoingEmail
from organisations import endorsing
from submissions import limits
from submissions.models import Correspondence
from tests.asking import ask
from tests.factories import StatementFactory
from tests.mailserver import deliver
from tests.organisations.form import in_threads

pytestmark = pytest.mark.django_db


def remind(number: int, email: str = "sec@example.org") -> None:
    today = timezone.localdate()
    for place in range(number):
        mail = endorsing.remind(statement=StatementFactory(), email=email, meets_on=today + timedelta(days=place))
        OutgoingEmail.objects.filter(pk=mail.pk).update(due_at=timezone.now())


def waits() -> list[str]:
    return list(OutgoingEmail.objects.filter(state="queued").values_list("outcome", flat=True))


def test_a_stranger_causes_five_reminders_a_day_and_the_rest_come_later(server):
    remind(conf.MAILS_UNANSWERED_FIRST_DAY + 2)
    remind(1, "other@example.org")
    deliver()
    sent = conf.MAILS_UNANSWERED_FIRST_DAY
    assert server.recipients() == ["sec@example.org"] * sent + ["other@example.org"]
    assert waits() == [limits.LATER] * 2
    due = OutgoingEmail.objects.filter(state="queued").values_list("due_at", flat=True)
    assert all(timedelta(hours=23) < at - timezone.now() <= timedelta(days=1) for at in due)


def test_reminders_and_requests_to_confirm_share_one_limit(server):
    remind(conf.MAILS_UNANSWERED_FIRST_DAY)
    deliver()
    ask(StatementFactory(), "sec@example.org", mailed=False)
    deliver()
    assert len(server.received) == conf.MAILS_UNANSWERED_FIRST_DAY
    assert waits() == [limits.LATER]


def test_a_mail_that_is_tried_again_is_counted_once(server):
    remind(1)
    server.says["RCPT"]["sec@example.org"] = "450 4.2.1 later"
    deliver()
    del server.says["RCPT"]["sec@example.org"]
    OutgoingEmail.objects.update(due_at=timezone.now())
    deliver()
    found = Correspondence.objects.get(mailbox_key=mailbox_key("sec@example.org"))
    assert (len(server.received), found.mails) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_no_lock_of_another_worker():
    remind(1)
    row = OutgoingEmail.objects.get()

    def work(number: int) -> dict[int, object]:
        if number == 0:
            with transaction.atomic():
                limits._lock([row.recipient_key])
                return in_threads_of_another()
        return {}

    def in_threads_of_another() -> dict[int, object]:
        (found,) = in_threads(lambda _: claiming.claim(5), 1)
        return found

    (claimed, _) = in_threads(work, 2)
    assert (claimed.rows, claimed.looked_at) == ([], 1)
    assert waits() == ["another worker writes to this mailbox"]
    connection.close()
