"""What the demo's visitors find: statements in every state, signed, dated and followed up."""

from datetime import timedelta

import pytest
from django.db.models import Count
from django.utils import timezone

from mail.models import OutgoingEmail
from petitions.models import AttendanceSubmission, Event, SignatureSubmission, Statement
from petitions.statements import counting

LIBRARIES = "keep-our-libraries-open"


def of(slug: str) -> Statement:
    return Statement.objects.get(slug=slug)


def numbers(slug: str) -> counting.Numbers:
    statement = of(slug)
    return counting.numbers([statement])[statement.pk]


@pytest.mark.parametrize(
    ("slug", "status", "counted"),
    [
        (LIBRARIES, "open", (1284, 1019, 12)),
        ("safe-crossing-on-mill-lane", "open", (86, 61, 1)),
        ("save-the-tuesday-market", "closed", (412, 331, 3)),
        ("an-interpreter-at-every-appointment", "open", (53, 38, 0)),
        ("a-warm-room-in-every-ward", "draft", (0, 0, 0)),
    ],
)
def test_statements_stand_as_written(seeded, slug, status, counted):
    found = numbers(slug)
    assert (of(slug).status, (found.people, found.shown, found.removed)) == (status, counted)


def test_the_numbers_on_the_pages_are_those_of_the_rows(seeded):
    assert all(counting.recount(statement=statement).agrees for statement in Statement.objects.all())


def test_265_people_stay_private(seeded):
    assert numbers(LIBRARIES).private == 265


def test_every_state_of_a_signature_is_there_to_be_moderated(seeded):
    states = of(LIBRARIES).signatures.values_list("state").annotate(Count("pk")).order_by()
    assert dict(states) == {"confirmed": 1284, "held": 6, "removed": 12, "withdrawn": 9}
    assert SignatureSubmission.objects.filter(statement=of(LIBRARIES), agreed_at=None).count() == 3


def test_a_handful_of_mails_wait_and_no_more(seeded):
    waiting = SignatureSubmission.objects.filter(agreed_at=None)
    mails = OutgoingEmail.objects.filter(kind="signature_confirm")
    assert mails.count() == 5
    others = OutgoingEmail.objects.exclude(pk__in=mails).order_by("kind")
    assert list(others.values_list("kind", flat=True)) == [
        "attendance_confirm",
        "comment_confirm",
        "endorsement_confirm",
    ]
    assert set(mails.values_list("recipient", flat=True)) == set(waiting.values_list("email", flat=True))


def test_the_protest_is_on_a_saturday_to_come_at_noon_by_the_clocks_of_the_place(seeded):
    protest = Event.objects.get(statement__slug=LIBRARIES)
    local = timezone.localtime(protest.starts_at)
    assert (local.strftime("%A %H:%M"), protest.timezone) == ("Saturday 12:00", "Europe/London")
    assert timedelta(days=13) < protest.starts_at - timezone.now() < timedelta(days=21)
    assert "at 12 noon" in protest.summary


def test_the_protest_is_full_two_wait_for_a_place_and_one_has_not_answered(seeded):
    protest = Event.objects.get(statement__slug=LIBRARIES)
    states = protest.attendances.values_list("state").annotate(Count("pk")).order_by("state")
    assert (protest.capacity, protest.coming, dict(states)) == (6, 6, {"coming": 6, "waiting": 2})
    assert protest.is_full
    assert AttendanceSubmission.objects.filter(event=protest, agreed_at=None).count() == 1


def test_the_text_of_the_petition_was_corrected_and_earlier_signers_stay_under_the_first(seeded):
    petition = of("safe-crossing-on-mill-lane")
    assert list(petition.versions.values_list("number", flat=True)) == [1, 2]
    assert set(petition.signatures.filter(state="confirmed").values_list("version__number", flat=True)) == {1}


def test_the_closed_letter_tells_its_outcome_and_when_it_ended(seeded):
    letter = of("save-the-tuesday-market")
    assert "The market stays." in letter.outcome
    assert timezone.now() - letter.ended_at > timedelta(days=44)


def test_the_arabic_letter_runs_from_right_to_left(seeded):
    assert of("an-interpreter-at-every-appointment").direction == "rtl"


def test_updates_lie_in_the_past(seeded):
    news = of(LIBRARIES).updates.values_list("published_at", flat=True)
    assert [time < timezone.now() for time in news] == [True, True]
