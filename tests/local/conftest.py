import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.postgres import Cluster


@pytest.fixture(scope="session")
def initdb_once() -> Iterator[Path]:
    """The data of a new server, to be copied: making it takes a second."""
    server = Cluster(Path(tempfile.mkdtemp(prefix="us-", dir="/tmp")))
    server.start()
    server.stop()
    yield server.data
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder with a path short enough for a socket."""
    made = Path(tempfile.mkdtemp(prefix="us-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def cluster(folder: Path, initdb_once: Path) -> Iterator[Cluster]:
    """A running database server."""
    server = Cluster(folder / "postgres")
    shutil.copytree(initdb_once, server.data)
    server.folder.chmod(0o700)
    server.start()
    yield server
    server.stop()
