"""The door before Django: it gives an answer again while that is known to be true, and only to the same question."""

import threading
import time

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
from django.utils import translation

from core.speed import front
from core.speed.front import FRESH_UNTIL, RENEWS, Front
from tests import factories

PAGE = {"PATH_INFO": "/statements/libraries/"}


@pytest.fixture
def asked():
    """How often the application behind the door was asked."""
    return []


@pytest.fixture
def door(asked):
    def application(environ, start_response):
        asked.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] != "/secret/":
            environ[FRESH_UNTIL] = time.monotonic() + 0.2
        status = "404 Not Found" if environ["PATH_INFO"] == "/missing/" else "200 OK"
        start_response(status, [("ETag", '"e1"'), ("Content-Type", "text/html"), ("Content-Length", "4")])
        return [b"pa", b"ge"]

    return Front(application)


def ask(door, **more) -> tuple[str, dict[str, str], bytes]:
    environ = {**RequestFactory().get("/").environ, **PAGE, **more}
    said = []
    body = b"".join(door(environ, lambda status, headers, *_: said.extend([status, dict(headers)])))
    return said[0], said[1], body


def test_a_fresh_answer_is_given_again_to_the_letter(door, asked):
    assert ask(door) == ask(door)
    assert asked == ["/statements/libraries/"]


def test_another_language_is_asked_for_anew(door, asked):
    ask(door)
    with translation.override("cy"):
        ask(door)
    assert len(asked) == 2


def test_it_is_forgotten_in_time(door, asked):
    ask(door)
    time.sleep(0.25)
    ask(door)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"REQUEST_METHOD": "POST"},
        {"REQUEST_METHOD": "HEAD"},
        {"QUERY_STRING": "via=wa"},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_PROTO": "http"},
        {"wsgi.url_scheme": "https"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"PATH_INFO": "/statements/other/"},
    ],
)
def test_another_question_is_asked_anew(door, asked, other):
    ask(door)
    ask(door, **other)
    assert len(asked) == 2


@pytest.mark.parametrize("path", ["/secret/", "/missing/"])
def test_what_was_not_marked_or_is_no_page_is_never_given_again(door, asked, path):
    ask(door, PATH_INFO=path)
    ask(door, PATH_INFO=path)
    assert len(asked) == 2


def test_who_has_it_already_is_told_so(door):
    ask(door)
    status, headers, body = ask(door, HTTP_IF_NONE_MATCH='"e1"')
    assert (status, headers, body) == ("304 Not Modified", {"ETag": '"e1"'}, b"")
    assert ask(door, HTTP_IF_NONE_MATCH='"e0"')[0] == "200 OK"


class Slow:
    """An application that answers with its turn, and lets the test hold it up."""

    def __init__(self):
        self.turn, self.status, self.fresh = 0, "200 OK", 0.05
        self.may_go_on, self.has_begun = threading.Event(), threading.Event()
        self.may_go_on.set()
        self.renewed = []

    def __call__(self, environ, start_response):
        self.turn += 1
        said = f"{self.turn}".encode()
        self.renewed.append(environ.get(RENEWS, False))
        self.has_begun.set()
        assert self.may_go_on.wait(10)
        environ[FRESH_UNTIL] = time.monotonic() + self.fresh
        start_response(self.status, [("ETag", '"e1"')])
        return [said]


def renewal(door, slow) -> threading.Thread:
    """Somebody asks for a page that is no longer fresh, and the application takes its time."""
    time.sleep(0.06)
    slow.may_go_on.clear()
    slow.has_begun.clear()
    thread = threading.Thread(target=ask, args=[door])
    thread.start()
    assert slow.has_begun.wait(10)
    return thread


def test_one_renews_it_and_the_others_get_it_as_it_was():
    slow = Slow()
    door = Front(slow)
    ask(door)
    thread = renewal(door, slow)
    assert [ask(door)[2], ask(door)[2]] == [b"1", b"1"]
    slow.fresh = 10
    slow.may_go_on.set()
    thread.join()
    assert ask(door)[2] == b"2"
    assert slow.renewed == [False, True]


def test_a_page_that_is_gone_is_given_to_nobody():
    slow = Slow()
    door = Front(slow)
    ask(door)
    slow.status = "410 Gone"
    thread = renewal(door, slow)
    slow.may_go_on.set()
    thread.join()
    assert (ask(door)[0], ask(door)[2]) == ("410 Gone", b"4")
    assert (door._answers, door._renewing) == ({}, {})


def test_a_renewal_that_does_not_come_back_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(front, "RENEWING_SECONDS", 0.1)
    slow = Slow()
    door = Front(slow)
    ask(door)
    thread = renewal(door, slow)
    time.sleep(0.11)
    held, slow.may_go_on = slow.may_go_on, threading.Event()
    slow.may_go_on.set()
    assert ask(door)[2] == b"3"
    held.set()
    thread.join()


def test_a_renewal_that_breaks_leaves_nothing(door, asked):
    def breaks(environ, start_response):
        raise RuntimeError

    ask(door)
    time.sleep(0.25)
    door._application = breaks
    with pytest.raises(RuntimeError):
        ask(door)
    assert (door._answers, door._renewing) == ({}, {})


def test_it_keeps_a_bounded_number(door, monkeypatch):
    monkeypatch.setattr(front, "MOST_ANSWERS", 3)
    for number in range(10):
        ask(door, PATH_INFO=f"/{number}/")
    assert len(door._answers) <= 3


@pytest.mark.django_db(transaction=True)
def test_a_real_page_has_all_its_headers_the_second_time(settings, django_assert_num_queries):
    settings.PAGE_FRESH_SECONDS = 5
    statement = factories.StatementFactory(slug="libraries")
    door = Front(get_wsgi_application())
    first = ask(door, HTTP_HOST="127.0.0.1:8000")
    with django_assert_num_queries(0):
        second = ask(door, HTTP_HOST="127.0.0.1:8000")
    assert first == second
    assert statement.title.encode() in second[2]
    assert second[1]["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in second[1]


@pytest.mark.django_db(transaction=True)
def test_the_demo_shows_every_change_at_once(settings):
    settings.PAGE_FRESH_SECONDS = 0
    factories.StatementFactory(slug="libraries")
    door = Front(get_wsgi_application())
    ask(door, HTTP_HOST="127.0.0.1:8000")
    assert door._answers == {}
