"""The last place of a hall goes to one person, whoever asks at once by whichever machine."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from petitions.actions import attending
from petitions.models import Attendance, Event
from submissions import agreeing
from tests.factories import EventFactory
from tests.meeting import meet
from tests.petitions.actions.making import ask, come

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, PLACES = 8, 3


def hall(places):
    return EventFactory(takes_names=True, slug="hall", capacity=places)


def press(submission):
    return agreeing.agree(attending.NUMBER, submission.pk)


def states():
    return sorted(Attendance.objects.values_list("state", flat=True))


def test_of_two_who_press_at_once_one_gets_the_last_place():
    event = hall(1)
    first, second = ask(event), ask(event, "derek@example.org", "Derek Ormerod")
    meet(lambda: press(first), lambda: press(second))
    assert (states(), Event.objects.get().coming) == (["coming", "waiting"], 1)


def test_who_makes_room_while_another_comes_leaves_no_place_empty_and_none_twice():
    event = hall(1)
    leaving = come(event)
    arriving = ask(event, "derek@example.org", "Derek Ormerod")
    meet(lambda: attending.withdraw(attendance_id=leaving.pk), lambda: press(arriving))
    assert (states(), Event.objects.get().coming) == (["coming", "withdrawn"], 1)


def test_a_crowd_from_many_machines_fills_the_hall_exactly():
    event = hall(PLACES)
    asked = [ask(event, f"reader-{number}@example.org", f"Reader {number}") for number in range(PEOPLE)]
    start = Barrier(PEOPLE)

    def at_once(submission):
        try:
            start.wait()
            return press(submission)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(at_once, asked))
    assert states() == ["coming"] * PLACES + ["waiting"] * (PEOPLE - PLACES)
    assert Event.objects.get().coming == PLACES
