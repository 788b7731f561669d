"""Events in calendars: two independent readers must agree with us, on both sides of a clock change."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
import vobject
from django.utils import timezone

from petitions.actions import calendar
from petitions.actions.events import save_event
from petitions.models import Event
from tests.factories import EventFactory, StatementFactory
from tests.moments import from_now

pytestmark = pytest.mark.django_db

# The clocks go back on 25 October 2026, at 1 o'clock UTC.
SUMMER, WINTER = datetime(2026, 10, 17, 11, 0, tzinfo=UTC), datetime(2026, 10, 31, 12, 0, tzinfo=UTC)


def event(**values):
    values = {
        "starts_at": SUMMER,
        "ends_at": SUMMER + timedelta(hours=2),
        "venue": "Town Hall; Square, North",
        **values,
    }
    return EventFactory(**{"title": "Protest, outside\\the town hall", **values})


def first(content: bytes):
    return icalendar.Calendar.from_ical(content).walk("VEVENT")[0]


@pytest.mark.parametrize(("starts_at", "utc_hour"), [(SUMMER, 11), (WINTER, 12)])
def test_two_readers_see_noon_on_both_sides_of_the_clock_change(starts_at, utc_hour):
    content = calendar.write([event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))])
    ours = first(content)
    theirs = vobject.readOne(content.decode()).vevent
    for read in (ours.decoded("dtstart"), theirs.dtstart.value):
        assert (read.hour, read.astimezone(UTC).hour) == (12, utc_hour)
    for read in (ours.decoded("dtend"), theirs.dtend.value):
        assert read.astimezone(UTC) == starts_at + timedelta(hours=2)


def test_two_readers_get_back_what_was_typed():
    stored = event(summary="Bring a book.\nAnd a friend; “quiet”, please." * 4)
    content = calendar.write([stored])
    ours, theirs = first(content), vobject.readOne(content.decode()).vevent
    assert str(ours["summary"]) == theirs.summary.value == stored.title
    assert str(ours["location"]) == theirs.location.value == "Town Hall; Square, North"
    assert str(ours["description"]) == theirs.description.value == calendar.description(stored)
    assert str(ours["uid"]) == theirs.uid.value == str(stored.uid)


def test_lines_are_short_and_end_as_the_standard_wants():
    content = calendar.write([event(summary="Bücher für alle! " * 30)], name="Événements")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"BEGIN:VTIMEZONE" in content
    assert b"ORGANIZER" not in content


def test_identity_stays_and_the_sequence_rises():
    stored = save_event(event=event())
    stored.changed_at -= timedelta(minutes=1)
    before = first(calendar.write([stored]))
    stored.starts_at += timedelta(minutes=30)
    after = first(calendar.write([save_event(event=stored)]))
    assert (before["uid"], before["sequence"], after["sequence"]) == (after["uid"], 0, 1)
    assert after.decoded("last-modified") > before.decoded("last-modified")


@pytest.mark.parametrize(
    ("status", "written"), [("scheduled", "CONFIRMED"), ("postponed", "TENTATIVE"), ("cancelled", "CANCELLED")]
)
def test_status(status, written):
    assert first(calendar.write([event(status=status)]))["status"] == written


def test_a_calendar_to_follow_says_its_name_and_when_to_look_again():
    read = icalendar.Calendar.from_ical(calendar.write([], name="Eastside"))
    assert (read["name"], read["x-wr-calname"], read["x-published-ttl"]) == ("Eastside", "Eastside", "PT6H")
    assert read.decoded("refresh-interval") == timedelta(hours=6)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H" in calendar.write([], name="Eastside")


def test_what_is_cancelled_is_told_for_thirty_days():
    coming = timezone.now() + timedelta(days=60)
    fresh, stale = (event(status="cancelled", starts_at=coming, ends_at=None) for _ in range(2))
    Event.objects.filter(pk=fresh.pk).update(changed_at=timezone.now() - timedelta(days=29))
    Event.objects.filter(pk=stale.pk).update(changed_at=timezone.now() - timedelta(days=31))
    assert list(calendar.followed()) == [fresh]


def test_the_site_follows_all_the_statement_its_own_and_a_draft_nothing(client):
    mine, other = EventFactory(), EventFactory()
    hidden = EventFactory(statement=StatementFactory(published_at=None))
    slugs = {
        "/events.ics": {mine.slug, other.slug},
        f"/statements/{mine.statement.slug}/events.ics": {mine.slug},
        f"/events/{other.slug}.ics": {other.slug},
    }
    for address, expected in slugs.items():
        answer = client.get(address)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        entries = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        assert {urlsplit(entry["url"]).path.split("/")[2] for entry in entries} == expected
    for address in (f"/events/{hidden.slug}/", f"/events/{hidden.slug}.ics"):
        assert client.get(address).status_code == 404
    assert hidden.title not in client.get("/events/").content.decode().replace(mine.title, "")


def test_links_fill_in_other_calendars():
    links = calendar.links(event())
    google = parse_qs(urlsplit(links["google"]).query)
    assert google["dates"] == ["20261017T110000Z/20261017T130000Z"]
    assert google["ctz"] == ["Europe/London"]
    outlook = parse_qs(urlsplit(links["outlook"]).query)
    assert (outlook["startdt"], outlook["enddt"]) == (["2026-10-17T12:00:00+01:00"], ["2026-10-17T14:00:00+01:00"])
    assert "+" not in links["outlook"] + links["google"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "cancelled"}, "This event will not take place."),
        ({"status": "postponed"}, "It will not take place at this time."),
        ({"starts_at": timedelta(days=-2)}, "This event has finished."),
        ({"sequence": 1}, "The time or the place is not what was first announced."),
    ],
)
def test_the_page_says_how_it_stands(client, values, words):
    found = EventFactory(**from_now(values))
    for address in (found.get_absolute_url(), "/events/", found.statement.get_absolute_url()):
        assert words in client.get(address).content.decode()


def test_search_engines_can_read_it(client):
    found = event(
        title="x", starts_at=WINTER, ends_at=None, online_url="https://example.org/join", address="High Street"
    )
    page = client.get(found.get_absolute_url()).content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert (data["name"], data["startDate"]) == (found.title, "2026-10-31T12:00:00+00:00")
    assert data["location"][0]["address"] == "High Street"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"


def test_nothing_typed_ends_the_script_early(client):
    found = EventFactory(title="</script><script>alert(1)</script>")
    assert "<script>alert" not in client.get(found.get_absolute_url()).content.decode()
