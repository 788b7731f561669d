"""Coming to an event: from the form to the list, the waiting list, the reminder, and being forgotten."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import Tombstone
from mail.models import OutgoingEmail
from petitions.actions import attending, events, retention
from petitions.models import Attendance, AttendanceSubmission, Event
from submissions import agreeing, codes, erasing, status
from submissions.holdings import Mailbox
from tests.asking import codes_in, link_in, mails_to, value_of
from tests.factories import EventFactory
from tests.mailserver import subject_of, text_of
from tests.petitions.actions.making import AMINA, ask, come

pytestmark = pytest.mark.django_db
DEREK, WINSOME = "derek@example.org", "winsome@example.org"
State = Attendance.State


@pytest.fixture
def event():
    return EventFactory(takes_names=True, slug="protest", venue="Town hall")


def listed(event):
    event.refresh_from_db()
    rows = [tuple(row) for row in event.attendances.values_list("email", "state")]
    assert event.coming == sum(state == "coming" for _, state in rows)
    return rows


def queued(kind):
    rows = OutgoingEmail.objects.filter(kind=f"attendance_{kind}").order_by("pk")
    return list(rows.values_list("recipient", flat=True))


def test_from_the_page_by_mail_to_the_list(client, server, event):
    page = client.get("/events/protest/").content.decode()
    assert 'action="/events/protest/coming/"' in page
    waiting = client.post("/events/protest/coming/", {"name": "Amina Yusuf", "email": AMINA})
    assert (waiting.status_code, waiting["Location"].partition("?")[0]) == (303, "/events/protest/check-email/")
    shown = client.get(waiting["Location"]).content.decode()
    assert ("Yes, I&#39;m coming" in shown, AMINA in shown) == (True, True)
    assert listed(event) == []
    (message,) = mails_to(server, AMINA)
    assert subject_of(message).startswith(f"Confirm that you are coming: {event.title} (")
    assert "Amina Yusuf" not in text_of(message)
    confirm = client.get(link_in(message)).content.decode()
    assert ("Town hall" in confirm, str(event.period) in confirm) == (True, True)
    assert listed(event) == [], "opening changes nothing"
    done = client.post(link_in(message), {"agree": value_of(AttendanceSubmission.objects.get())})
    assert listed(event) == [(AMINA, "coming")]
    own = client.get(done["Location"]).content.decode()
    assert ("You are on the list." in own, 'value="withdraw"' in own) == (True, True)
    submission = AttendanceSubmission.objects.get()
    assert (submission.name, submission.email, submission.result_id) == ("", "", Attendance.objects.get().pk)
    receipt = mails_to(server, AMINA)[-1]
    assert subject_of(receipt) == f"You are on the list: {event.title}"
    assert not client.cookies


def test_by_its_code(server, event):
    asked = attending.come(event=event, name="Amina Yusuf", email=AMINA)
    (message,) = mails_to(server, AMINA)
    (found,) = status.of([(attending.NUMBER, asked.submission_id)])
    assert codes.attempt(found.kind, found, *codes_in(message), ip_key="") is codes.Tried.RIGHT


def test_a_full_hall_a_waiting_list_and_room_again(client, server, event):
    Event.objects.update(capacity=2)
    first = come(event)
    come(event, DEREK, "Derek Ormerod")
    assert "All places are taken" in client.get("/events/protest/").content.decode()
    third = come(event, WINSOME, "Winsome Nembhard")
    assert listed(event) == [(AMINA, "coming"), (DEREK, "coming"), (WINSOME, "waiting")]
    assert attending.withdraw(attendance_id=first.pk)
    assert listed(event) == [(AMINA, "withdrawn"), (DEREK, "coming"), (WINSOME, "coming")]
    assert queued("room") == [WINSOME]
    subjects = [subject_of(message) for message in mails_to(server, WINSOME)]
    assert subjects == [f"There is a place for you: {event.title}"], "the receipt said that she waits: no longer so"
    # Who thinks better of it has lost the place, and is the next.
    assert attending.put_back(attendance_id=first.pk)
    assert listed(event)[-1] == (AMINA, "waiting")
    third.refresh_from_db()
    assert third.state == State.COMING


def test_a_free_place_is_for_who_waits(event):
    Event.objects.update(capacity=1)
    come(event)
    come(event, DEREK)
    Event.objects.update(capacity=2)  # as if a place had become free a moment ago
    come(event, WINSOME)
    assert listed(event) == [(AMINA, "coming"), (DEREK, "waiting"), (WINSOME, "waiting")]


def test_more_places_on_the_desk_go_to_who_waits(event):
    Event.objects.update(capacity=1)
    for email in (AMINA, DEREK, WINSOME):
        come(event, email)
    event.refresh_from_db()
    event.capacity = 2
    events.save_event(event=event)
    assert listed(event) == [(AMINA, "coming"), (DEREK, "coming"), (WINSOME, "waiting")]
    assert queued("room") == [DEREK]
    event.capacity = 1
    events.save_event(event=event)
    assert listed(event)[1] == (DEREK, "coming"), "a place once given is not taken away"


def test_twice_is_once_and_the_newer_name_counts(event):
    older, newer = ask(event, name="Amina"), ask(event, name="Amina Y.")
    agreeing.agree(attending.NUMBER, newer.pk)
    with pytest.raises(agreeing.NotAgreed, match="superseded"):
        agreeing.agree(attending.NUMBER, older.pk)
    come(event, name="Amina Yusuf")
    assert list(event.attendances.values_list("name", "state")) == [("Amina Yusuf", "coming")]


def test_another_spelling_is_no_way_to_somebody_elses_place(event):
    come(event, "amina@gmail.com")
    with pytest.raises(agreeing.NotAgreed):
        agreeing.agree(attending.NUMBER, ask(event, "a.mina@gmail.com", "Mallory").pk)
    assert list(event.attendances.values_list("name", "email")) == [("Amina Yusuf", "amina@gmail.com")]


@pytest.mark.parametrize(
    ("change", "asks"),
    [
        ({"takes_names": False}, True),
        ({"status": "cancelled"}, False),
        ({"starts_at": timedelta(days=-2)}, False),
        ({"status": "postponed"}, True),
    ],
)
def test_closed_for_asking_and_for_agreeing(client, event, change, asks):
    submission = ask(event)
    Event.objects.update(**{k: timezone.now() + v if k == "starts_at" else v for k, v in change.items()})
    refused = client.post("/events/protest/coming/", {"name": "Derek", "email": DEREK})
    assert (refused.status_code, "Derek" in refused.content.decode()) == (409, True), "what was typed is kept"
    assert "coming-form" not in client.get("/events/protest/").content.decode()
    if asks:
        agreeing.agree(attending.NUMBER, submission.pk)
        assert listed(event) == [(AMINA, "coming")]
    else:
        with pytest.raises(agreeing.NotAgreed, match="closed"):
            agreeing.agree(attending.NUMBER, submission.pk)
        assert listed(event) == []


def test_what_is_wrong_is_said_and_kept(client, event):
    page = client.post("/events/protest/coming/", {"name": "", "email": "amina@gmial.com"})
    assert (page.status_code, "amina@gmial.com" in page.content.decode()) == (422, True)
    assert AttendanceSubmission.objects.count() == 0


@pytest.mark.parametrize(("telling", "told"), [("many", None), ("always", 2), ("never", None)])
def test_the_number_is_told_as_the_campaigner_chose(client, event, telling, told, settings):
    come(event)
    come(event, DEREK)
    Event.objects.update(telling=telling)
    event.refresh_from_db()
    assert event.public_number == told
    assert ("people are coming." in client.get("/events/protest/").content.decode()) == bool(told)
    settings.NUMBERS_FROM = 2
    assert event.public_number == (None if telling == "never" else 2)


def test_the_own_page_and_mine_take_it_back(client, server, event):
    attendance = come(event)
    (receipt,) = mails_to(server, AMINA)
    own = next(word for word in text_of(receipt).split() if "/manage/" in word)
    assert attendance.name not in text_of(receipt)
    page = client.post(own, {"action": "withdraw"}).content.decode()
    assert ("You are off the list" in page, listed(event)) == (True, [(AMINA, "withdrawn")])
    client.post(own, {"action": "put_back"})
    assert listed(event) == [(AMINA, "coming")]
    client.post(own, {"action": "new_link"})
    assert client.post(own, {"action": "withdraw"}).status_code != 200, "the old link leads nowhere"
    assert listed(event) == [(AMINA, "coming")]
    assert queued("own_link") == [AMINA]


def test_whoever_only_typed_the_address_reads_and_changes_nothing(client, event):
    attendance = come(event)
    kind = attending.named(attending.KIND)
    page = kind.url(attendance.pk, is_reader=False)
    client.post(page, {"action": "withdraw"})
    assert (event.title in client.get(page).content.decode(), listed(event)) == (True, [(AMINA, "coming")])
    assert "Amina" not in client.get(page).content.decode()


def test_erasing_leaves_a_tombstone_and_makes_room(event):
    Event.objects.update(capacity=1)
    come(event)
    come(event, DEREK)
    erasing.erase(Mailbox.of(AMINA))
    assert listed(event) == [(DEREK, "coming")]
    assert Tombstone.objects.filter(kind="attendance", which=event.uid.hex, scope=event.statement_id).count() == 1


def test_the_day_before_once(server, event):
    come(event)
    assert attending.remind() == 0
    Attendance.objects.update(agreed_at=timezone.now() - timedelta(days=9))
    Event.objects.update(starts_at=timezone.now() + timedelta(hours=23))
    late = come(event, DEREK)  # who says so the day before knows
    assert (attending.remind(), attending.remind()) == (1, 0)
    assert queued("tomorrow") == [AMINA]
    assert [subject_of(mail) for mail in mails_to(server, AMINA)][-1] == f"A reminder: {event.title}"
    assert late.reminded_at is None
    Attendance.objects.update(reminded_at=None)
    Event.objects.update(status="cancelled")
    assert attending.remind() == 0


def test_a_change_of_plans_is_told_to_who_comes(server, event):
    come(event)
    gone = come(event, DEREK)
    attending.withdraw(attendance_id=gone.pk)
    event.refresh_from_db()
    event.summary = "Bring a book."
    events.save_event(event=event)
    assert queued("changed") == []
    event.status = "cancelled"
    events.save_event(event=event)
    assert queued("changed") == [AMINA]
    assert [subject_of(mail) for mail in mails_to(server, AMINA)][-1] == f"Called off: {event.title}"


def test_all_is_forgotten_after_the_event(event, settings):
    come(event)
    ask(event, DEREK)
    kept = EventFactory(takes_names=True)
    come(kept, WINSOME)
    Event.objects.filter(pk=event.pk).update(starts_at=timezone.now() - timedelta(days=settings.ATTENDANCE_DAYS - 1))
    assert (retention.forget(), retention.forget_asked()) == (0, 0)
    Event.objects.filter(pk=event.pk).update(
        starts_at=timezone.now() - timedelta(days=settings.ATTENDANCE_DAYS, hours=1)
    )
    assert (retention.forget(), retention.forget_asked()) == (1, 2)
    assert list(Attendance.objects.values_list("email", flat=True)) == [WINSOME]
    assert Event.objects.get(pk=event.pk).coming == 1, "the number stays"


def test_what_is_taken_back_goes_within_minutes(event, settings):
    gone = come(event)
    attending.withdraw(attendance_id=gone.pk)
    assert retention.delete_withdrawn() == 0
    Attendance.objects.update(withdrawn_at=timezone.now() - timedelta(minutes=settings.WITHDRAWN_MINUTES, seconds=1))
    assert not attending.put_back(attendance_id=gone.pk)
    assert (retention.delete_withdrawn(), Attendance.objects.count()) == (1, 0)
    assert Tombstone.objects.filter(kind="attendance", why="withdrawn").count() == 1


def test_the_database_holds_the_turns_and_the_mailbox(event):
    attendance = come(event)
    broken = [
        {"state": "waiting"},
        {"state": "somewhere"},
        {"withdrawn_at": timezone.now()},
    ]
    for change in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            Attendance.objects.filter(pk=attendance.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.create(event=event, name="A", email=AMINA, state="coming")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(capacity=0)
