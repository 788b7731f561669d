"""Files that are dear to make are made once, one at a time, and made anew exactly when what is in them changes."""

import threading

import pytest
from django.core.cache import caches
from django.test import RequestFactory

from core import http, making, paper, typesetting
from core.making import made_once


@pytest.fixture(autouse=True)
def _nothing_kept():
    caches["files"].clear()


def test_sixteen_who_ask_at_once_get_what_was_made_once():
    made, got, begin = [], [], threading.Barrier(16)

    def make() -> bytes:
        made.append(1)
        return b"file"

    def ask() -> None:
        begin.wait()
        got.append(made_once("test", of=("a", 1), make=make))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), got) == (1, [b"file"] * 16)


def test_something_else_is_made_anew():
    made = [
        made_once(name, of=of, make=lambda said=number: b"%d" % said)
        for number, (name, of) in enumerate([("a", 1), ("a", 2), ("b", 1), ("a", 1)])
    ]
    assert made == [b"0", b"1", b"2", b"0"]


def test_whoever_waits_too_long_comes_back_later(monkeypatch):
    monkeypatch.setattr(making, "WAIT_SECONDS", 0.05)
    with making._one_at_a_time, pytest.raises(making.Busy):
        made_once("test", of="other", make=lambda: b"")
    made_once("test", of="other", make=lambda: b"now")


def test_what_failed_is_tried_again_and_blocks_nobody():
    def fail() -> bytes:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            made_once("test", of="x", make=fail)
    assert made_once("test", of="x", make=lambda: b"y") == b"y"


def test_busy_is_503_with_the_time_to_come_back():
    answer = http.PublicMiddleware(lambda _: None).process_exception(RequestFactory().get("/"), making.Busy())
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "Very many people ask for this at this moment." in answer.content.decode()


def test_a_pdf_is_compiled_once_for_the_same_words(monkeypatch):
    compiled = []
    real = typesetting._compiled
    monkeypatch.setattr(typesetting, "_compiled", lambda *args: compiled.append(1) or real(*args))
    about = {
        "title": "x",
        "heading": "x",
        "language": "en",
        "dir": "ltr",
        "address": "https://x.example/",
        "short": "x",
    }
    about["qr"] = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='4'/>"
    first, again = (paper.pdf("petitions/poster.typ", about) for _ in range(2))
    other = paper.pdf("petitions/poster.typ", {**about, "heading": "y", "title": "y"})
    assert (len(compiled), first == again, first == other) == (2, True, False)
