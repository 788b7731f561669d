"""Files that only one key opens, made while they are read."""

import threading

import pyrage
import pytest
from django.db import connection, connections

from core.encrypting import encrypted


def pieces(number=200, ended=None, breaks_at=None):
    try:
        for one in range(number):
            if one == breaks_at:
                raise ValueError("the database stopped")
            yield b"%d" % one * 1000
    finally:
        if ended is not None:
            ended.append(True)


def test_only_its_key_opens_it():
    key = pyrage.x25519.Identity.generate()
    made = b"".join(encrypted(pieces(), str(key.to_public())))
    assert made.startswith(b"age-encryption.org/v1\n")
    assert pyrage.decrypt(made, [key]) == b"".join(pieces())
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made, [pyrage.x25519.Identity.generate()])


def test_whoever_stops_reading_ends_it():
    ended = []
    before = threading.active_count()
    reading = encrypted(pieces(100_000, ended), str(pyrage.x25519.Identity.generate().to_public()))
    next(reading)
    reading.close()
    assert (ended, threading.active_count()) == ([True], before)


def test_what_goes_wrong_is_told():
    with pytest.raises(ValueError, match="the database stopped"):
        list(encrypted(pieces(breaks_at=150), str(pyrage.x25519.Identity.generate().to_public())))


@pytest.mark.django_db(transaction=True)
def test_its_thread_gives_its_connection_back():
    theirs = []

    def pieces():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'a name'")
            yield cursor.fetchone()[0].encode()
        theirs.append(connections["default"])

    identity = pyrage.x25519.Identity.generate()
    file = b"".join(encrypted(pieces(), str(identity.to_public())))
    assert pyrage.decrypt(file, [identity]) == b"a name"
    assert ([one.connection for one in theirs], theirs[0] is connections["default"]) == ([None], False)
