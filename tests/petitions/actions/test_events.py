"""Events as calendars see them."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.utils import timezone

from petitions.actions.events import PLANS, save_event
from petitions.models import Event, Statement
from petitions.signatures import thanking
from tests.factories import EventFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db

MOVED = {
    "starts_at": lambda event: event.starts_at + timedelta(hours=1),
    "ends_at": lambda event: event.starts_at + timedelta(hours=3),
    "timezone": lambda event: "Europe/Paris",
    "whole_days": lambda event: setattr(event, "ends_at", event.starts_at + timedelta(days=1)) or True,
    "venue": lambda event: "The market hall",
    "address": lambda event: "1 Market Place",
    "online_url": lambda event: "https://example.org/join",
    "status": lambda event: Event.Status.CANCELLED,
}


@pytest.fixture
def protest() -> Event:
    """Not stored yet."""
    return Event(
        statement=StatementFactory(),
        title="Protest outside the town hall",
        slug="protest",
        starts_at=timezone.now() + timedelta(days=30),
    )


@pytest.fixture
def event(protest) -> Event:
    return save_event(event=protest)


def test_a_new_event_starts_at_zero_and_drops_kept_pages(protest):
    before = protest.statement.changed_at
    assert save_event(event=protest).sequence == 0
    assert Statement.objects.get(pk=protest.statement_id).changed_at > before


@pytest.mark.parametrize("name", PLANS)
def test_a_change_of_plans_raises_the_sequence_by_one(event, name):
    uid = event.uid
    setattr(event, name, MOVED[name](event))
    save_event(event=event)
    save_event(event=event)
    stored = Event.objects.get(pk=event.pk)
    assert (stored.sequence, stored.uid) == (1, uid)


def test_other_words_do_not(event):
    event.title, event.summary, event.accessibility = "March to the town hall", "Bring a book.", "Step-free."
    save_event(event=event)
    assert Event.objects.get(pk=event.pk).sequence == 0


def test_a_stale_copy_cannot_turn_the_sequence_back(event):
    stale = Event.objects.get(pk=event.pk)
    event.venue = "The market hall"
    save_event(event=event)
    stale.venue = "The old mill"
    save_event(event=stale)
    assert Event.objects.get(pk=event.pk).sequence == 2


def test_a_change_of_plans_is_written_down(event):
    event.venue, event.status = "The market hall", Event.Status.POSTPONED
    save_event(event=event, by=User.objects.create_user("carol"))
    assert LogEntry.objects.get().change_message == "Changed venue, status."


def test_moving_an_event_to_another_statement_drops_the_pages_of_both(event):
    old, new = event.statement, StatementFactory()
    before = [statement.changed_at for statement in (old, new)]
    event.statement = new
    save_event(event=event)
    after = [Statement.objects.get(pk=statement.pk).changed_at for statement in (old, new)]
    assert [now > was for now, was in zip(after, before, strict=True)] == [True, True]


@pytest.fixture
def around():
    """One statement with events on all sides of now, and its page's order of their titles."""
    statement, now = StatementFactory(slug="libraries"), timezone.now()
    for title, hours, values in (
        ("Long ago", -400, {}),
        ("Yesterday", -24, {}),
        ("On now", -1, {"ends_at": now + timedelta(hours=1)}),
        ("Next week", 170, {}),
        ("Off", 30, {"status": "cancelled"}),
    ):
        EventFactory(statement=statement, title=title, starts_at=now + timedelta(hours=hours), **values)
    return statement


def test_what_is_still_to_come_is_the_first_thing_to_do(client, around):
    page = client.get("/statements/libraries/").content.decode()
    calls, _, rest = page[page.index('id="do-heading"') :].partition("</ul>")
    found = [words.strip() for words in re.findall(r'<p class="call" dir="auto">(?:<del>)?([^<\n]*)', calls)]
    assert found[:2] == ["On now", "Next week"]
    assert ("Share it" in found[2], found[3:]) == (True, ["Get your organisation or branch to support.", "Off"])
    assert re.findall(r'<h3 dir="auto"><a [^>]*>([^<]*)', rest) == ["Yesterday", "Long ago"]


def test_who_has_signed_is_asked_only_to_what_takes_place(client, around):
    signed = SignatureFactory(statement=around, state="confirmed")
    page = client.get(thanking.url(signed)).content.decode()
    assert re.findall(r'<h3 dir="auto"><a [^>]*>([^<]*)', page) == ["On now", "Next week"]
