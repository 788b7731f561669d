import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from core import health, watching
from mail.models import OutgoingEmail, OutgoingRequest, WorkerHeartbeat

pytestmark = pytest.mark.django_db

READY = {"status": "ok", "database": "ok", "migrations": "ok", "worker": "ok", "writes": "ok", "durability": "ok"}


def beat(age_seconds=0):
    WorkerHeartbeat.objects.create(name="worker", beat_at=Now() - timedelta(seconds=age_seconds))


def queue(lane, age_seconds=0, state="queued", due_seconds_ago=None, attempts=0):
    OutgoingEmail.objects.create(
        kind="k",
        recipient="alice@example.org",
        lane=lane,
        state=state,
        attempts=attempts,
        created_at=Now() - timedelta(seconds=age_seconds),
        due_at=Now() - timedelta(seconds=age_seconds if due_seconds_ago is None else due_seconds_ago),
    )


def test_healthz_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_can_only_be_asked(client, path):
    assert client.post(path).status_code == 405


def test_readyz_is_content_with_a_live_worker_on_a_safe_database(client):
    beat(age_seconds=30)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("age", [None, 61])
def test_readyz_misses_the_worker(client, age):
    if age:
        beat(age)
    answer = client.get("/readyz")
    words = "no sign of life for 60 seconds: start manage.py worker"
    assert (answer.status_code, answer.json()) == (503, {**READY, "status": "failing", "worker": words})


def test_readyz_refuses_a_database_that_forgets(client):
    beat()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    answer = client.get("/readyz")
    expected = {**READY, "status": "failing", "durability": "synchronous_commit is off"}
    assert (answer.status_code, answer.json()) == (503, expected)


def test_readyz_finds_that_nothing_can_be_written(client):
    beat()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    answer = client.get("/readyz")
    words = "nothing can be written: see whether the database is read-only or its disk is full"
    assert (answer.status_code, answer.json()) == (503, {**READY, "status": "failing", "writes": words})


def test_readyz_leaves_nothing_behind(client):
    beat()
    client.get("/readyz")
    assert list(WorkerHeartbeat.objects.values_list("name", flat=True)) == ["worker"]


def test_readyz_sees_migrations_that_wait(client):
    beat()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    answer = client.get("/readyz")
    expected = {
        "status": "failing",
        "migrations": "1 not applied: run manage.py migrate",
        "worker": "unknown",
        "writes": "unknown",
    }
    assert (answer.status_code, answer.json()) == (503, {**READY, **expected})


def test_readyz_says_so_when_the_database_is_away(client, settings, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {})
    monkeypatch.setattr(connection, "connection", None)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "does not answer"


def test_metrics_count_what_waits_in_each_lane(client):
    queue(1, age_seconds=90)
    queue(1)
    queue(3, age_seconds=30, state="sent")
    lines = client.get("/metrics").content.decode().splitlines()
    assert [line.split(".")[0] for line in lines if re.match("undersigned_mail_(queued|oldest)", line)] == [
        'undersigned_mail_queued{lane="confirm"} 2',
        'undersigned_mail_queued{lane="notice"} 0',
        'undersigned_mail_queued{lane="bulk"} 0',
        'undersigned_mail_oldest_seconds{lane="confirm"} 90',
        'undersigned_mail_oldest_seconds{lane="notice"} 0',
        'undersigned_mail_oldest_seconds{lane="bulk"} 0',
    ]


def test_what_was_put_off_is_not_late_until_it_is_due(client):
    queue(1, age_seconds=9000, due_seconds_ago=-600)
    queue(2, age_seconds=9000, due_seconds_ago=40)
    queue(3, age_seconds=9000, due_seconds_ago=-600, attempts=4)
    lines = client.get("/metrics").content.decode().splitlines()
    assert [line.split(".")[0] for line in lines if line.startswith("undersigned_mail_oldest")] == [
        'undersigned_mail_oldest_seconds{lane="confirm"} 0',
        'undersigned_mail_oldest_seconds{lane="notice"} 40',
        'undersigned_mail_oldest_seconds{lane="bulk"} 9000',
    ]


def test_metrics_tell_of_requests_to_other_hosts(client):
    now = timezone.now()
    for state, attempts, asked, due, finished in [
        ("queued", 0, 9000, -600, None),  # put off
        ("queued", 0, 9000, 40, None),
        ("queued", 2, 90, -600, None),  # tried in vain
        ("failed", 8, 9000, 0, 10),
        ("sent", 1, 9000, 0, 10),
        ("sent", 1, 9000, 0, 3700),
    ]:
        OutgoingRequest.objects.create(
            kind="k",
            host="hooks.example.org",
            state=state,
            attempts=attempts,
            created_at=now - timedelta(seconds=asked),
            due_at=now - timedelta(seconds=due),
            finished_at=now - timedelta(seconds=finished) if finished else None,
        )
    lines = client.get("/metrics").content.decode().splitlines()
    assert [line.split(".")[0] for line in lines if line.startswith("undersigned_outbound")] == [
        "undersigned_outbound_failed 1",
        "undersigned_outbound_oldest_seconds 90",
        "undersigned_outbound_queued 3",
        "undersigned_outbound_sent_last_hour 1",
    ]


def gauge(client, name: str) -> str | None:
    lines = client.get("/metrics").content.decode().splitlines()
    return next((line.split()[1] for line in lines if line.startswith(f"{name} ")), None)


def test_metrics_count_what_was_refused_since_yesterday(client):
    for hours in (1, 2, 25):
        queue(1, state="failed")
        OutgoingEmail.objects.filter(finished_at=None).update(finished_at=Now() - timedelta(hours=hours))
    assert gauge(client, "undersigned_mail_failed") == "2"


def test_metrics_tell_of_the_machine_what_was_noted_on_it(client, settings, tmp_path):
    settings.HOME = tmp_path
    names = ("undersigned_backup_age_seconds", "undersigned_certificate_seconds")
    assert [gauge(client, name) for name in names] == [None, None]
    watching.note(watching.BACKUP, at=time.time() - 3600)
    watching.note(watching.CERTIFICATE, ends=time.time() - 5)
    assert [int(gauge(client, name)) // 10 for name in names] == [360, 0]
    assert 0 < float(gauge(client, "undersigned_disk_free_ratio")) < 1


def test_a_note_that_cannot_be_read_is_none(settings, tmp_path):
    settings.HOME = tmp_path
    watching.note(watching.BACKUP, at=1)
    (tmp_path / "var" / "notes" / "backup.json").write_text("[")
    assert watching.noted(watching.BACKUP) == {}


def test_apps_add_gauges_of_their_own(client, monkeypatch):
    monkeypatch.setattr(health, "_gauges", {})
    health.gauge("undersigned_cups_of_tea", "Cups of tea.")(lambda: 7)
    text = client.get("/metrics").content.decode()
    assert text.endswith(
        "# HELP undersigned_cups_of_tea Cups of tea.\n# TYPE undersigned_cups_of_tea gauge\nundersigned_cups_of_tea 7\n"
    )
