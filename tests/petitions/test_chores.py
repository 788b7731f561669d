"""What happens to signatures by the clock alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import chores as housekeeping
from mail.models import OutgoingEmail
from petitions import chores
from petitions.models import Signature, Statement
from petitions.signatures import counting, signing
from tests.factories import OutgoingEmailFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def statement():
    return StatementFactory()


def waiting(statement, age=25 * HOUR, mail_state="sent", **values):
    """Somebody who signed that long ago, and the mail about it."""
    signature = SignatureFactory(statement=statement, created_at=timezone.now() - age, **values)
    OutgoingEmailFactory(
        kind="signature_confirm",
        recipient=signature.email,
        context={"statement": statement.pk},
        state=mail_state,
        finished_at=timezone.now() - age,
    )
    return signature


def reminders():
    rows = OutgoingEmail.objects.filter(kind="signature_reminder").order_by("pk")
    return list(rows.values_list("recipient", "recipient_key", "lane", "context"))


def test_one_reminder_after_a_day_and_then_silence(statement):
    signature = waiting(statement, email="A.Yusuf+x@gmail.com")
    assert (chores.remind(), chores.remind()) == (1, 0)
    context = {"signature": signature.pk, "statement": statement.pk}
    assert reminders() == [("A.Yusuf+x@gmail.com", "ayusuf@gmail.com", OutgoingEmail.Lane.NOTICE, context)]
    signature.refresh_from_db()
    assert timezone.now() - signature.reminded_at < timedelta(minutes=1)


@pytest.mark.parametrize("state", ["confirmed", "held", "removed", "withdrawn", "anonymised"])
def test_only_who_waits_is_reminded(statement, state):
    waiting(statement, state=state)
    assert (chores.remind(), reminders()) == (0, [])


@pytest.mark.parametrize(("age", "due"), [(23 * HOUR, 0), (25 * HOUR, 1), (6 * DAY, 1), (8 * DAY, 0)])
def test_it_comes_between_one_day_and_seven(statement, age, due):
    waiting(statement, age)
    assert chores.remind() == due


@pytest.mark.parametrize("mail_state", ["queued", "skipped", "failed"])
def test_a_mailbox_that_was_spared_goes_on_being_spared(statement, mail_state):
    waiting(statement, mail_state=mail_state)
    assert chores.remind() == 0


def test_a_mail_about_another_statement_is_none_about_this(statement):
    signature = waiting(statement)
    OutgoingEmail.objects.update(context={"statement": statement.pk + 1})
    assert chores.remind() == 0
    assert Signature.objects.get(pk=signature.pk).reminded_at is None


@pytest.mark.parametrize("change", ["closed_at", "closes_at", "hidden_at"])
def test_nobody_is_reminded_of_what_is_over(statement, change):
    waiting(statement)
    Statement.objects.update(published_at=timezone.now() - 2 * DAY, **{change: timezone.now() - HOUR})
    assert chores.remind() == 0


def test_many_are_reminded_in_batches(statement, monkeypatch):
    monkeypatch.setattr(chores, "BATCH", 2)
    for _ in range(5):
        waiting(statement)
    assert [chores.remind() for _ in range(4)] == [2, 2, 1, 0]
    assert len({recipient for recipient, *_ in reminders()}) == 5


def test_who_never_confirms_is_forgotten_after_a_fortnight(statement):
    young = SignatureFactory(statement=statement, created_at=timezone.now() - 14 * DAY + HOUR)
    kept = [young] + [
        SignatureFactory(statement=statement, created_at=timezone.now() - 15 * DAY, state=state)
        for state in ("confirmed", "held", "removed", "withdrawn")
    ]
    SignatureFactory(statement=statement, created_at=timezone.now() - 14 * DAY - HOUR)
    SignatureFactory(statement=statement, created_at=timezone.now() - 99 * DAY, held_reason="Odd")
    assert (chores.delete_unconfirmed(), chores.delete_unconfirmed()) == (2, 0)
    assert list(Signature.objects.order_by("pk")) == sorted(kept, key=lambda row: row.pk)


def test_who_had_withdrawn_goes_back_to_that(statement):
    signature = SignatureFactory(statement=statement)
    signing.confirm(signature_id=signature.pk)
    signing.withdraw(signature_id=signature.pk)
    signing.sign(statement=statement, name="Again", email=signature.email)
    Signature.objects.update(created_at=timezone.now() - 15 * DAY)
    assert chores.delete_unconfirmed() == 0
    assert (chores.leave_withdrawn(), chores.leave_withdrawn()) == (1, 0)
    assert Signature.objects.get().state == "withdrawn"
    assert counting.recount(statement=statement).agrees


def test_networks_are_forgotten_after_a_week(statement, settings):
    young, old = (
        SignatureFactory(statement=statement, ip_key="k", created_at=timezone.now() - age, state="confirmed")
        for age in (settings.IP_KEY_DAYS * DAY - HOUR, settings.IP_KEY_DAYS * DAY + HOUR)
    )
    assert (chores.forget_networks(), chores.forget_networks()) == (1, 0)
    assert [Signature.objects.get(pk=row.pk).ip_key for row in (young, old)] == ["k", ""]


def test_all_of_them_are_run_and_have_nothing_to_do_on_a_quiet_day(statement):
    SignatureFactory(statement=statement)
    own = {
        "delete finished mail",
        "destroy address keys",
        "forget dead workers",
        "remind signers",
        "delete unconfirmed signatures",
        "leave withdrawn signatures withdrawn",
        "forget networks",
        "anonymise signatures",
    }
    done = housekeeping.run_all()
    assert {name: done.get(name) for name in own} == dict.fromkeys(own, 0)
