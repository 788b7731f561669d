"""A site as it would run for real, with the tests' database behind a gate, and a proxy before it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from local.environment import ROOT, sealed
from local.processes import Program, stop, web_server
from local.world import free_port
from tests import certificates
from tests.deploy.edge import Caddy, Edge, Nginx
from tests.deploy.visitor import NAME, Visitor
from tests.gate import NAME as SOCKET
from tests.gate import Gate


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in here are asked for by `make test-deploy`, and by nothing else."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.deploy)


@dataclass
class Site:
    """Two web servers, their ports, and the way to their database."""

    webs: list[Program]
    ports: list[int]
    gate: Gate
    folder: Path

    def direct(self, which: int = 0) -> Visitor:
        """A visitor who comes past the proxy."""
        return Visitor(self.ports[which], None)

    def log(self) -> str:
        """What the web servers have written."""
        return "".join(web.log.read_text() for web in self.webs)


@pytest.fixture(scope="session")
def unblocked(collecting, django_test_environment, django_db_modify_db_settings, django_db_blocker) -> Iterator[None]:
    """A database of its own, in which what a test writes is there for the web servers, and stays."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
        yield
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def collecting(folder) -> subprocess.Popen:
    """The static files on their way into the folder, while the database is being made."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    return subprocess.Popen(
        command, cwd=ROOT, env={**_settings(folder, ""), "DATABASE_URL": os.environ["DATABASE_URL"]}
    )


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder with a short name, for sockets."""
    made = Path(tempfile.mkdtemp(prefix="us-deploy-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def _settings(folder: Path, database: str) -> dict[str, str]:
    """The settings of a real site, whose database is behind the gate."""
    return {
        **os.environ,
        **sealed(
            DATABASE_URL=f"postgresql://postgres@/{database}?host={quote(str(folder / 'gate'), safe='/')}&port=5432",
            ORIGIN=f"https://{NAME}",
            SITE_NAME="Eastside Campaign",
            CONTACT_EMAIL="post@example.org",
            SECRET_KEY=settings.SECRET_KEY,
            TRUSTED_PROXIES="1",
            EMAIL_URL="smtp://127.0.0.1:9",
            LOG_FORMAT="json",
        ),
        "UNDERSIGNED_HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def site(unblocked, collecting, folder) -> Iterator[Site]:
    """The web servers, with their static files."""
    environment = _settings(folder, connection.settings_dict["NAME"])
    (folder / "gate").mkdir()
    gate = Gate(folder / "gate", f"{connection.settings_dict['HOST']}/{SOCKET}")
    gate.open()
    assert collecting.wait() == 0
    ports = [free_port(), free_port()]
    webs = [
        Program(f"web {port}", web_server(port, workers=1), environment, folder / f"web-{port}.log") for port in ports
    ]
    for web in webs:
        web.start()
    try:
        for port in ports:
            until_up(port)
        yield Site(webs, ports, gate, folder)
    finally:
        stop(webs)
        gate.shut()


def until_up(port: int) -> None:
    """Wait until a web server answers."""
    deadline = time.monotonic() + 40
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            assert time.monotonic() < deadline, port
            time.sleep(0.1)


@pytest.fixture(scope="session")
def certificate(folder) -> dict[str, str]:
    """A certificate for the site's name, made on the spot."""
    return certificates.authority(folder)


def _edge(kind: type[Edge], site: Site, certificate: dict[str, str]) -> Iterator[Edge]:
    own = site.folder / kind.__name__.lower()
    (own / "media").mkdir(parents=True)
    (own / "media" / "logo.txt").write_text("a logo")
    made = kind(own, site.ports, certificate)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="session")
def nginx(site, certificate) -> Iterator[Edge]:
    """nginx before the site."""
    yield from _edge(Nginx, site, certificate)


@pytest.fixture(scope="session")
def caddy(site, certificate) -> Iterator[Edge]:
    """Caddy before the site."""
    yield from _edge(Caddy, site, certificate)


@pytest.fixture(params=["nginx", "caddy"])
def edge(request) -> Edge:
    """Each of the proxies."""
    return request.getfixturevalue(request.param)
