"""What is written down about a request or a failure names nobody."""

import json
import logging
import sys

import pytest

from core import logs, resolver

TOKEN = "WzQyLDFd.aBc-123_x:1uZ"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        (f"Service Unavailable: /confirm/{TOKEN}/", "Service Unavailable: /confirm/…"),
        (f"https://x.example/manage/{TOKEN}/details/?a=b c", "https://x.example/manage/…?… c"),
        ("GET /admin/welcome/MQ/c1-2b3/", "GET /admin/welcome/…"),
        ("DETAIL: Key (email)=(amina+x@example.org) exists", "DETAIL: Key (email)=(…@example.org) exists"),
        ("550 <jörg@example.org>: no such user", "550 <…@example.org>: no such user"),
        ("GET /statements/libraries/ took 3.2 s, really? yes", "GET /statements/libraries/ took 3.2 s, really? yes"),
    ],
)
def test_people_are_taken_out(written, stands):
    assert logs.without_people(written) == stands


def record(*args) -> logging.LogRecord:
    try:
        raise ValueError("amina@example.org is twice")
    except ValueError:
        return logging.LogRecord("mail", logging.ERROR, "x.py", 1, "mail to %s fails", args, sys.exc_info())


def test_json_is_one_object_in_a_line():
    line = logs.Json().format(record("bo@example.org"))
    said = json.loads(line)
    assert {key: said[key] for key in ("level", "logger", "message")} == {
        "level": "error",
        "logger": "mail",
        "message": "mail to …@example.org fails",
    }
    assert ("\n" in line, "amina" in line, said["traceback"].splitlines()[-1]) == (
        False,
        False,
        "ValueError: …@example.org is twice",
    )


def test_text_masks_the_traceback_as_well():
    assert [name in logs.Text().format(record("bo@example.org")) for name in ("amina", "bo@")] == [False, False]


def test_every_address_with_a_key_in_it_is_masked():
    assert resolver._case_matters >= set(logs.KEYED)
