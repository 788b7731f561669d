"""Events that come again, by the clocks of the place."""

from datetime import UTC, datetime

import pytest

from petitions.actions import repeating
from petitions.actions.repeating import Every
from petitions.models import Event
from tests.factories import EventFactory
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    """The second Tuesday of October 2026, 7 to 9 p.m. in London, before the clocks go back on the 25th."""
    return EventFactory(
        slug="branch", title="Branch meeting", takes_names=True, capacity=20, venue="Room 3",
        starts_at=datetime(2026, 10, 13, 18, tzinfo=UTC), ends_at=datetime(2026, 10, 13, 20, tzinfo=UTC),
    )  # fmt: skip


def starts(event, every, times):
    return [f"{copy.when.local_start:%a %-d %b %H:%M}" for copy in repeating.dates(event, every, times)]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (Every.WEEK, ["Tue 20 Oct 19:00", "Tue 27 Oct 19:00", "Tue 3 Nov 19:00"]),
        (Every.FORTNIGHT, ["Tue 27 Oct 19:00", "Tue 10 Nov 19:00", "Tue 24 Nov 19:00"]),
        (Every.MONTH_DAY, ["Tue 10 Nov 19:00", "Tue 8 Dec 19:00", "Tue 12 Jan 19:00"]),
        (Every.MONTH_DATE, ["Fri 13 Nov 19:00", "Sun 13 Dec 19:00", "Wed 13 Jan 19:00"]),
    ],
)
def test_seven_in_the_evening_stays_seven(event, every, expected):
    assert starts(event, every, 3) == expected


def test_the_end_of_the_month_and_a_fifth_weekday():
    last = EventFactory(starts_at=datetime(2027, 1, 31, 12, tzinfo=UTC))
    assert starts(last, Every.MONTH_DATE, 3) == ["Sun 28 Feb 12:00", "Wed 31 Mar 12:00", "Fri 30 Apr 12:00"]
    assert starts(last, Every.MONTH_DAY, 3) == ["Sun 28 Feb 12:00", "Sun 28 Mar 12:00", "Sun 25 Apr 12:00"]


def test_copies_are_events_of_their_own(event):
    made = repeating.repeat(event=event, every=Every.WEEK, times=2)
    assert [(one.slug, one.title, one.capacity, one.takes_names, one.venue, one.coming) for one in made] == [
        ("branch-2026-10-20", "Branch meeting", 20, True, "Room 3", 0),
        ("branch-2026-10-27", "Branch meeting", 20, True, "Room 3", 0),
    ]
    assert [f"{one.period.local_end:%H:%M}" for one in made] == ["21:00", "21:00"]
    assert Event.objects.values("uid").distinct().count() == 3
    # Once more from a copy: the day is replaced, and what is there stays alone.
    again = repeating.repeat(event=made[0], every=Every.WEEK, times=2)
    assert [one.slug for one in again] == ["branch-2026-11-03"]
    with pytest.raises(repeating.NothingToRepeat):
        repeating.repeat(event=event, every=Every.WEEK, times=1)


def test_whole_days_stay_whole(event):
    camp = EventFactory(
        slug="camp", whole_days=True, starts_at=datetime(2026, 10, 22, 23, tzinfo=UTC),
        ends_at=datetime(2026, 10, 24, 23, tzinfo=UTC),
    )  # fmt: skip
    days = [(one.when.first_day.day, one.when.whole_days) for one in repeating.dates(camp, Every.WEEK, 2)]
    assert days == [(30, True), (6, True)]


def test_on_the_desk_dates_are_shown_before_they_are_made(event):
    carol = superuser("carol")
    page = f"/admin/petitions/event/{event.pk}/repeat/"
    assert carol.get(page).status_code == 200
    typed = {"every": "week", "times": "2"}
    shown = carol.post(page, {**typed, "action": "look"}).content.decode()
    assert ("Tuesday 20 October 2026" in shown, Event.objects.count()) == (True, 1)
    assert carol.post(page, {**typed, "action": "make"}).status_code == 302
    assert Event.objects.count() == 3
    assert carol.post(page, {**typed, "action": "make"}).status_code == 422
    assert carol.post(page, {"every": "day", "times": "99"}).status_code == 422
    assert staff("mo").get(page).status_code == 403
