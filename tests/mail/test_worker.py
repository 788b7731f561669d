"""`manage.py worker` as a process of its own: quick, obedient, and hard to kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.models.functions import Now

from local.environment import ROOT
from mail.models import OutgoingEmail, WorkerHeartbeat
from petitions.signatures import signing
from tests.factories import StatementFactory
from tests.mailserver import running

AMINA, BO, CAROL = "amina@example.org", "bo@example.org", "carol@example.org"


def own_database() -> str:
    """DATABASE_URL of the database that this test uses."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@pytest.fixture
def start(settings):
    """Start a worker; it is ended with the test."""
    started = []

    def start_worker() -> subprocess.Popen:
        environment = {
            **os.environ,
            "DATABASE_URL": own_database(),
            "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start_worker
    for process in started:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool], seconds: float = 60) -> float:
    """Wait until something is true; returns how long that took."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - begin


def ask(*addresses: str) -> None:
    statement = StatementFactory()
    for address in addresses:
        signing.sign(statement=statement, name="Somebody", email=address)


def all_sent() -> bool:
    return not OutgoingEmail.objects.exclude(state="sent").exists()


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_a_mail_goes_by_itself_and_sigterm_ends_it_in_order(server, start):
    worker = start()
    until(WorkerHeartbeat.objects.exists)
    assert WorkerHeartbeat.objects.filter(name__endswith=f":{worker.pid}").exists()

    ask(AMINA)
    until(lambda: server.received)
    until(all_sent)

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=5) == 0
    assert WorkerHeartbeat.objects.count() == 0


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_killed_after_the_250_it_sends_again_what_can_be_told_to_be_the_same(server, start):
    ask(AMINA)

    def kill(message):
        server.after_data = None
        os.kill(worker.pid, signal.SIGKILL)

    server.after_data = kill
    worker = start()
    assert worker.wait(timeout=20) == -signal.SIGKILL
    row = OutgoingEmail.objects.get()
    assert (row.state, row.attempts, row.outcome) == ("queued", 1, "sending")
    assert OutgoingEmail.objects.filter(claimed_until__lt=Now() + timedelta(seconds=60)).exists()

    OutgoingEmail.objects.update(claimed_until=Now())
    start()
    until(all_sent)
    assert server.recipients() == [AMINA, AMINA]
    assert {message["Message-ID"] for message in server.received} == {f"<{row.uuid}@example.org>"}
    assert OutgoingEmail.objects.get().attempts == 2


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_after_the_250_makes_no_second_mail(server, start):
    ask(AMINA, BO, CAROL)
    own = connection.connection.info.backend_pid
    cut = []

    def cut_off(message):
        server.after_data = None
        with psycopg.connect(own_database(), autocommit=True) as other:
            others = "datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)"
            sql = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}"
            cut.extend(other.execute(sql, [own]).fetchone())

    server.after_data = cut_off
    start()
    until(all_sent)
    assert cut[0] >= 1
    assert server.recipients() == [AMINA, BO, CAROL]


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_mail_waits_for_a_server_that_is_away_and_then_goes(settings, start):
    with running(settings):
        pass
    ask(AMINA)
    worker = start()
    until(WorkerHeartbeat.objects.exists)
    until(OutgoingEmail.objects.filter(state="queued", attempts=0, claimed_until=None, context__has_key="lists").exists)
    with running(settings, port=settings.EMAIL_PORT) as server:
        until(all_sent)
        assert server.recipients() == [AMINA]
        worker.terminate()
        said, _ = worker.communicate(timeout=30)
    assert said.count("the mail server does not answer, mail waits: ") == 1
    assert said.count("the mail server answers again") == 1


@pytest.mark.django_db
def test_once_says_how_many_went_out(server):
    ask(AMINA, BO)
    said = StringIO()
    call_command("worker", once=True, stdout=said)
    assert said.getvalue() == "2 sent\n"


@pytest.mark.django_db
def test_once_fails_when_the_mail_server_is_away(settings):
    with running(settings):
        pass
    ask(AMINA)
    with pytest.raises(CommandError, match="The mail server does not answer"):
        call_command("worker", once=True, stdout=StringIO())


@pytest.mark.parametrize("batch", [0, -1, 1001])
def test_a_batch_is_a_sensible_number(batch):
    with pytest.raises(CommandError, match="from 1 to 1000"):
        call_command("worker", once=True, batch=batch)


@pytest.mark.django_db
def test_it_refuses_a_database_that_forgets():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    with pytest.raises(SystemCheckError, match="synchronous_commit = off"):
        call_command("worker", once=True, stdout=StringIO())


@pytest.mark.django_db
def test_signals_mean_what_they_meant_once_it_has_ended(server):
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    call_command("worker", once=True, stdout=StringIO())
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
