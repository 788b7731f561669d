"""A database that is away keeps nobody waiting, and is asked again as soon as it answers."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction

from core.models import Switch
from core.speed.postgresql.base import DatabaseWrapper
from tests.gate import NAME, Gate

ALIAS = "behind the gate"


@pytest.fixture
def gate(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), tempfile.TemporaryDirectory(prefix="us-", dir="/tmp") as folder:
        made = Gate(Path(folder), f"{connection.settings_dict['HOST']}/{NAME}")
        made.open()
        yield made
        made.shut()


@pytest.fixture
def behind(gate, monkeypatch):
    """A connection to the tests' database that leads through the gate, with the pool of a real site."""
    own = connection.settings_dict
    pool = {"min_size": 1, "max_size": 6, "timeout": settings.POOL_WAITS}
    changed = {**own, "HOST": str(Path(gate.path).parent), "OPTIONS": {**own["OPTIONS"], "pool": pool}}
    monkeypatch.setitem(connections.settings, ALIAS, changed)
    made = connections.create_connection(ALIAS)
    yield made
    made.close()
    made.close_pool()
    DatabaseWrapper.outages.pop(ALIAS)


def ask(behind: DatabaseWrapper) -> int:
    """One request's worth of the database."""
    try:
        with behind.cursor() as cursor:
            cursor.execute("SELECT 42")
            return cursor.fetchone()[0]
    finally:
        behind.close()


def until(true: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < 20, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - began


def answers(behind: DatabaseWrapper) -> bool:
    try:
        return ask(behind) == 42
    except OperationalError:
        return False


def test_who_asks_while_it_is_away_is_told_and_served_again_when_it_is_back(gate, behind):
    assert ask(behind) == 42
    gate.shut()
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(OperationalError):
            ask(behind)
    waited = time.monotonic() - began
    pool = behind.pool
    gate.open()
    until(lambda: answers(behind))
    assert ask(behind) == 42
    assert (waited < 10, behind.pool is pool) == (True, False)  # the old pool would have made each wait ten


def test_a_restart_of_the_server_is_seen_by_nobody_who_can_wait_a_moment(gate, behind):
    ask(behind)
    gate.shut()
    gate.open()
    assert ask(behind) == 42


def test_a_process_that_begins_while_it_is_away_is_told_as_well(gate, behind):
    gate.shut()
    assert not answers(behind)
    gate.open()
    until(lambda: answers(behind))


def test_a_pool_that_is_merely_empty_is_waited_for(behind):
    behind.settings_dict["OPTIONS"]["pool"]["max_size"] = 1
    held = connections.create_connection(ALIAS)
    held.ensure_connection()
    with pytest.raises(OperationalError):
        ask(behind)
    held.close()
    until(lambda: answers(behind))


def test_what_can_only_be_read_is_away_for_who_writes(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    with pytest.raises(OperationalError, match="read-only"), transaction.atomic():
        Switch.objects.create(name="mail", sentence="Resting.")
