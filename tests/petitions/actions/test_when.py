"""An event of any length says the same time everywhere, and the form asks where a clock leaves it open."""

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.period import Period
from organisations import motion
from petitions.actions import calendar
from petitions.actions.events import save_event
from petitions.models import Event, Statement
from petitions.news import updates
from tests.factories import EventFactory, StatementFactory
from tests.staff import superuser

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
ADD = "/admin/petitions/event/add/"
CAMP = {"starts_at": datetime(2027, 6, 11, 10, tzinfo=LONDON), "ends_at": datetime(2027, 6, 13, 16, tzinfo=LONDON)}
CAMP_SAID = "Friday 11 June 2027, 10 a.m. to Sunday 13 June 2027, 4 p.m."
WEEK = Period.of_days(date(2027, 12, 3), date(2027, 12, 5), "Europe/London")
WEEK_SAID = "Friday 3 to Sunday 5 December 2027"


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


def week(**values):
    return EventFactory(starts_at=WEEK.start, ends_at=WEEK.end, whole_days=True, **values)


@pytest.mark.parametrize(("made", "words"), [(lambda: EventFactory(**CAMP), CAMP_SAID), (week, WEEK_SAID)])
def test_several_days_read_as_several_days_everywhere(client, made, words):
    event = made()
    statement = event.statement.get_absolute_url()
    for address in (event.get_absolute_url(), "/events/", statement, "/"):
        assert (address, words in plain(client.get(address).content.decode())) == (address, True)
    page = client.get(event.get_absolute_url()).content.decode()
    (described,) = re.findall(r'<meta property="og:description" content="([^"]*)">', page)
    assert described.replace("\xa0", " ").startswith(words)
    (pictured,) = re.findall(r'<meta property="og:image:alt" content="([^"]*)">', page)
    assert words in pictured.replace("\xa0", " ")
    data = client.get(statement.rstrip("/") + ".json").json()
    assert data["events"][0]["when"].replace("\xa0", " ") == words
    assert words in plain(updates.announce_change(event=event).body)


def test_whole_days_are_days_for_calendars_and_search_engines(client):
    event = week()
    content = calendar.write([event])
    assert b"DTSTART;VALUE=DATE:20271203" in content
    assert b"DTEND;VALUE=DATE:20271206" in content
    assert b"VTIMEZONE" not in content
    for read in (
        icalendar.Calendar.from_ical(content).walk("VEVENT")[0].decoded("dtend"),
        vobject.readOne(content.decode()).vevent.dtend.value,
    ):
        assert read == date(2027, 12, 6)
    links = calendar.links(event)
    assert parse_qs(urlsplit(links["google"]).query)["dates"] == ["20271203/20271206"]
    outlook = parse_qs(urlsplit(links["outlook"]).query)
    assert [outlook[name] for name in ("startdt", "enddt", "allday")] == [["2027-12-03"], ["2027-12-06"], ["true"]]
    page = client.get(event.get_absolute_url()).content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert (data["startDate"], data["endDate"]) == ("2027-12-03", "2027-12-05")


def test_the_second_half_past_one_of_autumn_is_told_from_the_first():
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    for moment in (first, second):
        read = icalendar.Calendar.from_ical(calendar.write([EventFactory(starts_at=moment)])).walk("VEVENT")[0]
        assert read.decoded("dtstart").astimezone(UTC) == moment


def test_a_motion_names_the_day_that_it_is_there(client):
    event = EventFactory(starts_at=datetime(2027, 6, 10, 23, 30, tzinfo=UTC), title="Vigil")
    assert "“Vigil” on 11 June 2027" in motion.text(event.statement).plain


