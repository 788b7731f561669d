"""Idempotency keys: what is sent again is not done again."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from api import replays
from api.models import Replay, Token
from core import retention
from petitions.models import Update
from tests.api.conftest import Program, new_token

NEWS = {"title": "We won", "body": "<p>Yes.</p>"}


def send(program, statement, key, **more):
    return program.send(f"statements/{statement.slug}/news", {**NEWS, **more}, Idempotency_Key=key)


@pytest.mark.django_db
def test_a_repeat_gets_the_same_answer_and_does_nothing(program, statement):
    first, again = (send(program, statement, "one") for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert [one.headers.get("Idempotency-Replayed") for one in (first, again)] == [None, "true"]
    assert Update.objects.count() == 1
    other = send(program, statement, "two", slug="other")
    assert (other.status_code, Update.objects.count()) == (201, 2)


@pytest.mark.django_db
def test_another_request_with_the_same_key_is_refused(program, statement):
    send(program, statement, "one")
    answer = send(program, statement, "one", title="Another")
    assert (answer.status_code, "came with another request" in answer.json()["detail"]) == (422, True)
    assert Update.objects.count() == 1


@pytest.mark.django_db
def test_a_key_is_one_programs(program, owner, statement):
    send(program, statement, "one")
    answer = send(Program(new_token(owner)), statement, "one", slug="other")
    assert (answer.status_code, Update.objects.count()) == (201, 2)


@pytest.mark.django_db
def test_what_was_refused_is_tried_anew(program, statement):
    assert send(program, statement, "one", title="").status_code == 422
    assert (send(program, statement, "one").status_code, Update.objects.count()) == (201, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_a_key_that_cannot_be_one(program, statement, key):
    assert send(program, statement, key).status_code == 400
    assert Update.objects.count() == 0


@pytest.mark.django_db
def test_it_is_forgotten_after_a_day(program, statement):
    send(program, statement, "one")
    Replay.objects.update(created_at=timezone.now() - timedelta(hours=25))
    again = send(program, statement, "one", slug="again")
    assert (again.status_code, Update.objects.count(), Replay.objects.count()) == (201, 2, 1)
    Replay.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert (retention.forget(), Replay.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_the_second_is_told_while_the_first_is_under_way_and_a_dead_one_leaves_nothing(program, statement):
    holds, free = Barrier(2, timeout=60), Barrier(2, timeout=60)
    token = Token.objects.get()

    def hold():
        with transaction.atomic():
            assert replays._locked(token, "one")
            holds.wait()
            free.wait()
            connection.close()  # as a process that dies
        connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    holds.wait()
    answer = send(program, statement, "one")
    free.wait()
    thread.join()
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert (send(program, statement, "one").status_code, Update.objects.count()) == (201, 1)
