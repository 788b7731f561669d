"""From when to when: one way of saying it, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import translation

from core import period
from core.period import Period, until

LONDON, NEW_YORK = "Europe/London", "America/New_York"


def at(text, zone=LONDON):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def said(when):
    return str(when).replace(period.NBSP, " ")


def timed(start, end=None, zone=LONDON):
    return Period(at(start, zone), end and at(end, zone), zone)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (timed("2026-10-17T12:00"), "Saturday 17 October 2026, 12 noon"),
        (timed("2026-10-17T12:00", "2026-10-17T14:30"), "Saturday 17 October 2026, 12 noon to 2:30 p.m."),
        (timed("2026-10-17T20:00", "2026-10-18T00:00"), "Saturday 17 October 2026, 8 p.m. to midnight"),
        (
            timed("2026-10-17T22:00", "2026-10-18T02:00"),
            "Saturday 17 October 2026, 10 p.m. to Sunday 18 October 2026, 2 a.m.",
        ),
        (timed("2027-06-11T10:00", "2027-06-13T16:00"), "Friday 11 June 2027, 10 a.m. to Sunday 13 June 2027, 4 p.m."),
        (
            timed("2026-10-17T12:00", "2026-10-17T13:00", NEW_YORK),
            "Saturday 17 October 2026, 12 noon to 1 p.m., New York time",
        ),
        (timed("2026-10-17T12:00", zone="Europe/Jersey"), "Saturday 17 October 2026, 12 noon"),
        (Period.of_days(date(2026, 12, 4), date(2026, 12, 4), LONDON), "Friday 4 December 2026"),
        (Period.of_days(date(2026, 12, 4), date(2026, 12, 6), LONDON), "Friday 4 to Sunday 6 December 2026"),
        (
            Period.of_days(date(2026, 11, 28), date(2026, 12, 6), NEW_YORK),
            "Saturday 28 November to Sunday 6 December 2026",
        ),
        (
            Period.of_days(date(2026, 12, 31), date(2027, 1, 2), LONDON),
            "Thursday 31 December 2026 to Saturday 2 January 2027",
        ),
    ],
)
def test_how_it_is_said(when, words):
    assert said(when) == words


def test_it_is_said_in_the_language_of_the_reader():
    with translation.override("fr"):
        assert str(timed("2026-10-17T10:30")) == "samedi 17 octobre 2026, 10:30"


def test_as_html_each_end_is_a_time_for_machines():
    html = timed("2026-10-17T12:00", "2026-10-17T14:00").__html__()
    start = '<time datetime="2026-10-17T12:00:00+01:00">Saturday 17 October 2026, 12\xa0noon</time>'
    assert html == f'{start} to <time datetime="2026-10-17T14:00:00+01:00">2\xa0p.m.</time>'
    days = Period.of_days(date(2026, 12, 4), date(2026, 12, 6), LONDON).__html__()
    last = '<time datetime="2026-12-06">Sunday 6 December 2026</time>'
    assert days == f'<time datetime="2026-12-04">Friday 4</time> to {last}'


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Asia/Beirut", "America/Asuncion", "Pacific/Apia", LONDON, "UTC"])
def test_whole_days_are_days_whatever_the_clocks_do_at_midnight(zone):
    for number in range(800):
        on = date(2023, 1, 1) + timedelta(days=number)
        when = Period.of_days(on, on + timedelta(days=1), zone)
        assert (when.first_day, when.last_day) == (on, on + timedelta(days=1))


@pytest.mark.parametrize(
    ("wall", "zone", "offsets", "missing"),
    [
        ("2027-03-28T01:30", LONDON, [0, 1], True),
        ("2027-03-28T01:30", NEW_YORK, [-4], False),
        ("2027-03-14T02:30", NEW_YORK, [-5, -4], True),
        ("2026-10-25T01:30", LONDON, [1, 0], False),
        ("2026-10-25T01:00", LONDON, [1, 0], False),
        ("2026-10-25T02:00", LONDON, [0], False),
        ("2026-07-01T12:00", "Asia/Kolkata", [5.5], False),
    ],
)
def test_what_a_clock_on_the_wall_may_mean(wall, zone, offsets, missing):
    wall = datetime.fromisoformat(wall)
    found = period.readings(wall, zone)
    assert period.is_missing(wall, zone) == missing
    if missing:
        assert [moment.replace(tzinfo=None) != wall for moment in found] == [True, True]
        assert found[0].astimezone(UTC) - found[1].astimezone(UTC) == timedelta(hours=1)
    else:
        assert [moment.utcoffset() / timedelta(hours=1) for moment in found] == offsets
        assert {moment.replace(tzinfo=None) for moment in found} == {wall}


def test_which_times_come_twice():
    both = period.readings(datetime.fromisoformat("2026-10-25T01:30"), LONDON)
    assert [period.comes_twice(moment) for moment in both] == [True, True]
    assert period.comes_twice(at("2026-10-25T02:00")) is False


def test_the_zones_are_places_that_people_live_in_and_the_sites_own_is_first(settings):
    every = [zone for zones in period.zones().values() for zone in zones]
    assert len(every) == len(set(every)) > 300
    assert set(every) <= available_timezones()
    assert {LONDON, NEW_YORK, "Asia/Kolkata", "UTC"} <= set(every)
    assert {"US/Eastern", "GB", "Etc/GMT+5", "localtime", "Europe/Kiev", "posixrules"} & set(every) == set()
    settings.TIME_ZONE = "Asia/Kathmandu"
    assert [zone for zone, _ in period.choices("Europe/Kiev")[0][1]] == ["Asia/Kathmandu", "Europe/Kiev"]


@pytest.mark.parametrize(
    ("closes", "words"),
    [
        (datetime(2027, 6, 30, 22, 59, tzinfo=UTC), "30 June 2027"),
        (datetime(2027, 6, 30, 23, 0, tzinfo=UTC), "30 June 2027"),
        (datetime(2027, 6, 30, 22, 59, 59, tzinfo=UTC), "30 June 2027"),
        (datetime(2027, 6, 30, 11, 0, tzinfo=UTC), "12 noon on 30 June 2027"),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), "31 December 2026"),
        (datetime(2027, 6, 30, 16, 30, tzinfo=UTC), "5:30 p.m. on 30 June 2027"),
    ],
)
def test_until_when_something_is_open(closes, words):
    assert until(closes).replace(period.NBSP, " ") == words