def test_what_was_corrected_before_anybody_saw_it_has_not_changed():
    event = save_event(event=Event(statement=StatementFactory(published_at=None), title="T", slug="t", **CAMP))
    event.starts_at += timedelta(hours=1)
    assert save_event(event=event).sequence == 0
    Statement.objects.update(published_at=timezone.now() - timedelta(minutes=1))
    event.starts_at += timedelta(hours=1)
    assert (save_event(event=event).sequence, event.status_shown) == (1, "moved")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"ends_at": CAMP["starts_at"]}, "event_ends_after_start"),
        ({"ends_at": CAMP["starts_at"] - timedelta(hours=1)}, "event_ends_after_start"),
        ({"ends_at": None, "whole_days": True}, "event_whole_days_have_a_last"),
    ],
)
def test_the_database_refuses_what_ends_before_it_begins(values, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        EventFactory(**{**CAMP, **values})


@pytest.mark.parametrize("closes", [datetime(2027, 6, 30, 22, 59, tzinfo=UTC), datetime(2027, 6, 30, 23, tzinfo=UTC)])
def test_the_closing_day_stands_on_the_page_while_it_is_open(client, statement, closes):
    Statement.objects.update(closes_at=closes)
    assert "Open until 30 June 2027" in plain(client.get(statement.get_absolute_url()).content.decode())
    assert "Open until 30 June 2027" in plain(client.get("/").content.decode())
    Statement.objects.update(closed_at=timezone.now())
    assert "Open until" not in plain(client.get(statement.get_absolute_url()).content.decode())


# -- the form --


@pytest.fixture
def carol():
    return superuser("carol")


def typed(statement, start, end="", **more):
    days = {name: value.split("T") for name, value in (("starts_at", start), ("ends_at", end))}
    parts = {f"{name}_{place}": part for name, both in days.items() for place, part in enumerate([*both, ""][:2])}
    fixed = {"statement": statement.pk, "title": "T", "slug": "t", "status": "scheduled", "timezone": "Europe/London"}
    return {**fixed, **parts, **more}


def form_of(page):
    return page.context["adminform"].form


def test_an_hour_that_only_london_lacks_is_taken_elsewhere(carol, statement):
    carol.post(ADD, typed(statement, "2027-03-28T01:30", timezone="America/New_York"))
    assert Event.objects.get().starts_at == datetime(2027, 3, 28, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "zone", "problem", "choices"),
    [
        (
            "2027-03-14T02:30", "America/New_York",
            "There is no 2:30 a.m. on Sunday 14 March 2027 in New York: the clocks go forward then."
            " Choose what you mean.",
            [("1:30 a.m. EST (UTC-05:00)", 6), ("3:30 a.m. EDT (UTC-04:00)", 7)],
        ),
        (
            "2026-10-25T01:30", "Europe/London",
            "1:30 a.m. comes twice on Sunday 25 October 2026 in London: the clocks go back then."
            " Choose which you mean.",
            [("1:30 a.m. BST (UTC+01:00)", 0), ("1:30 a.m. GMT (UTC+00:00)", 1)],
        ),
    ],
)  # fmt: skip
def test_an_hour_that_is_missing_or_comes_twice_is_asked_about(carol, statement, start, zone, problem, choices):
    posted = typed(statement, start, timezone=zone)
    page = carol.post(ADD, posted)
    form = form_of(page)
    assert [error.replace("\xa0", " ") for error in form.errors["starts_at"]] == [problem]
    offered = form.fields["starts_at_means"].widget.choices
    assert [words.replace("\xa0", " ") for _, words in offered] == [words for words, _ in choices]
    assert page.content.decode().count('type="radio" name="starts_at_means"') == 2
    assert (form["title"].value(), form["starts_at"].value()) == ("T", start.split("T"))
    for number, ((value, _), (_, hour)) in enumerate(zip(offered, choices, strict=True)):
        assert carol.post(ADD, {**posted, "slug": f"t{number}", "starts_at_means": value}).status_code == 302
        assert Event.objects.get(slug=f"t{number}").starts_at.astimezone(UTC).hour == hour
    assert "errorlist" in carol.post(ADD, {**posted, "starts_at_means": "12345"}).content.decode()


def test_whole_days_are_typed_and_shown_again_as_days(carol, statement):
    assert carol.post(ADD, typed(statement, "2027-12-03", "2027-12-05", whole_days="on")).status_code == 302
    event = Event.objects.get()
    assert (event.starts_at, event.ends_at) == (WEEK.start, WEEK.end)
    initial = form_of(carol.get(f"/admin/petitions/event/{event.pk}/change/")).initial
    assert (initial["starts_at"], initial["ends_at"]) == (date(2027, 12, 3), date(2027, 12, 5))
    one = typed(statement, "2027-12-03", whole_days="on", slug="one")
    assert carol.post(ADD, one).status_code == 302
    assert str(Event.objects.get(slug="one").period) == "Friday 3 December 2027"


@pytest.mark.parametrize(
    ("start", "end", "more", "field"),
    [
        ("2027-12-03", "", {}, "starts_at"),
        ("", "", {}, "starts_at"),
        ("", "", {"whole_days": "on"}, "starts_at"),
        ("2027-12-03T10:00", "2027-12-03T09:00", {}, "__all__"),
        ("2027-12-03T10:00", "2027-12-03T10:00", {}, "__all__"),
        ("2027-12-03", "2027-12-02", {"whole_days": "on"}, "ends_at"),
        ("2027-12-03T10:00", "T12:00", {}, "ends_at"),
        ("2027-12-03T10:00", "", {"timezone": "Europe/Nowhere"}, "timezone"),
    ],
)
def test_what_is_no_period_is_an_error_at_its_field(carol, statement, start, end, more, field):
    page = carol.post(ADD, typed(statement, start, end, **more))
    assert (page.status_code, list(form_of(page).errors), Event.objects.count()) == (422, [field], 0)
