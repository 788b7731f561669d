"""What goes by the clock alone, and who is reminded once."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone

from core import chores as core_chores
from core import desk as staff_desk
from mail import outbox
from mail.models import OutgoingEmail
from petitions.models import SignatureSubmission
from submissions import chores, desk, mine_views
from submissions.models import Correspondence, WrongCodes
from tests.asking import agree, ask, later
from tests.factories import StatementFactory
from tests.mailserver import deliver, subject_of

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


def left():
    return set(SignatureSubmission.objects.values_list("pk", flat=True))


def test_what_was_not_agreed_to_goes_14_days_after_its_first_mail_or_28_after_it_was_typed(statement):
    unmailed = ask(statement, "unmailed@example.org", mailed=False)
    later(days=10)
    late = ask(statement, "late@example.org", mailed=False)
    _, ended, agreed = (ask(statement, f"{name}@example.org", mailed=False) for name in ("m", "e", "a"))
    SignatureSubmission.objects.exclude(pk__in=[unmailed.pk, late.pk]).update(mailed_at=Now())
    SignatureSubmission.objects.filter(pk=ended.pk).update(ended_at=Now())
    agree(agreed)
    later(days=13, hours=23)
    SignatureSubmission.objects.filter(pk=late.pk).update(mailed_at=Now())
    assert chores.delete_unconfirmed() == 0
    later(hours=2)
    assert (chores.delete_unconfirmed(), left()) == (2, {unmailed.pk, late.pk, agreed.pk})
    later(days=4)
    assert (chores.delete_unconfirmed(), left()) == (1, {late.pk, agreed.pk})
    later(days=9, hours=23)
    assert (chores.delete_unconfirmed(), left()) == (1, {agreed.pk})


def test_what_was_agreed_to_answers_already_done_for_half_a_year(statement, settings):
    agreed, waiting = ask(statement), ask(statement, "bo@example.org", mailed=False)
    later(days=1)
    agree(agreed)
    later(days=settings.AGREED_STUB_DAYS - 1, hours=23)
    assert chores.delete_agreed() == 0
    later(hours=2)
    assert (chores.delete_agreed(), left()) == (1, {waiting.pk})


def test_batches_are_small_and_go_on(statement, monkeypatch):
    monkeypatch.setattr(chores, "BATCH", 2)
    for number in range(5):
        ask(statement, f"a{number}@example.org", mailed=False)
    later(days=28)
    assert [chores.delete_unconfirmed() for _ in range(4)] == [2, 2, 1, 0]


def test_networks_are_forgotten_after_seven_days(statement):
    ask(statement, ip_key="old")
    later(days=6, hours=23)
    assert chores.forget_networks() == 0
    later(hours=2)
    new = ask(statement, ip_key="new")
    assert [chores.forget_networks(), chores.forget_networks()] == [1, 0]
    assert SignatureSubmission.objects.exclude(ip_key="").get() == new


def test_correspondence_goes_when_nothing_of_two_months_needs_it(statement, server):
    ask(statement, mailed=False)
    deliver()
    later(days=30)
    mine_views.ask(AMINA)
    mine_views.ask("bo@example.org")
    later(days=59)
    assert (chores.forget_correspondence(), Correspondence.objects.count()) == (0, 2)
    ask(StatementFactory(), mailed=False)
    later(seconds=11)
    deliver()
    later(days=2)
    assert (chores.forget_correspondence(), Correspondence.objects.count()) == (1, 1)


def test_wrong_codes_are_forgotten_after_two_days():
    today = timezone.now().date()
    for days in (0, 2, 3):
        WrongCodes.objects.create(key="m", day=today - timedelta(days=days), number=1)
    assert chores.forget_wrong_codes() == 1
    assert sorted(today - day for day in WrongCodes.objects.values_list("day", flat=True)) == [
        timedelta(0),
        timedelta(days=2),
    ]


def reminders(server):
    return [message["To"] for message in server.received if subject_of(message).startswith("Reminder: ")]


def test_one_reminder_a_day_after_the_first_mail_and_never_two(statement, server):
    ask(statement, mailed=False)
    ask(statement, mailed=False)  # a double click
    deliver()
    later(hours=23)
    assert chores.remind() == 0
    later(hours=2)
    assert [chores.remind(), chores.remind()] == [1, 0]
    later(seconds=11)
    deliver()
    assert reminders(server) == [AMINA]
    for _ in range(8):
        later(hours=12)
        assert chores.remind() == 0
    assert Correspondence.objects.get().mails == 2, "it counts as a mail"


def test_a_reminder_lists_what_waits_and_settles_the_others(statement, server):
    ask(statement, mailed=False)
    deliver()
    ask(StatementFactory(), mailed=False)
    later(seconds=11)
    deliver()
    later(hours=25)
    assert chores.remind() == 2
    later(seconds=11)
    deliver()
    assert reminders(server) == [AMINA]
    assert OutgoingEmail.objects.filter(kind="signature_reminder").order_by("pk").last().state == "skipped"


@pytest.mark.parametrize("why", ["agreed", "ended", "hidden", "closed", "unmailed", "suppressed"])
def test_who_is_not_reminded(statement, server, why):
    submission = ask(statement, mailed=False)
    if why == "unmailed":
        outbox.suppress(AMINA)
    deliver()
    later(hours=25)
    if why == "agreed":
        agree(submission)
    elif why == "ended":
        SignatureSubmission.objects.update(ended_at=Now())
    elif why in {"hidden", "closed"}:
        type(statement).objects.update(**{f"{why}_at": Now() - timedelta(hours=25)})
    elif why == "suppressed":
        outbox.suppress(AMINA)
    assert chores.remind() == (why == "suppressed")
    later(seconds=11)
    deliver()
    assert reminders(server) == []


def test_a_chore_may_run_once_an_hour(monkeypatch):
    ran = []
    core_chores.load()
    monkeypatch.setattr(core_chores, "_chores", {})
    monkeypatch.setattr(core_chores, "_every", {})
    monkeypatch.setattr(core_chores, "_not_before", {})
    core_chores.chore("often")(lambda: ran.append("often") or 0)
    core_chores.chore("seldom", every=timedelta(hours=1))(lambda: ran.append("seldom") or 0)
    assert [core_chores.run_all(), core_chores.run_all()] == [{"often": 0, "seldom": 0}, {"often": 0}]
    core_chores._not_before["seldom"] -= 3600
    assert core_chores.run_all() == {"often": 0, "seldom": 0}
    assert ran == ["often", "seldom", "often", "often", "seldom"]


def test_one_with_transactions_of_its_own_that_fails_stops_no_other(monkeypatch, caplog):
    def fails():
        raise OperationalError("gone")

    core_chores.load()
    for name, empty in (("_chores", {}), ("_every", {}), ("_not_before", {}), ("_by_themselves", set())):
        monkeypatch.setattr(core_chores, name, empty)
    core_chores.chore("fails", has_own_transactions=True)(fails)
    core_chores.chore("once", every=timedelta(hours=1), has_own_transactions=True)(lambda: 7)
    assert [core_chores.run_all(), core_chores.run_all()] == [{"once": 7}, {}]
    assert [line.getMessage() for line in caplog.records] == ["chore failed: fails"] * 2


def test_who_was_promised_a_mail_an_hour_ago_and_had_none_rings(statement, server):
    outbox.suppress("silent@example.org")
    ask(statement, "silent@example.org", mailed=False)
    ask(statement, "done@example.org", mailed=False)
    deliver()
    hidden = StatementFactory()
    ask(hidden, "hidden@example.org", mailed=False)
    type(hidden).objects.filter(pk=hidden.pk).update(hidden_at=Now())
    for number in range(2):
        ask(statement, name=f"Amina {number}", mailed=False)
    server.says["RCPT"][AMINA] = "450 4.2.0 Later"
    deliver()
    later(minutes=59)
    assert (desk.mail_that_was_promised(), desk.never_mailed()) == (None, 0)
    later(minutes=2)
    found = desk.mail_that_was_promised()
    assert (found.words, desk.never_mailed()) == ("One mailbox waits for a first mail.", 1)
    assert timedelta(minutes=61) <= timezone.now() - found.since < timedelta(minutes=63)
    server.says["RCPT"].clear()
    deliver()
    assert desk.mail_that_was_promised() is None


def test_it_rings_on_staff_pages_and_is_measured(client):
    assert desk.mail_that_was_promised in staff_desk._alarms
    assert "\nundersigned_never_mailed 0\n" in client.get("/metrics").content.decode()
