import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from local.environment import ROOT
from local.postgres import LONGEST_SOCKET, SOCKET_NAME, Cluster, ClusterError, _locale, binaries

pytestmark = pytest.mark.whole


def ask(cluster, query):
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        found = connection.execute(query)
        return found.fetchall() if found.description else None


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(pid)


def test_it_is_durable_checked_and_private(cluster):
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums", "listen_addresses")
    assert [ask(cluster, f"SHOW {name}") for name in names] == [[("on",)]] * 4 + [[("",)]]
    assert (cluster.socket_folder() / SOCKET_NAME).is_socket()
    assert [path.stat().st_mode & 0o777 for path in (cluster.socket_folder(), cluster.data)] == [0o700, 0o700]


def test_stopped_and_started_it_keeps_its_rows(cluster):
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS number")
    cluster.stop()
    assert not cluster.answers()
    cluster.start()
    assert ask(cluster, "SELECT number FROM kept") == [(7,)]


def test_stopping_twice_is_no_mistake(cluster):
    cluster.stop()
    cluster.stop()
    assert not cluster.is_alive()


def test_what_was_committed_outlives_a_kill_of_the_server(cluster):
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS number")
    connection = psycopg.connect(cluster.url("postgres"))
    connection.execute("INSERT INTO kept VALUES (8)")
    os.kill(cluster.process.pid, signal.SIGKILL)
    cluster.process.wait()
    cluster.start()
    connection.close()
    assert ask(cluster, "SELECT number FROM kept") == [(7,)]


def test_a_killed_python_leaves_no_server_behind(folder):
    program = """
import sys, time
from pathlib import Path
from local.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print(cluster.process.pid, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", program, str(folder / "postgres")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as python:
        server = int(python.stdout.readline())
        python.kill()
    wait_until_gone(server)
    cluster = Cluster(folder / "postgres")
    cluster.start()
    assert ask(cluster, "SELECT 1") == [(1,)]
    cluster.stop()


def test_a_server_left_behind_is_ended_and_replaced(cluster):
    orphan = cluster.process
    second = Cluster(cluster.folder)
    second.start()
    assert orphan.wait(10) == 0
    assert ask(second, "SELECT 1") == [(1,)]
    second.stop()


def test_a_stale_lock_that_names_another_program_is_dropped(cluster):
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n\n\n")
    cluster.start()
    assert ask(cluster, "SELECT 1") == [(1,)]


def test_an_interrupted_set_up_is_done_again(folder):
    cluster = Cluster(folder / "postgres")
    unfinished = cluster.folder / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    cluster.start()
    assert ask(cluster, "SELECT 1") == [(1,)]
    assert not unfinished.exists()
    cluster.stop()


def test_a_folder_too_deep_for_a_socket_gets_a_private_one_elsewhere(folder):
    deep = folder / ("d" * LONGEST_SOCKET)
    cluster = Cluster(deep)
    cluster.start()
    elsewhere = cluster.socket_folder()
    assert ask(cluster, "SELECT 1") == [(1,)]
    assert len(os.fsencode(elsewhere / SOCKET_NAME)) <= LONGEST_SOCKET
    assert elsewhere.stat().st_mode & 0o777 == 0o700
    assert Cluster(deep).socket_folder() == elsewhere
    cluster.stop()
    elsewhere.chmod(0o755)
    replaced = Cluster(deep).socket_folder()
    assert replaced != elsewhere
    for path in (elsewhere, replaced):
        path.rmdir()


def test_ports_of_the_environment_do_not_matter(folder, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "/nowhere")
    cluster = Cluster(folder / "postgres")
    cluster.start()
    assert ask(cluster, "SHOW port") == [("5432",)]
    cluster.stop()


def test_a_server_that_cannot_start_says_why(folder, monkeypatch):
    monkeypatch.setattr("local.postgres.START_SECONDS", 0.5)
    cluster = Cluster(folder / "postgres", settings={"wal_level": "nonsense"})
    with pytest.raises(ClusterError, match="invalid value for parameter"):
        cluster.start()


def test_a_site_refuses_to_migrate_a_database_that_forgets(folder):
    names = ("fsync", "full_page_writes", "synchronous_commit")
    cluster = Cluster(folder / "postgres", settings=dict.fromkeys(names, "off"))
    cluster.start()
    site = {**os.environ, "DATABASE_URL": cluster.url("postgres")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(command, env=site, cwd=ROOT, capture_output=True, text=True, check=False)
    tables = ask(cluster, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    cluster.stop()
    assert done.returncode == 1
    assert [name for name in names if f"(core.E001) PostgreSQL runs with {name} = off" in done.stderr] == [*names]
    assert [name for name in names if f"ALTER SYSTEM SET {name} = on;" in done.stderr] == [*names]
    assert tables == [(0,)]


def test_another_version_is_taken_where_it_is_named(folder, monkeypatch):
    chosen = folder / "bin"
    chosen.mkdir()
    monkeypatch.setenv("POSTGRES_BIN", str(chosen))
    with pytest.raises(ClusterError, match=r"bin: name the folder of initdb and postgres\.$"):
        binaries()
    (chosen / "initdb").write_text("#!/bin/sh\necho 'initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'\n")
    (chosen / "initdb").chmod(0o700)
    assert (binaries(), _locale(chosen / "initdb")) == (chosen, ["--locale=C.UTF-8"])
    monkeypatch.delenv("POSTGRES_BIN")
    assert "--locale-provider=builtin" in _locale(binaries() / "initdb")
