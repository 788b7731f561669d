"""Staff mail news: asked, shown the numbers and the very mail, warned, planned, withdrawn (UX F8)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.html import escape

from petitions.actions.events import save_event
from petitions.models import Mailing, Update
from petitions.news import updates
from tests.factories import EventFactory, StatementFactory
from tests.petitions.news.making import begin, queue_all, signers

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open")


@pytest.fixture
def update(statement):
    published = timezone.now() - timedelta(hours=1)
    body = "<p>We handed it in.</p>"
    return Update.objects.create(statement=statement, title="Handed in", slug="in", body=body, published_at=published)


def plan(update):
    updates.send_test(update=update, to="carol@example.org")
    return updates.start(update=update, at=timezone.now() + timedelta(hours=2))


def test_a_planned_mail_waits_for_its_time(statement, update):
    signers(statement, 2)
    mailing = plan(update)
    assert queue_all() == []
    Mailing.objects.filter(pk=mailing.pk).update(started_at=timezone.now() - timedelta(seconds=1))
    assert queue_all() == [2]


def test_a_planned_mail_can_be_withdrawn_and_planned_anew(statement, update):
    plan(update)
    updates.stop(update=update)
    mailing = Mailing.objects.get()
    assert (mailing.started_at, mailing.stopped_at) == (None, None)
    assert updates.start(update=update, at=timezone.now() + timedelta(hours=1)).started_at > timezone.now()


def test_words_that_changed_after_the_plan_go_to_nobody(statement, update):
    signers(statement, 1)
    mailing = plan(update)
    Update.objects.filter(pk=update.pk).update(title="Other words")
    Mailing.objects.filter(pk=mailing.pk).update(started_at=timezone.now() - timedelta(seconds=1))
    assert queue_all() == []
    assert Mailing.objects.get().started_at is None


def test_once_the_mail_has_started_its_words_are_for_reading(carol, statement, update):
    url = f"/admin/petitions/update/{update.pk}/change/"
    typed = {"statement": statement.pk, "title": "Handed in today", "slug": "in-today", "body": "<p>To the mayor.</p>"}
    assert list(carol.get(url).context["adminform"].form.fields) == [
        "statement",
        "title",
        "slug",
        "body",
        "published_at",
    ]
    assert str(updates.WordsKept()) not in carol.get(url).content.decode()
    begin(update)
    page = carol.get(url)
    assert list(page.context["adminform"].form.fields) == ["statement", "slug", "published_at"]
    assert str(updates.WordsKept()) in page.content.decode()
    assert '<div class="reading"><p>We handed it in.</p></div>' in page.content.decode()
    done = carol.post(url, typed, follow=True)
    assert str(next(iter(done.context["messages"]))) == str(updates.WordsKept())
    stored = Update.objects.values_list("title", "slug", "body").get(pk=update.pk)
    assert stored == ("Handed in", "in-today", "<p>We handed it in.</p>")


def test_words_that_come_too_late_are_refused_in_words(update):
    begin(update)
    update.title = "Handed in today"
    with pytest.raises(updates.WordsKept, match="stay as they were tested"):
        updates.save_update(update=update)
    assert Update.objects.get(pk=update.pk).title == "Handed in"


@pytest.mark.django_db(transaction=True)
def test_who_starts_the_mail_waits_for_an_edit_of_its_words(update):
    def start() -> str:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '300ms'")
                updates.start(update=update)
        except OperationalError as error:
            return type(error.__cause__).__name__
        finally:
            connection.close()
        return "started"

    updates.send_test(update=update, to="carol@example.org")
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Update.objects.filter(pk=update.pk).update(title="Other words")
        assert pool.submit(start).result() == "LockNotAvailable"
    with pytest.raises(updates.NotTested):
        updates.start(update=update)


def test_what_starts_is_what_was_tested_not_what_somebody_still_has_before_them(update):
    updates.send_test(update=update, to="carol@example.org")
    Update.objects.filter(pk=update.pk).update(title="Other words")
    with pytest.raises(updates.NotTested):
        updates.start(update=update)


def test_news_may_be_planned_for_when_it_is_public_and_no_earlier(statement, update):
    Update.objects.filter(pk=update.pk).update(published_at=timezone.now() + timedelta(hours=3))
    with pytest.raises(updates.NotPublic):
        plan(update)
    Update.objects.filter(pk=update.pk).update(published_at=timezone.now() + timedelta(hours=1))
    assert plan(update).started_at > timezone.now()


@pytest.mark.parametrize(("days", "is_lately"), [(0, True), (6, True), (8, False)])
def test_a_second_mail_within_a_week_is_warned_of(carol, statement, update, days, is_lately):
    other = Update.objects.create(statement=statement, title="We meet on Monday", slug="m", body="<p>Come.</p>")
    Mailing.objects.create(update=other, started_at=timezone.now() - timedelta(days=days))
    Mailing.objects.create(update=Update.objects.create(statement=StatementFactory(), title="x", slug="x", body="x"))
    assert (updates.mailed_lately(update) is not None) is is_lately
    page = carol.get(f"/admin/petitions/update/{update.pk}/mail/").content.decode()
    assert ("(“We meet on Monday”). More than one mail in seven days makes people leave." in page) is is_lately


def test_staff_are_asked_tested_and_shown_the_numbers(carol, statement):
    signers(statement, 2)
    User.objects.update(email="carol@example.org")
    event = save_event(event=EventFactory(statement=statement, venue="Here"))
    asked = carol.get(f"/admin/petitions/event/{event.pk}/tell/")
    assert "Tell the 2 people who follow updates?" in asked.content.decode()
    assert Update.objects.count() == 0
    page = carol.post(f"/admin/petitions/event/{event.pk}/tell/")["Location"]
    assert "This will go to 2 people. 0 signers did not ask" in carol.get(page).content.decode()
    carol.post(page, {"action": "start"})
    assert Mailing.objects.filter(started_at__isnull=False).count() == 0
    carol.post(page, {"action": "test"})
    carol.post(page, {"action": "start"})
    assert Mailing.objects.filter(started_at__isnull=False).count() == 1
    assert queue_all() == [2]


def test_staff_see_the_very_mail_before_it_goes(carol, statement, update):
    signers(statement, 1, email="amina@example.org")
    page = carol.get(f"/admin/petitions/update/{update.pk}/mail/").content.decode()
    assert f'src="/admin/petitions/update/{update.pk}/mail/html/" sandbox' in page
    shown = carol.get(f"/admin/petitions/update/{update.pk}/mail/html/")
    assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    begin(update)
    queue_all()
    call_command("worker", once=True)
    (real,) = [message for message in outbox.outbox if message.to == ["amina@example.org"]]
    token = re.compile(r"/unsubscribe/[^/]+/")
    words = shown.content.decode()
    assert token.sub("", words) == token.sub("", real.alternatives[0].content)
    assert [escape(line) in page for line in token.sub("", real.body).splitlines() if "http" not in line].count(
        False
    ) == 0


def test_a_finished_mail_can_no_longer_be_stopped(carol, statement, update):
    signers(statement, 1)
    begin(update)
    page = f"/admin/petitions/update/{update.pk}/mail/"
    assert "Under way since" in carol.get(page).content.decode()
    assert 'value="stop"' in carol.get(page).content.decode()
    queue_all()
    call_command("worker", once=True)
    found = carol.get(page).content.decode()
    assert ("Finished." in found, 'value="stop"' in found) == (True, False)


def test_staff_can_plan_a_mail_and_take_it_back(carol, statement, update):
    signers(statement, 1)
    User.objects.update(email="carol@example.org")
    page = f"/admin/petitions/update/{update.pk}/mail/"
    carol.post(page, {"action": "test"})
    past = carol.post(page, {"action": "plan", "at_0": "2020-01-01", "at_1": "09:00"})
    assert "Choose a time in the future, or send it now." in past.content.decode()
    day = timezone.localdate() + timedelta(days=3)
    carol.post(page, {"action": "plan", "at_0": day.isoformat(), "at_1": "09:00"})
    assert "Planned for" in carol.get(page).content.decode()
    carol.post(page, {"action": "stop"})
    assert Mailing.objects.get().started_at is None


def test_staff_without_the_right_may_not(viewer, update):
    assert viewer.get(f"/admin/petitions/update/{update.pk}/mail/html/").status_code == 403
    assert viewer.post(f"/admin/petitions/update/{update.pk}/mail/", {"action": "test"}).status_code == 403


@pytest.mark.parametrize(("letters", "status"), [(5_000, 302), (5_001, 422)])
def test_news_is_no_longer_than_a_mail_should_be(carol, statement, letters, status):
    typed = {"statement": statement.pk, "title": "Long", "slug": "long", "body": f"<p>{'x' * letters}</p>"}
    answer = carol.post("/admin/petitions/update/add/", typed)
    assert answer.status_code == status
    assert ("Keep it to 5,000 letters; it has 5,001." in answer.content.decode()) == (status == 422)
