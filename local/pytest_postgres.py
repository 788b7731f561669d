"""Gives a test run its own PostgreSQL, before Django's settings are read (`-p local.pytest_postgres`).

One throw-away cluster for each run, in a temp folder, so any number of runs and sites may live on the machine.
POSTGRES_BIN=/usr/lib/postgresql/15/bin takes another version than the wheel's. Set DATABASE_URL to test on a server of
yours; Django makes its test databases there.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from local.environment import sealed
from local.postgres import Cluster

# Bytes that the databases of a run may take, and the setting that keeps the log of changes within them.
ROOM = 2 * 1024**3
SMALL = {"max_wal_size": "256MB"}
CLUSTER = pytest.StashKey[Cluster]()


def settings_of_tests(database_url: str) -> dict[str, str]:
    """The settings of a test run: those of a site under development, on the test client's own host."""
    return sealed(
        DATABASE_URL=database_url,
        DEBUG="1",
        ORIGIN="http://testserver",
        SECRET_KEY="tests-only-" + "0123456789abcdef" * 4,
        SITE_NAME="Eastside Campaign",
        CONTACT_EMAIL="post@example.org",
        EMAIL_URL="smtp://127.0.0.1:9",
        # Playwright keeps an event loop in the thread that also runs Django's queries.
        DJANGO_ALLOW_ASYNC_UNSAFE="true",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the cluster. The workers of xdist inherit the environment and share it, each with its own database."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ.update(settings_of_tests(os.environ.get("DATABASE_URL") or _start(early_config)))
    try:
        return (yield)
    except BaseException:
        _stop(early_config)
        raise


def _start(config: pytest.Config) -> str:
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="undersigned-tests-", dir=_quick_folder())), SMALL)
    config.stash[CLUSTER] = cluster
    cluster.start()
    return cluster.url("postgres")


def _quick_folder() -> str:
    """Memory where there is enough: every setting stays as safe as on a real site, and costs nothing."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return str(memory) if roomy else "/tmp"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it and remove its folder."""
    _stop(config)


def _stop(config: pytest.Config) -> None:
    cluster = config.stash.get(CLUSTER, None)
    if cluster is not None:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)
