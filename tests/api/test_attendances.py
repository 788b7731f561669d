"""Who comes to an event, for programs: everybody reads how it stands as its page tells it, names need a token."""

import pytest

from api.models import Scope
from petitions.models import Attendance, Event
from tests.factories import EventFactory, StatementFactory
from tests.petitions.actions.making import come

pytestmark = pytest.mark.django_db
AMINA, DEREK, WINSOME = "amina@example.org", "derek@example.org", "winsome@example.org"


@pytest.fixture
def event(program):
    event = EventFactory(statement=StatementFactory(), slug="protest", takes_names=True, capacity=2, telling="always")
    for name, email in (("Amina Yusuf", AMINA), ("Derek Ormerod", DEREK), ("Winsome Nembhard", WINSOME)):
        come(event, email, name)
    other = EventFactory(statement=StatementFactory(), slug="other", takes_names=True)
    come(other, "else@example.org", "Somebody Else")
    return event


def standing(anybody):
    found = {one["slug"]: one for one in anybody.read("events").json()["data"]}["protest"]
    return {name: found[name] for name in ("takes_names", "capacity", "coming")}


def test_everybody_reads_how_it_stands_as_its_page_tells_it(anybody, event):
    assert standing(anybody) == {"takes_names": True, "capacity": 2, "coming": 2}
    Event.objects.filter(pk=event.pk).update(telling="never", capacity=3)
    assert standing(anybody) == {"takes_names": True, "capacity": 3, "coming": None}


def test_who_comes_is_read_page_by_page_without_mailboxes_by_whoever_may(program, program_with, anybody, event):
    Attendance.objects.filter(name="Amina Yusuf").update(state="withdrawn", withdrawn_at=event.changed_at)
    first = program.read("events/protest/attendances", limit=1)
    assert [(one["name"], one["state"]) for one in first.json()["data"]] == [("Derek Ormerod", "coming")]
    assert first["Cache-Control"] == "no-store"
    whole = program.read("events/protest/attendances")
    assert [(one["name"], one["state"]) for one in whole.json()["data"]] == [
        ("Derek Ormerod", "coming"),
        ("Winsome Nembhard", "waiting"),
    ]
    assert "@" not in whole.content.decode()
    refused = {
        who: asks.read("events/protest/attendances").status_code
        for who, asks in {"nobody": anybody, "other": program_with(Scope.EVENTS_WRITE)}.items()
    }
    assert refused == {"nobody": 401, "other": 403}
    assert program.read("events/unknown/attendances").status_code == 404


def test_a_program_says_that_names_are_taken_and_for_how_many(program):
    statement = StatementFactory(slug="library")
    sent = {"title": "March", "starts_at": "2027-03-01T18:00:00+00:00", "takes_names": True, "capacity": 60}
    made = program.send(f"statements/{statement.slug}/events", sent)
    assert (made.status_code, made.json()["capacity"], made.json()["takes_names"]) == (201, 60, True)
    changed = program.send("events/march", {"capacity": None}, method="PATCH")
    assert (changed.status_code, changed.json()["capacity"]) == (200, None)
    assert program.send("events/march", {"capacity": 0}, method="PATCH").status_code == 422
