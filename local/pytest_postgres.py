"""Gives a test run its own PostgreSQL, before Django's settings are read (`-p local.pytest_postgres`).

One throw-away cluster for each run, in a temp folder, so any number of runs and sites may live on the machine. What
initdb and the migrations made is kept in var/tests and copied as long as no file that they read has changed.
POSTGRES_BIN=/usr/lib/postgresql/15/bin takes another version than the wheel's. Set DATABASE_URL to test on a server of
yours; the test databases are made there, and dropped. UNDERSIGNED_TESTS_KEEP gives the migrated one a name and lets it
stay there, for many short runs on a server that goes away after them (local/mutants.py).
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from local.environment import ROOT, sealed
from local.postgres import Cluster, binaries

# Bytes that the databases of a run may take, and the setting that keeps the log of changes within them.
ROOM = 2 * 1024**3
SMALL = {"max_wal_size": "256MB"}
CLUSTER = pytest.StashKey[Cluster]()
TEMPLATE = "UNDERSIGNED_TESTS_TEMPLATE"  # in the environment: the database that every process copies
STAYS = "UNDERSIGNED_TESTS_KEEP"  # in the environment: its name on a server of yours, where it stays
KEPT = ROOT / "var" / "tests"
IMPORT = re.compile(r"^\s*(?:from ([\w.]+) import (\([^)]*\)|.*)|import ([\w.]+))", re.MULTILINE)


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
        url = os.environ.get("DATABASE_URL")
        own = f"undersigned_{_digest()}" + (f"_{os.getpid()}" if url else "")
        os.environ[TEMPLATE] = os.environ.get(STAYS) or own
        os.environ.update(settings_of_tests(url or _start(early_config)))
    try:
        return (yield)
    except BaseException:
        _stop(early_config)
        raise


def _start(config: pytest.Config) -> str:
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="undersigned-tests-", dir=_quick_folder())), SMALL)
    config.stash[CLUSTER] = cluster
    _copy_kept(cluster.data)
    cluster.start()
    return cluster.url("postgres")


def _kept() -> Path:
    """Where the data of a cluster with this template are kept, and for this user: nobody else may read them."""
    return KEPT / f"{os.environ[TEMPLATE]}-{os.geteuid()}"


def _copy_kept(data: Path) -> None:
    try:
        shutil.copytree(_kept(), data)
    except OSError:  # nothing kept, or another run has just replaced it
        shutil.rmtree(data, ignore_errors=True)


def _digest() -> str:
    """Of all files whose code decides what a migrated database holds: models, migrations and what they import."""
    apps = [path.parent for path in ROOT.glob("*/migrations")]
    waiting = {path for app in apps for path in (*app.glob("migrations/*.py"), *app.rglob("models*"), app / "apps.py")}
    waiting = {path for path in waiting if path.suffix == ".py"} | set(ROOT.glob("requirements/*.txt"))
    read: dict[Path, bytes] = {}
    while waiting:
        path = waiting.pop()
        read[path] = path.read_bytes()
        waiting |= {found for found in _imported(read[path].decode()) if found not in read}
    whole = hashlib.sha256(str(binaries()).encode())
    for path in sorted(read):
        whole.update(str(path).encode() + read[path])
    return whole.hexdigest()[:16]


def _imported(code: str) -> Iterator[Path]:
    """The files of ours that a file imports, wherever in it."""
    for module, names, plain in IMPORT.findall(code):
        for name in (plain, module, *(f"{module}.{name}" for name in re.findall(r"\w+", names))):
            path = ROOT / name.replace(".", "/")
            yield from (one for one in (path.with_suffix(".py"), path / "__init__.py") if name and one.is_file())


def _quick_folder() -> str:
    """Memory where there is enough: every setting stays as safe as on a real site, and costs nothing."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return str(memory) if roomy else "/tmp"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it, keep what the next run can use, and remove its folder; on another's server, remove the template."""
    if "PYTEST_XDIST_WORKER" in os.environ or TEMPLATE not in os.environ:
        return
    cluster = config.stash.get(CLUSTER, None)
    if cluster is None:
        if os.environ.get(STAYS):
            return
        # Where Django makes them, too: the database that the address names need not be there.
        with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(os.environ[TEMPLATE])))
        return
    databases = _databases(cluster)
    cluster.stop()
    if databases == {"postgres", os.environ[TEMPLATE]} and not _kept().exists():
        _keep(cluster.data)
    _stop(config)


def _databases(cluster: Cluster) -> set[str]:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template1'")
        return {name for (name,) in found}


def _keep(data: Path) -> None:
    """Copy it under another name first, since runs meet one another here; the one before is of no more use."""
    before = list(KEPT.glob("undersigned_*")) if KEPT.is_dir() else []
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=_made(KEPT)))
    shutil.copytree(data, unfinished / "data", ignore=shutil.ignore_patterns("postmaster.*"))
    try:
        (unfinished / "data").rename(_kept())
    except OSError:  # another run was quicker
        before = []
    for folder in (*before, unfinished):
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _stop(config: pytest.Config) -> None:
    cluster = config.stash.get(CLUSTER, None)
    if cluster is not None:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)
